"""Both engines on the same collection: how often they answer with the same chunks in the same order, and how fast."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisdr.index.base import IndexQuery, SearchHit, SearchIndex, SourceRecord
from benchmarks.collections import Collection
from benchmarks.search_quality.ready import COMPANY

LIMIT = 10
CLOSE = 1e-4
"""Hits whose scores are nearer than this may stand either way round."""
CHUNKS_A_SOURCE = 1000


@dataclass(frozen=True)
class Parity:
    agreed: float
    """Share of the questions with the same chunks in the same order."""
    apart: float
    """The widest difference between two scores of one chunk."""
    p50: dict[str, float]
    """Engine → milliseconds a question."""
    p95: dict[str, float]


def compare(engines: dict[str, SearchIndex], collection: Collection) -> Parity:
    """The first engine named is the one that the others are held against."""
    for index in engines.values():
        fill(index, collection)
    answers: dict[str, list[list[SearchHit]]] = {}
    times: dict[str, list[float]] = {}
    for name, index in engines.items():
        for text, vector in _questions(collection)[:20]:
            index.search(COMPANY, IndexQuery(text, vector, LIMIT))
        answers[name], times[name] = [], []
        for text, vector in _questions(collection):
            begin = time.perf_counter()
            answers[name].append(index.search(COMPANY, IndexQuery(text, vector, LIMIT)))
            times[name].append((time.perf_counter() - begin) * 1000)
    first, second = answers.values()
    return Parity(
        agreed=float(np.mean([same_order(one, other) for one, other in zip(first, second, strict=True)])),
        apart=max(widest(one, other) for one, other in zip(first, second, strict=True)),
        p50={name: float(np.percentile(each, 50)) for name, each in times.items()},
        p95={name: float(np.percentile(each, 95)) for name, each in times.items()},
    )


def fill(index: SearchIndex, collection: Collection) -> None:
    chunks = list(collection.passages)
    for first in range(0, len(chunks), CHUNKS_A_SOURCE):
        some, source = chunks[first : first + CHUNKS_A_SOURCE], f"{collection.name}-{first}"
        vectors = collection.passage_vectors[first : first + CHUNKS_A_SOURCE]
        index.replace_source(
            COMPANY, SourceRecord(source, "1", len(some)), [each.chunk(source) for each in some], vectors
        )


def same_order(one: list[SearchHit], other: list[SearchHit]) -> bool:
    """The same chunks in the same order, but for neighbours whose scores are as good as equal."""
    if len(one) != len(other):
        return False
    for place, (mine, theirs) in enumerate(zip(one, other, strict=True)):
        if mine.chunk.chunk_id == theirs.chunk.chunk_id:
            continue
        near = [hit for hit in (*one[max(0, place - 2) : place + 3], *one[-1:]) if hit is not mine]
        if not any(abs(hit.score - mine.score) < CLOSE for hit in near) or abs(mine.score - theirs.score) > CLOSE:
            return False
    return True


def widest(one: list[SearchHit], other: list[SearchHit]) -> float:
    scores = {hit.chunk.chunk_id: hit.score for hit in other}
    return max((abs(hit.score - scores.get(hit.chunk.chunk_id, hit.score)) for hit in one), default=0.0)


def _questions(collection: Collection) -> list[tuple[str, np.ndarray]]:
    return list(zip([question.text for question in collection.questions], collection.question_vectors, strict=True))


def embedded_folder(folder: Path) -> Path:
    return folder / "embedded"
