"""What is left of the time that a request may take: whoever asks somebody else asks for no longer than that.

The client says how long it waits (`X-Deadline-Ms`), and waits twelve seconds at most; API Gateway would cut it off at
29. Outside of a request, such as in the reconciler, nobody waits, and each step has its own time.
"""

import time
from contextvars import ContextVar

HEADER = "X-Deadline-Ms"
MOST_SECONDS = 12.0
MARGIN_SECONDS = 0.3
"""What answering takes, after the last one who was asked has answered."""

_end: ContextVar[float | None] = ContextVar("end", default=None)


def begin(milliseconds: str | None) -> None:
    """The request begins now. What is no number of milliseconds counts as not said."""
    said = (milliseconds or "").strip()
    wanted = int(said) / 1000 if said.isascii() and said.isdigit() and len(said) < 10 else MOST_SECONDS
    _end.set(time.monotonic() + min(wanted, MOST_SECONDS))


def at_most(seconds: float) -> None:
    """Who asks waits for no longer than so many seconds from now, whatever was left."""
    end = time.monotonic() + seconds
    before = _end.get()
    _end.set(end if before is None else min(before, end))


def seconds(most: float) -> float:
    """How long one step may take which may take `most` at any rate. 0 when there is no time left for it."""
    end = _end.get()
    return most if end is None else max(0.0, min(most, end - time.monotonic() - MARGIN_SECONDS))
