"""One company's chunks in memory: what a question is compared with. Built from the file once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from aisdr.index.base import Chunk, IndexQuery, Origin, SearchHit
from aisdr.index.blend import blend, share_of_best
from aisdr.index.bm25 import Bm25
from aisdr.inference.base import Vectors, VectorSpace


@dataclass(frozen=True)
class LoadedCompany:
    """Rows stand in the order of their chunk ids, so that equal scores always come out in the same order."""

    version: str
    records: Sequence[str]
    """Chunks as JSON: only those that are answered with are ever parsed."""
    modalities: NDArray[np.str_]
    origins: NDArray[np.str_]
    """Comma-separated."""
    has_media: NDArray[np.bool_]
    words: Bm25
    vectors: Vectors
    space: VectorSpace

    def search(self, query: IndexQuery) -> list[SearchHit]:
        allowed = self._allowed(query)
        bm25, bound = self.words.scores(query.text)
        if query.vector is not None:
            # Every row's true cosine is at hand, so a row that only its words have found is not cut off from it.
            words = share_of_best(np.where(allowed, bm25, 0))
            meaning = self.space.meaning(self.vectors @ np.asarray(query.vector, dtype=np.float32).reshape(-1))
            scores = blend(words, meaning, query.words_weight)
        else:
            words = scores = bm25 / np.float32(bound) if bound else bm25
            meaning = np.zeros_like(scores)
        scores = np.where(allowed, scores, 0)
        origin: Origin = query.origin or "own"
        return [
            SearchHit(
                chunk=self._chunk(row),
                score=float(scores[row]),
                origins=(origin,),
                words=float(words[row]),
                meaning=float(meaning[row]),
            )
            for row in _best(scores, query.limit).tolist()
        ]

    @cached_property
    def media_chunks(self) -> tuple[Chunk, ...]:
        return tuple(self._chunk(row) for row in np.flatnonzero(self.has_media).tolist())

    def _chunk(self, row: int) -> Chunk:
        return Chunk.model_validate_json(self.records[row])

    def _allowed(self, query: IndexQuery) -> NDArray[np.bool_]:
        allowed = np.ones(len(self.records), dtype=np.bool_)
        if query.modalities:
            allowed &= np.isin(self.modalities, query.modalities)
        if query.origin:
            allowed &= np.char.find(self.origins, query.origin) >= 0
        return allowed


def _best(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    """Rows of the highest positive scores; of equal ones the first row comes first."""
    limit = max(0, min(limit, len(scores)))
    if limit == 0:
        return np.empty(0, dtype=np.intp)
    threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    rows = np.flatnonzero((scores >= threshold) & (scores > 0))
    return rows[np.argsort(-scores[rows], kind="stable")][:limit]
