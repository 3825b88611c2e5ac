"""One company's chunks in memory: what a question is compared with. Built from the file once, never changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from aisdr.configuration import primary
from aisdr.index.analysis import question_terms
from aisdr.index.base import Chunk, IndexQuery, Origin, SearchHit
from aisdr.index.blend import Scores, blend, share_of_best
from aisdr.index.bm25 import Bm25
from aisdr.inference.base import Vectors, VectorSpace

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Days = NDArray[np.int32]

_EXPIRES = '"expires":"'
"""How a record begins to tell its last day. No text of a chunk can look like it: there a quote has a backslash."""


@dataclass(frozen=True)
class Directions:
    """Vectors of some of the rows, in one space."""

    space: VectorSpace
    vectors: Vectors
    """Shape (n, dimension)."""
    rows: Rows | None = None
    """Whose they are, shape (n,); None when every row has one."""

    def meaning(self, vector: Vectors, size: int) -> Scores:
        """How near each of `size` rows is, 0 to 1; 0 for one without a vector."""
        near: Scores = self.space.meaning(self.vectors @ np.asarray(vector, dtype=np.float32).reshape(-1))
        if self.rows is None:
            return near
        spread = np.zeros(size, dtype=np.float32)
        spread[self.rows] = near
        return spread


@dataclass(frozen=True)
class LoadedCompany:
    """Rows stand in the order of their chunk ids, so that equal scores always come out in the same order."""

    version: str
    owner: str
    """The mark of the company that the file says it is of."""
    records: Sequence[str]
    """Chunks as JSON: only those that are answered with are ever parsed."""
    modalities: NDArray[np.str_]
    languages: NDArray[np.str_]
    """Primary ones: `pt` of a chunk in `pt-BR`."""
    origins: NDArray[np.str_]
    """Comma-separated."""
    tags: Sequence[str]
    """Each between two line feeds."""
    has_media: Mask
    words: Bm25
    texts: Directions
    pictures: Directions | None = None
    last_days: Days | None = None
    """Ordinals of the last days on which the rows may be found; None when nothing ever expires."""

    def search(self, query: IndexQuery, day: date) -> list[SearchHit]:
        size = len(self.records)
        allowed = self._allowed(query, day)
        bm25, bound = self.words.scores(question_terms(query.text, self._known_languages))
        if allowed is not None:
            bm25 = np.where(allowed, bm25, 0)
        if query.vector is not None:
            # Every row's true cosine is at hand, so a row that only its words have found is not cut off from it.
            meaning = self._meaning(query, query.vector, size)
            words = share_of_best(bm25)
            scores = blend(words, meaning, query.words_weight)
        else:
            words = scores = bm25 / np.float32(bound) if bound else bm25
            meaning = np.zeros_like(scores)
        if allowed is not None:
            scores = np.where(allowed, scores, 0)
        origin: Origin = query.origin or "own"
        return [
            SearchHit(
                chunk=self._chunk(row),
                score=float(scores[row]),
                origins=(origin,),
                words=float(words[row]),
                meaning=float(meaning[row]),
                owner=self.owner,
            )
            for row in _best(scores, query.limit).tolist()
        ]

    def media_chunks(self, day: date) -> list[Chunk]:
        return [chunk for chunk in self._media_chunks if chunk.is_current(day)]

    @cached_property
    def _media_chunks(self) -> tuple[Chunk, ...]:
        return tuple(self._chunk(row) for row in np.flatnonzero(self.has_media).tolist())

    @cached_property
    def _known_languages(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.languages.tolist())))

    def _chunk(self, row: int) -> Chunk:
        return Chunk.model_validate_json(self.records[row])

    def _meaning(self, query: IndexQuery, vector: Vectors, size: int) -> Scores:
        """A chunk that also has a picture's vector is as near as the nearer of the two."""
        meaning = self.texts.meaning(vector, size)
        if self.pictures is not None and query.picture_vector is not None:
            meaning = np.maximum(meaning, self.pictures.meaning(query.picture_vector, size))
        return meaning

    def _allowed(self, query: IndexQuery, day: date) -> Mask | None:
        """None when everything is."""
        masks: list[Mask] = []
        if self.last_days is not None:
            masks.append(self.last_days >= day.toordinal())
        if query.modalities:
            masks.append(np.isin(self.modalities, query.modalities))
        if query.origin:
            masks.append(np.char.find(self.origins, query.origin) >= 0)
        if query.languages:
            masks.append(np.isin(self.languages, [primary(language) for language in query.languages]))
        if query.tags:
            wanted = [f"\n{tag}\n" for tag in query.tags]
            masks.append(np.array([any(tag in tags for tag in wanted) for tags in self.tags], dtype=np.bool_))
        return np.logical_and.reduce(masks) if masks else None


def last_days(records: Sequence[str]) -> Days | None:
    """Read out of the records, so that a file of any age tells it; few have one, and only those are parsed."""
    expiring = [row for row, record in enumerate(records) if _EXPIRES in record]
    if not expiring:
        return None
    days = np.full(len(records), date.max.toordinal(), dtype=np.int32)
    days[expiring] = [date.fromisoformat(json.loads(records[row])["expires"]).toordinal() for row in expiring]
    return days


def _best(scores: Scores, limit: int) -> Rows:
    """Rows of the highest positive scores; of equal ones the first row comes first."""
    limit = max(0, min(limit, len(scores)))
    if limit == 0:
        return np.empty(0, dtype=np.intp)
    threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    rows = np.flatnonzero((scores >= threshold) & (scores > 0))
    return rows[np.argsort(-scores[rows], kind="stable")][:limit]
