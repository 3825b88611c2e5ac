"""What a search knows of a company's chunks before it asks for hits: their version, their words, if any can be seen.

Words and media may take long to read, so that is done in the background and kept for each version of the chunks. Until
then nobody waits for more than a moment, and a search does without.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar, cast

from aisdr.index.base import Place, Vocabulary
from aisdr.knowledge.workers import Full, Stuck, Workers
from aisdr.observability import logger
from aisdr.tenant import TenantScope

T = TypeVar("T")

READING_SECONDS = 60.0
"""Who reads for longer counts as stuck."""
MOST_KEPT = 128


class Corpus:
    """Facts about companies' chunks, the last `MOST_KEPT` of them. Safe to share between threads."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._lock = threading.Lock()
        self._facts: OrderedDict[Hashable, Future[object]] = OrderedDict()

    def version(self, scope: TenantScope, place: Place, patience: float) -> str | None:
        """Of the company's chunks; empty without any, None when the index does not say so within `patience` seconds."""
        lane = ("version", scope.company_id, place.engine)
        try:
            return self._workers.call(lane, lambda: place.index.version(scope), patience)
        except Exception as error:
            # Whatever it is, the legs will meet it too, and report it.
            logger.debug("version of the chunks unknown", company_id=scope.company_id, error=type(error).__name__)
            return None

    def vocabulary(self, scope: TenantScope, place: Place, version: str | None, patience: float) -> Vocabulary | None:
        """The words of the chunks; None when they are not known yet."""
        return self._fact("words", scope, place, version, patience, lambda: place.index.vocabulary(scope))

    def has_media(self, scope: TenantScope, place: Place, version: str | None, patience: float) -> bool:
        """Whether any chunk has something to show. Yes as long as nobody knows."""
        if version == "":
            return False
        found = self._fact("media", scope, place, version, patience, lambda: bool(place.index.media_chunks(scope)))
        return found is not False

    def _fact(
        self,
        kind: str,
        scope: TenantScope,
        place: Place,
        version: str | None,
        patience: float,
        read: Callable[[], T],
    ) -> T | None:
        if not version:
            return None
        key = (kind, scope.company_id, place.engine, version)
        with self._lock:
            fact = self._facts.get(key)
            is_new = fact is None
            if fact is None:
                fact = self._facts[key] = Future()
                while len(self._facts) > MOST_KEPT:
                    self._facts.popitem(last=False)
            self._facts.move_to_end(key)
        if is_new:
            self._begin(key, (kind, scope.company_id), fact, read)
        try:
            # Only the first one waits: a long reading must not cost every search its moment.
            return cast("T", fact.result(timeout=patience if is_new else 0))
        except Exception as error:  # late now, or failed: then it is read anew next time
            logger.debug("fact unknown", fact=kind, company_id=scope.company_id, error=type(error).__name__)
            return None

    def _begin(self, key: Hashable, lane: Hashable, fact: Future[object], read: Callable[[], object]) -> None:
        def work() -> None:
            try:
                fact.set_result(read())
            except Exception as error:
                self._forget(key)
                fact.set_exception(error)

        try:
            self._workers.start(lane, work, time.monotonic() + READING_SECONDS)
        except (Stuck, Full) as error:
            self._forget(key)
            fact.set_exception(error)

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            self._facts.pop(key, None)
