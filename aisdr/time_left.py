"""What is left of the time that a request may take: whoever asks somebody else asks for no longer than that.

The client says how long it waits (`X-Deadline-Ms`), and waits twelve seconds at most; API Gateway would cut it off at
29. Outside of a request, such as in the reconciler, nobody waits, and each step has its own time.

A paid vendor has what is left of our twelve seconds, whatever the client says: a create that is cut short may have been
bought all the same, and an impatient stranger must not make a vendor look as if it failed (`live/circuit.py`).
"""

import time
from contextvars import ContextVar
from dataclasses import dataclass

HEADER = "X-Deadline-Ms"
MOST_SECONDS = 12.0
MARGIN_SECONDS = 0.3
"""What answering takes, after the last one who was asked has answered."""


@dataclass(frozen=True)
class _Ends:
    """When a request is over, by the monotonic clock: as its client says, and as we do."""

    theirs: float
    ours: float


_end: ContextVar[_Ends | None] = ContextVar("end", default=None)


def begin(milliseconds: str | None) -> None:
    """The request begins now. What is no number of milliseconds counts as not said."""
    said = (milliseconds or "").strip()
    wanted = int(said) / 1000 if said.isascii() and said.isdigit() and len(said) < 10 else MOST_SECONDS
    now = time.monotonic()
    _end.set(_Ends(now + min(wanted, MOST_SECONDS), now + MOST_SECONDS))


def at_most(seconds: float) -> None:
    """Who asks waits for no longer than so many seconds from now, whatever was left."""
    end, before = time.monotonic() + seconds, _end.get()
    _end.set(_Ends(end, end) if before is None else _Ends(min(before.theirs, end), min(before.ours, end)))


def seconds(most: float) -> float:
    """How long one step may take which may take `most` at any rate. 0 when there is no time left for it."""
    end = _end.get()
    return most if end is None else _left(end.theirs, most)


def seconds_of_ours(most: float) -> float:
    """The same for a step that the client's own haste must not cut short."""
    end = _end.get()
    return most if end is None else _left(end.ours, most)


def _left(end: float, most: float) -> float:
    return max(0.0, min(most, end - time.monotonic() - MARGIN_SECONDS))
