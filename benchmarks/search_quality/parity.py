"""Both engines on the same collection: how often they answer with the same chunks in the same order, and how fast."""

import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from aisdr.index.base import IndexQuery, SearchHit, SearchIndex, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from benchmarks import collections
from benchmarks.collections import Collection, Matrix
from benchmarks.report import Bar, Section
from benchmarks.search_quality import node
from benchmarks.search_quality.native_hybrid import Compared
from benchmarks.search_quality.ready import COMPANY, MINILM

NAMES = ("xquad-en", "scifact")
DEPTHS = (10, 50)
"""Of the hits that each leg is asked for, so many are compared. The bars are on the first: what a visitor may see."""
CLOSE = 1e-4
"""Hits whose scores are nearer than this may stand either way round."""
LEAST_AGREED = 0.99
MOST_APART = 1e-3
CHUNKS_A_SOURCE = 1000
WARM = 20


@dataclass(frozen=True)
class Parity:
    agreed: float
    """Share of the questions with the same chunks in the same order."""
    apart: float
    """The widest difference between two scores of one chunk."""


@dataclass(frozen=True)
class Answered:
    """One engine's hits for every question, and the milliseconds that each took."""

    hits: list[list[SearchHit]]
    took: list[float]

    def milliseconds(self, *percentiles: int) -> list[float]:
        return [float(np.percentile(self.took, percentile)) for percentile in percentiles]


def sections(folder: Path) -> list[Section]:
    """Starts a node, fills both engines, compares them, and asks the plugin's own hybrid query beside ours."""
    rows: list[tuple[str, list[float]]] = []
    bars = []
    native = Compared()
    with node.running() as url:
        remote = OpenSearchIndex(client(url, "", None), MINILM)
        for name in collections.NAMES:
            collection = collections.read(name)
            remote.remove_company(COMPANY)
            fill(remote, collection)
            native.ask(url, collection, remote)
            if name not in NAMES:
                continue
            embedded = EmbeddedIndex(folder / name, MINILM)
            fill(embedded, collection)
            ours, theirs = answered(embedded, collection, max(DEPTHS)), answered(remote, collection, max(DEPTHS))
            found = {depth: compared(ours.hits, theirs.hits, depth) for depth in DEPTHS}
            agreed = [found[depth].agreed for depth in DEPTHS]
            apart = max(each.apart for each in found.values())
            rows.append((name, [*agreed, apart, *ours.milliseconds(50), *theirs.milliseconds(50, 99)]))
            bars.append(Bar(f"{name}: the same {DEPTHS[0]} hits in the same order", agreed[0], least=LEAST_AGREED))
            bars.append(Bar(f"{name}: scores apart", apart, most=MOST_APART))
    columns = ["embedded and OpenSearch", *(f"first {depth}" for depth in DEPTHS), "scores apart"]
    columns += ["embedded p50 ms", "node p50 ms", "node p99 ms"]
    return [Section("parity", columns, rows, bars), native.section()]


def fill(index: SearchIndex, collection: Collection) -> None:
    passages = collection.passages
    for first in range(0, len(passages), CHUNKS_A_SOURCE):
        source = f"{collection.name}-{first}"
        chunks = [passage.chunk(source) for passage in passages[first : first + CHUNKS_A_SOURCE]]
        vectors = collection.passage_vectors[first : first + CHUNKS_A_SOURCE]
        index.replace_source(COMPANY, SourceRecord(source, "1", len(chunks)), chunks, vectors)


def answered(index: SearchIndex, collection: Collection, limit: int) -> Answered:
    questions: list[tuple[str, Matrix]] = [
        (question.text, vector)
        for question, vector in zip(collection.questions, collection.question_vectors, strict=True)
    ]
    for text, vector in questions[:WARM]:
        index.search(COMPANY, IndexQuery(text, vector, limit))
    hits, took = [], []
    for text, vector in questions:
        begin = time.perf_counter()
        hits.append(index.search(COMPANY, IndexQuery(text, vector, limit)))
        took.append((time.perf_counter() - begin) * 1000)
    return Answered(hits, took)


def compared(ones: list[list[SearchHit]], others: list[list[SearchHit]], depth: int) -> Parity:
    pairs = [(one[:depth], other[:depth]) for one, other in zip(ones, others, strict=True)]
    return Parity(
        agreed=float(np.mean([same_order(one, other) for one, other in pairs])),
        apart=max(widest(one, other) for one, other in pairs),
    )


def same_order(one: list[SearchHit], other: list[SearchHit]) -> bool:
    """Whether both have the same hits in the same order, but for those whose scores are as good as equal.

    The last of them may have been cut off from others that score the same, so there the scores alone must agree.
    """
    if len(one) != len(other):
        return False
    begins = [0, *(at for at, (upper, lower) in enumerate(pairwise(one), 1) if upper.score - lower.score > CLOSE)]
    for begin, end in pairwise([*begins, len(one)]):
        mine, theirs = ({hit.chunk.chunk_id for hit in hits[begin:end]} for hits in (one, other))
        if mine != theirs and (end < len(one) or abs(one[-1].score - other[-1].score) > CLOSE):
            return False
    return True


def widest(one: list[SearchHit], other: list[SearchHit]) -> float:
    """Between the scores of a chunk that both have."""
    scores = {hit.chunk.chunk_id: hit.score for hit in other}
    return max((abs(hit.score - scores.get(hit.chunk.chunk_id, hit.score)) for hit in one), default=0.0)
