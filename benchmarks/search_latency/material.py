"""What is searched: as many chunks as are wanted, or one small collection with all its questions.

Many chunks are windows of a hundred words over real abstracts, with directions drawn at random. Words are real, so that
posting lists are as long as in life; vectors need no meaning to cost what they cost.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aisdr.company import Company
from aisdr.configuration import Search
from aisdr.index.base import SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from benchmarks import collections
from benchmarks.collections import Matrix, Passage
from benchmarks.search_quality.ready import COMPANY, MINILM, ReadyVectors

WORDS = 100
DIMENSION = 384
QUESTIONS = 200
MANY = 10_000


def texts(number: int) -> Iterator[str]:
    """Every window begins elsewhere, and one that begins again at the same word takes another stride."""
    words = [word for passage in collections.read("scifact").passages for word in passage.text.split()]
    for each in range(number):
        stride = 1 + each * WORDS // len(words)
        begin = each * WORDS % len(words)
        yield " ".join(words[(begin + place * stride) % len(words)] for place in range(WORDS))


def vectors(number: int, seed: int = 1) -> Matrix:
    """Shape (number, 384), length 1."""
    drawn = np.random.default_rng(seed).standard_normal((number, DIMENSION), dtype=np.float32)
    unit: Matrix = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def questions(number: int) -> list[tuple[str, Matrix]]:
    """Claims about the abstracts, each with a direction of its own; fewer where each takes long."""
    asked = collections.read("scifact").questions[: QUESTIONS if number <= MANY else QUESTIONS // 2]
    return list(zip([question.text for question in asked], vectors(len(asked), seed=2), strict=True))


class Small:
    """A collection in an index: 240 passages, 1,190 questions with their vectors."""

    def __init__(self, folder: Path) -> None:
        collection = collections.read("xquad-en")
        self.passages = collection.passages
        self.texts = [question.text for question in collection.questions]
        self.vectors = ReadyVectors(MINILM, collection)
        self.index = indexed(folder, collection.passages, collection.passage_vectors)


def indexed(folder: Path, passages: Sequence[Passage], vectors: Matrix) -> EmbeddedIndex:
    index = EmbeddedIndex(folder, MINILM)
    chunks = [passage.chunk("all") for passage in passages]
    index.replace_source(COMPANY, SourceRecord("all", "1", len(chunks)), chunks, vectors)
    return index


def a_company(*, deadline_ms: int, **others: Any) -> Company:
    """Asks both legs at once."""
    return Company(
        company_id=COMPANY.company_id,
        slug="benchmark",
        display_name="Benchmark",
        website_url="https://benchmark.example",
        use_tavus_kb=True,
        search_strategy="parallel",
        search=Search(deadline_ms=deadline_ms),
        **others,
    )
