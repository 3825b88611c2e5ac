"""When a slow read is worth asking a second time: after its usual worst, and not more often than the other side bears.

Dean and Barroso, "The Tail at Scale" (2013): one more request after the 95th percentile costs 5 % and takes most of the
tail away. The tokens keep it at that when everything is slow.
"""

import threading

from aisdr.knowledge.durations import Durations

EXTRA_LOAD = 0.05
MOST_TOKENS = 5.0


class Hedge:
    """What one remote leg's answers took lately, and the tokens it has left. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.durations = Durations()
        self._tokens = 0.0

    def observe(self, seconds: float) -> None:
        """One answer; for a late one, how long it was waited for."""
        self.durations.observe(seconds)

    def worth_after(self) -> float | None:
        """Counts one request, and says after how many seconds a second one is worth it; None before that is known."""
        with self._lock:
            self._tokens = min(MOST_TOKENS, self._tokens + EXTRA_LOAD)
        return self.durations.usual_worst()

    def spend(self) -> bool:
        """Takes a token for one more request, if there is one."""
        with self._lock:
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
