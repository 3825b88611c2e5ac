"""Answers that were just given: the same question to the same material needs no second search.

The key names the company and everything else the answer depends on, above all the version of the company's chunks, so
a change of the material or of the configuration is seen at once. What a company's own search address knows may change
without our noticing: hence the short life.
"""

import hashlib
import threading
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Hashable
from datetime import date

from aisdr.company import Company
from aisdr.configuration import SearchStrategy
from aisdr.index.base import Modality, Place
from aisdr.knowledge.base import SearchResult
from aisdr.knowledge.breaker import Clock

LIFE_SECONDS = 60.0
MOST_ANSWERS = 512


def key_of(
    company: Company,
    place: Place,
    version: str,
    question: str,
    strategy: SearchStrategy,
    limit: int,
    modalities: tuple[Modality, ...],
    live: bool,
    for_model: bool,
    day: date,
) -> Hashable:
    """All that an answer depends on. `version` is that of the company's chunks, `day` decides which have expired."""
    settings = hashlib.sha256(company.model_dump_json().encode()).digest()
    plain = " ".join(unicodedata.normalize("NFC", question).split())
    where = (place.engine, place.embedder.space.name, version)
    how = (strategy, limit, tuple(sorted(set(modalities))), live, for_model)
    return (company.company_id, settings, where, plain, how, day)


class Answers:
    """The last `MOST_ANSWERS` answers, each for `life` seconds. Nothing that is degraded gets in. Safe to share."""

    def __init__(self, clock: Clock = time.monotonic, life: float = LIFE_SECONDS) -> None:
        self._clock = clock
        self._life = life
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[float, SearchResult]] = OrderedDict()

    def get(self, key: Hashable) -> SearchResult | None:
        with self._lock:
            until, result = self._kept.get(key, (0.0, None))
            if result is None or until <= self._clock():
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return result

    def put(self, key: Hashable, result: SearchResult) -> None:
        if result.degraded:
            return
        with self._lock:
            self._kept[key] = (self._clock() + self._life, result)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_ANSWERS:
                self._kept.popitem(last=False)
