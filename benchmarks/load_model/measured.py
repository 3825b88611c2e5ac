"""What each step of a conversation asks for, as tests/benchmarks/test_load_model.py counts it.

Served by an instance that has never seen the conversation: with a hundred of them, the next frame nearly always meets
such a one. A known conversation asks for less (docs/benchmarks.md, Relay).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Calls of DynamoDB and the units they take on demand, posts to sockets, and bytes written into the log."""

    calls: int
    reads: float
    writes: float
    posts: int
    log: int


STEPS = {
    "profile": Step(2, 2.0, 0.0, 0, 0),
    "session": Step(2, 1.0, 2.0, 0, 980),
    "connect": Step(6, 2.0, 7.0, 0, 680),
    "hello": Step(3, 2.0, 1.0, 1, 0),
    "question": Step(10, 5.0, 14.0, 2, 1570),
    "question to a model": Step(14, 7.0, 16.0, 2, 1950),
    "sentence": Step(7, 4.0, 3.0, 0, 400),
    "renew": Step(3, 3.0, 0.0, 0, 680),
    "disconnect": Step(5, 1.0, 4.0, 0, 0),
    "call": Step(17, 9.5, 23.0, 0, 2300),
    "event": Step(1, 0.0, 1.0, 0, 0),
    "utterance": Step(3, 1.0, 5.0, 0, 0),
    "tool": Step(11, 4.0, 16.0, 2, 2000),
    "hang up": Step(7, 4.0, 14.0, 0, 2000),
    "close": Step(4, 2.5, 4.0, 0, 200),
}
"""`question` is answered word for word from the material; its two posts are one piece and the whole."""

OWN_MS = {
    "question": 16.0,
    "question to a model": 13.0,
    "tool": 10.0,
    "sentence": 3.0,
    "call": 3.0,
}
"""Milliseconds of our own processor time (docs/benchmarks.md, Answer: the rest, the search, the embedded model)."""
OWN_MS_OTHERWISE = 2.0
"""The same for a frame or a door that only reads and writes (Relay: 1.7 ms)."""
