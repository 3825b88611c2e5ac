"""Reading a question before the legs are asked: understood, then embedded, each within its part of the time."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aisdr.company import Company
from aisdr.errors import AisdrError
from aisdr.index.base import Place, Vocabulary
from aisdr.inference.base import Embedder, PictureEmbedder, Vectors
from aisdr.knowledge.base import Understanding, Understood
from aisdr.knowledge.corpus import Corpus
from aisdr.knowledge.deadline import Deadline
from aisdr.knowledge.lane import Lanes
from aisdr.knowledge.workers import Full, Stuck, Workers
from aisdr.observability import logger
from aisdr.tenant import TenantScope

UNDERSTANDING_SHARE = 0.1
EMBEDDING_SHARE = 0.5
"""Of the deadline. An embedder behind a network may take all of it, and the legs still have time for words alone."""


@dataclass(frozen=True)
class Read:
    """A question as the legs get it. `whole` is False when a part of the reading was not to be had in time."""

    understood: Understood
    vector: Vectors | None
    picture_vector: Vectors | None
    whole: bool
    embedded: bool
    """False when words alone are searched although there are vectors."""


class Reader:
    """Never fails: what cannot be had in time is done without."""

    def __init__(self, workers: Workers, lanes: Lanes, corpus: Corpus, understand: Understanding | None) -> None:
        self._workers = workers
        self._lanes = lanes
        self._corpus = corpus
        self._understand = understand

    def read(
        self,
        scope: TenantScope,
        company: Company,
        question: str,
        place: Place,
        version: str | None,
        deadline: Deadline,
    ) -> Read:
        understood, whole = Understood(question, question), True
        if self._understand is not None:
            with deadline.step("understanding"):
                patience = deadline.share(UNDERSTANDING_SHARE)
                until = time.monotonic() + patience
                vocabulary = self._corpus.vocabulary(scope, place, version, patience / 2)
                understood, whole = self._understood(self._understand, company, question, vocabulary, until)
                whole = whole and (vocabulary is not None or not version)
        with deadline.step("embedding"):
            patience = deadline.share(EMBEDDING_SHARE)
            awaited = [self._embedding(embedder, understood.text, patience) for embedder in _embedders(place)]
            vectors = [wait() for wait in awaited]
        embedded = all(vector is not None for vector in vectors)
        picture_vector = vectors[1] if place.pictures is not None else None
        return Read(understood, vectors[0], picture_vector, whole and embedded, embedded)

    def _understood(
        self,
        understand: Understanding,
        company: Company,
        question: str,
        vocabulary: Vocabulary | None,
        until: float,
    ) -> tuple[Understood, bool]:
        lane = ("understanding", company.company_id)
        try:
            understood = self._workers.call(
                lane, lambda: understand(company, question, vocabulary), until - time.monotonic()
            )
        except Exception as error:
            # An aid: without it the question is searched as it was asked.
            logger.warning("question not understood", company_id=company.company_id, error=type(error).__name__)
            return Understood(question, question), False
        return understood, True

    def _embedding(
        self, embedder: Embedder | PictureEmbedder, text: str, patience: float
    ) -> Callable[[], Vectors | None]:
        """Begins to embed; what comes back waits for the vector, but not beyond its part of the time."""
        space = embedder.space.name
        lane = self._lanes.of_embedder(space)
        permit = lane.breaker.enter()
        if permit is None:
            return lambda: None
        try:
            result = self._workers.begin(lane.key, lambda: embedder.embed_question(text), patience)
        except Stuck:
            lane.breaker.trip()
            return lambda: None
        except Full:
            return lambda: None
        until = time.monotonic() + patience

        def vector() -> Vectors | None:
            try:
                found = result(until - time.monotonic())
            except Exception as error:
                code = error.code if isinstance(error, AisdrError) else type(error).__name__
                logger.warning("question not embedded", embedder=space, code=code)
                lane.breaker.leave(permit, succeeded=False)
                return None
            lane.breaker.leave(permit, succeeded=True)
            return found

        return vector


def _embedders(place: Place) -> tuple[Embedder | PictureEmbedder, ...]:
    return (place.embedder,) if place.pictures is None else (place.embedder, place.pictures)
