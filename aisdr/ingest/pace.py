"""How often one site is asked: never more often than agreed, and not at all while it asks for patience."""

import threading
import time
from collections.abc import Callable


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Pace:
    """Spreads the requests of several threads. Each `step` is one request.

    Args:
        rate: requests in a second; 0 for as many as there can be.
        clock, wait: the time, and waiting for so many seconds unless it is stopped before; tests have their own.
    """

    def __init__(
        self,
        rate: float = 0.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._interval = 1 / rate if rate else 0.0
        self._clock = clock
        self._stopped = threading.Event()
        self._wait = wait or self._stopped.wait
        self._lock = threading.Lock()
        self._next = 0.0

    def slow_to(self, interval: float) -> None:
        """At least so many seconds between two requests."""
        self._interval = max(self._interval, interval)

    def hold(self, seconds: float) -> None:
        """Nobody asks anything for so long."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)

    def step(self) -> None:
        """Waits for one's turn. Raises: Stopped."""
        while not self._stopped.is_set():
            with self._lock:
                now = self._clock()
                if now >= self._next:
                    self._next = now + self._interval
                    return
                left = self._next - now
            self._wait(left)
        raise Stopped

    def stop(self) -> None:
        """Lets nobody ask any more; who waits is woken up."""
        self._stopped.set()
