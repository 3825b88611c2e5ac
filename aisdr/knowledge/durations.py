"""How long something took lately, so that time can be kept for it."""

import threading
from collections import deque

REMEMBERED = 100
FEWEST_SEEN = 20


class Durations:
    """The last `REMEMBERED` of them, in seconds. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took: deque[float] = deque(maxlen=REMEMBERED)

    def observe(self, seconds: float) -> None:
        with self._lock:
            self._took.append(seconds)

    def usual_worst(self) -> float | None:
        """The 95th percentile; None before `FEWEST_SEEN` were seen."""
        with self._lock:
            if len(self._took) < FEWEST_SEEN:
                return None
            return sorted(self._took)[int(len(self._took) * 0.95)]
