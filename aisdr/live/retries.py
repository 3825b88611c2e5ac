"""Asking a vendor again: a few times, at random moments, and only what is harmless to ask twice."""

import random
import threading
from collections.abc import Callable
from typing import TypeVar

import stamina

from aisdr import time_left
from aisdr.errors import AisdrError, LeftAlone, VendorError

ATTEMPTS = 3
BASE_SECONDS, MOST_SECONDS = 0.1, 2.0
BUDGET, PER_CALL = 10.0, 0.1
"""A process asks again ten times, and once more for every ten calls: not all ask a vendor in trouble three times."""

T = TypeVar("T")


class Retries:
    """What one process may ask a vendor again. Safe to share between threads."""

    def __init__(self, chance: Callable[[float, float], float] = random.uniform) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._left = BUDGET

    def run(self, ask: Callable[[], T]) -> T:
        """Asks up to three times, as long as the request's own time lasts.

        Full jitter, so that many who failed together do not come back together; a vendor who says when to come back is
        taken at his word.

        Raises:
            AisdrError: what the last attempt raised.
        """
        self._earn()
        tried = 0

        def wait_for(error: Exception) -> bool | float:
            nonlocal tried
            wait = self._chance(0.0, min(MOST_SECONDS, BASE_SECONDS * 2**tried))
            tried += 1
            if isinstance(error, AisdrError) and error.retry_after is not None:
                wait = error.retry_after
            return wait if _may_repeat(error) and wait < time_left.seconds(MOST_SECONDS) and self._spend() else False

        for attempt in stamina.retry_context(on=wait_for, attempts=ATTEMPTS, timeout=None):
            with attempt:
                return ask()
        raise AssertionError("an attempt ends with an answer or an error")

    def _earn(self) -> None:
        with self._lock:
            self._left = min(BUDGET, self._left + PER_CALL)

    def _spend(self) -> bool:
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True


def _may_repeat(error: Exception) -> bool:
    """`retryable` alone is not enough: who was left alone a moment ago still is."""
    repeatable = isinstance(error, VendorError) and error.retryable and not error.outcome_unknown
    return repeatable and not isinstance(error, LeftAlone)
