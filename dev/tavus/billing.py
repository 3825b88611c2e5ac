"""The bill: seconds from creation to end, at least thirty, in steps of six; and the plan's concurrent calls."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from dev.tavus.answers import Refusal

MINIMUM_SECONDS = 30
STEP_SECONDS = 6


def billed(seconds: float) -> int:
    steps = math.ceil(round(seconds, 6) / STEP_SECONDS) * STEP_SECONDS
    return max(MINIMUM_SECONDS, steps)


class Billable(Protocol):
    """What the meter needs to know of a call."""

    key: str
    test_mode: bool

    @property
    def active(self) -> bool: ...

    def billed_seconds(self, now: float) -> int: ...


@dataclass(frozen=True)
class Meter:
    """One plan for each key."""

    concurrency: int
    credit_seconds: int

    def used(self, calls: Iterable[Billable], key: str, now: float) -> int:
        return sum(call.billed_seconds(now) for call in calls if call.key == key)

    def running(self, calls: Iterable[Billable], key: str) -> int:
        return sum(call.active for call in calls if call.key == key)

    def admit(self, calls: Iterable[Billable], key: str, now: float) -> None:
        """Refuses a call that the plan does not hold, in the vendor's words: busy is 400, not 429."""
        calls = list(calls)
        if self.used(calls, key, now) >= self.credit_seconds:
            raise Refusal.message(402, "The user is out of conversational credits")
        if self.running(calls, key) >= self.concurrency:
            raise Refusal.message(400, "User has reached maximum concurrent conversations")
