"""The time of one search: an end that everybody works towards, and what each step took of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """`began` and `took` in seconds, from the beginning of the search."""

    name: str
    began: float
    took: float


@dataclass
class Deadline:
    """Begins when it is made and ends after `seconds`. All times are on the monotonic clock."""

    seconds: float
    began: float = field(default_factory=time.monotonic)
    steps: list[Step] = field(default_factory=list)

    @property
    def end(self) -> float:
        return self.began + self.seconds

    def left(self) -> float:
        return max(0.0, self.end - time.monotonic())

    def share(self, part: float) -> float:
        """Seconds that a step may take which has this part of the whole, unless less is left."""
        return min(self.left(), part * self.seconds)

    def passed_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)

    def took(self, *names: str) -> float:
        """Seconds that these steps took."""
        return sum(step.took for step in self.steps if step.name in names)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begin = time.monotonic()
        try:
            yield
        finally:
            self.steps.append(Step(name, begin - self.began, time.monotonic() - begin))
