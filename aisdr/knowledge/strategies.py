"""The four strategies: which leg is asked first, when the other one is, and with what weight they are merged."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aisdr.company import Company
from aisdr.configuration import SearchStrategy
from aisdr.index.base import Origin
from aisdr.knowledge.asking import Asking, Way
from aisdr.knowledge.router import Decision

FIRST_LEG_SECONDS = 0.12
FIRST_LEG_SHARE = 0.4
"""Where a second leg may have to be asked after the first, the first one is waited for so long, whichever is less.
After that it may still answer, but no longer alone."""

EVEN = 0.5
"""A leg that was asked because the other one failed to convince stands level with it in the merge."""


@dataclass(frozen=True)
class Course:
    """The way that a search took: the Tavus leg's weight, and what the router decided if it was asked."""

    weight: float
    decision: Decision | None = None

    @property
    def weights(self) -> dict[Origin, float]:
        return {"own": 1 - self.weight, "tavus": self.weight}


@dataclass(frozen=True)
class Strategies:
    """Carries out one search's strategy.

    `shows_only` says that only something to look at is wanted: the router need not be asked then.
    """

    asking: Asking
    own: Way
    tavus: Way
    company: Company
    shows_only: bool
    first_leg_seconds: float = FIRST_LEG_SECONDS

    def follow(self, strategy: SearchStrategy, route: Callable[[], Decision]) -> Course:
        """Asks the legs until all have answered or their time is over. `route` asks the router."""
        weight = self.company.tavus_kb_weight
        match strategy:
            case "own":
                return Course(self._together(weight, self.own))
            case "parallel":
                return Course(self._together(weight, self.own, self.tavus))
            case "fallback":
                return Course(self._one_then_other(self.tavus, self.own, weight, EVEN))
            case "smart":
                decision = Decision("multimodal", 1.0, "modalities") if self.shows_only else route()
                return Course(self._routed(decision, weight), decision)

    def _routed(self, decision: Decision, weight: float) -> float:
        match decision.route:
            case "text":
                return self._one_then_other(self.tavus, self.own, weight, EVEN)
            case "multimodal":
                # What was asked for can be in the own leg only, so words found beside it never outweigh it.
                return self._one_then_other(self.own, self.tavus, weight, min(weight, EVEN))
            case "both":
                return self._together(weight, self.own, self.tavus)

    def _together(self, weight: float, *ways: Way) -> float:
        for way in ways:
            self.asking.start(way)
        self.asking.run()
        return weight

    def _one_then_other(self, first: Way, second: Way, weight: float, weight_of_both: float) -> float:
        """Asks the second leg only when the first has no good answer in its time.

        Returns:
            The weight to merge with.
        """
        weak = 0.0 if self.shows_only else self.company.search.weak
        patience = min(self.first_leg_seconds, FIRST_LEG_SHARE * self.asking.left())
        one = self.asking.start(first)
        self.asking.run(time.monotonic() + patience)
        if one.convinces(weak):
            self.asking.skip(second)
            return weight
        other = self.asking.start(second)
        self.asking.run(enough=lambda: one.convinces(weak) or other.convinces(weak))
        if one.convinces(weak):
            self.asking.drop(other)
        return weight_of_both
