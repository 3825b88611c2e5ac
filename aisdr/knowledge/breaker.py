"""A circuit breaker: who fails again and again is left alone for a while, so that nobody waits for him.

A class of our own, because the one at hand (`aws_lambda_powertools.utilities.circuit_breaker`) keeps its state in
DynamoDB, which costs a read where a leg has a quarter of a second, opens on consecutive errors only, and counts
exceptions, while our commonest failure is an answer that does not come. Here a decision costs microseconds, and what
one process has seen is all that matters to it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from aisdr.observability import logger

State = Literal["closed", "open", "half-open"]

CONSECUTIVE = 5
WINDOW = 20
WINDOW_SHARE = 0.5
RETRY_SECONDS = 10.0

Clock = Callable[[], float]


class Breaker:
    """Opens after `CONSECUTIVE` failures, or when half of the last `WINDOW` outcomes were failures.

    After `RETRY_SECONDS` one probe is let through; its outcome closes the breaker or opens it again. Changes of the
    state are logged with `facts`. Safe to share between threads.
    """

    def __init__(self, clock: Clock = time.monotonic, **facts: str) -> None:
        self._clock = clock
        self._facts: dict[str, Any] = dict(facts)
        self._lock = threading.Lock()
        self._state: State = "closed"
        self._outcomes: deque[bool] = deque(maxlen=WINDOW)
        self._since = 0.0
        self._generation = 0

    @property
    def state(self) -> State:
        return self._state

    def enter(self) -> int | None:
        """A permit to try, which goes back with the outcome; None when nobody should."""
        with self._lock:
            if self._state != "closed":
                # A probe of which nothing was heard must not keep the door shut for ever: it counts as failed.
                if self._clock() - self._since < RETRY_SECONDS:
                    return None
                self._become("half-open")
            return self._generation

    def leave(self, permit: int, *, succeeded: bool) -> None:
        """Tells how it went. Late is a failure. What was begun in an earlier state says nothing about this one."""
        with self._lock:
            if permit != self._generation:
                return
            if self._state == "half-open":
                self._become("closed" if succeeded else "open")
                return
            self._outcomes.append(succeeded)
            recent = list(self._outcomes)
            failures = recent.count(False)
            if failures >= WINDOW * WINDOW_SHARE or (len(recent) >= CONSECUTIVE and not any(recent[-CONSECUTIVE:])):
                self._become("open")

    def trip(self) -> None:
        """Opens at once: it is plain that nothing will come."""
        with self._lock:
            if self._state != "open":
                self._become("open")

    def _become(self, state: State) -> None:
        before, self._state = self._state, state
        self._since = self._clock()
        self._generation += 1
        self._outcomes.clear()
        log = logger.warning if state == "open" else logger.info
        log("breaker changed", before=before, after=state, **self._facts)
