"""What one process remembers of a leg of one company: whether it is worth asking, and how long it usually takes."""

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from aisdr.company import Company
from aisdr.index.base import Place
from aisdr.knowledge.base import Leg
from aisdr.knowledge.breaker import Breaker, Clock
from aisdr.knowledge.hedge import Hedge

MOST_LANES = 1024


@dataclass(frozen=True)
class Lane:
    """`remote` says that a slow read may be asked once more."""

    key: Hashable
    breaker: Breaker
    remote: bool
    hedge: Hedge = field(default_factory=Hedge)


class Lanes:
    """The lanes of this process; those not used for longest are forgotten. Safe to share between threads.

    Every lane belongs to one company. An engine keeps an index for each, so one company's broken index must not keep
    the others' questions from being asked; a node that is down costs each company five answers.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lanes: OrderedDict[Hashable, Lane] = OrderedDict()

    def of_leg(self, leg: Leg, company: Company, place: Place) -> Lane:
        """A new search address is a new lane: what was learned of the old one says nothing about it."""
        if leg.name == "tavus" and company.tavus_kb_search_url is not None:
            return self._lane("address", company.company_id, company.tavus_kb_search_url, remote=True)
        kind = "own" if leg.name == "own" else "mirror"
        return self._lane(kind, company.company_id, place.engine, remote=place.engine != "embedded")

    def of_embedder(self, space: str) -> Lane:
        return self._lane("embedder", "", space, remote=False)

    def of_stage(self, name: str) -> Lane:
        return self._lane("second stage", "", name, remote=False)

    def _lane(self, kind: str, company_id: str, where: str, *, remote: bool) -> Lane:
        key = (kind, company_id, where)
        with self._lock:
            lane = self._lanes.get(key)
            if lane is None:
                facts = {"lane": kind, "company_id": company_id} if company_id else {"lane": kind, "of": where}
                lane = self._lanes[key] = Lane(key, Breaker(self._clock, **facts), remote)
                while len(self._lanes) > MOST_LANES:
                    self._lanes.popitem(last=False)
            self._lanes.move_to_end(key)
            return lane
