"""MiniLM's vectors as the collections ship them, where a service would compute them."""

from collections.abc import Sequence

import numpy as np

from aisdr.inference.base import VectorSpace
from aisdr.tenant import TenantScope
from benchmarks.collections import Collection, Matrix, Passage

COMPANY = TenantScope.for_operator("benchmark")
MINILM = VectorSpace("all-MiniLM-L6-v2", 384)


class ReadyVectors:
    """An embedder that has every vector of one collection at hand."""

    def __init__(self, space: VectorSpace, collection: Collection) -> None:
        self.space = space
        self._rows = {passage.passage_id: row for row, passage in enumerate(collection.passages)}
        self._passages = collection.passage_vectors
        self._questions: dict[str, Matrix] = {
            question.text: vector
            for question, vector in zip(collection.questions, collection.question_vectors, strict=True)
        }
        self._texts = {passage.text: row for row, passage in enumerate(collection.passages)}

    def of(self, passages: Sequence[Passage]) -> Matrix:
        vectors: Matrix = self._passages[[self._rows[passage.passage_id] for passage in passages]]
        return vectors

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        vectors: Matrix = np.stack([self._passages[self._texts[text]] for text in texts])
        return vectors

    def embed_question(self, text: str) -> Matrix:
        vector: Matrix = self._questions[text]
        return vector
