"""The vendor's time, which here may run faster than ours or be pushed forward by a test."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"A clock cannot run at speed {speed}")
        self.speed = speed
        self._started = time.time()
        self._pushed = 0.0

    def now(self) -> float:
        return self._started + (time.time() - self._started) * self.speed + self._pushed

    def advance(self, seconds: float) -> None:
        self._pushed += seconds

    def take_back(self) -> None:
        """As if nobody had ever pushed it."""
        self._pushed = 0.0

    async def sleep(self, seconds: float) -> None:
        """Sleeps in the vendor's seconds, and notices a push."""
        until = self.now() + seconds
        while (left := until - self.now()) > 0:  # noqa: ASYNC110  (time itself has no event to wait for)
            await asyncio.sleep(min(left / self.speed, 0.05))

    def in_real_seconds(self, seconds: float) -> float:
        return seconds / self.speed


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
