"""The own leg: our index beside formulas and libraries on the same passages, questions and vectors."""

import json
import subprocess
from functools import cache
from pathlib import Path

from aisdr.index.base import IndexQuery, SearchHit, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import VectorSpace
from benchmarks import collections
from benchmarks.collections import DATA, Collection, Matrix
from benchmarks.search_quality.fusions import DEPTH, Scored, min_max, reciprocal_ranks
from benchmarks.search_quality.measures import Rankings
from benchmarks.search_quality.ready import COMPANY, MINILM

PEERS = Path(".venv-peers/bin/python")
OURS = "ours"
LIBRARIES = {"LangChain EnsembleRetriever": "langchain", "LanceDB hybrid": "lancedb"}
"""Name in the tables → name in `peers/rankings.py`."""


class OwnLeg:
    """A collection in our embedded index."""

    def __init__(self, folder: Path, collection: Collection, space: VectorSpace, vectors: Matrix) -> None:
        self._collection = collection
        self._index = EmbeddedIndex(folder, space)
        chunks = [passage.chunk(collection.name) for passage in collection.passages]
        self._index.replace_source(COMPANY, SourceRecord(collection.name, "1", len(chunks)), chunks, vectors)

    def hits(self, text: str, vector: Matrix | None, limit: int = DEPTH, words_weight: float = 0.2) -> list[SearchHit]:
        return self._index.search(COMPANY, IndexQuery(text, vector, limit, words_weight=words_weight))

    def rankings(self, vectors: Matrix) -> Rankings:
        return {
            question.question_id: [hit.chunk.chunk_id for hit in self.hits(question.text, vector)]
            for question, vector in zip(self._collection.questions, vectors, strict=True)
        }


@cache
def filled(folder: Path, name: str) -> OwnLeg:
    """A collection with the vectors that it ships, filled once in a run."""
    collection = collections.read(name)
    return OwnLeg(folder / name, collection, MINILM, collection.passage_vectors)


@cache
def everybody(folder: Path, name: str, *, with_libraries: bool) -> dict[str, Rankings]:
    """System → its rankings of a hundred for every question of the collection; ours first, without a second stage."""
    collection, leg = collections.read(name), filled(folder, name)
    ours = {OURS: leg.rankings(collection.question_vectors)}
    peers = formulas(leg, collection, collection.question_vectors)
    return ours | peers | (libraries(collection) if with_libraries else {})


def formulas(leg: OwnLeg, collection: Collection, vectors: Matrix) -> dict[str, Rankings]:
    """Each formula over the same two lists of a hundred, ours taken apart: words alone, meaning alone."""
    rows = {passage.passage_id: row for row, passage in enumerate(collection.passages)}
    rankings: dict[str, dict[str, list[str]]] = {name: {} for name in ("BM25", "vectors", "RRF-60", "min-max .5/.5")}
    for question, vector in zip(collection.questions, vectors, strict=True):
        words = _scored(leg.hits(question.text, None), rows)
        meaning = _scored(leg.hits(question.text, vector, words_weight=0.0), rows)
        lists = {
            "BM25": [row for row, _ in words],
            "vectors": [row for row, _ in meaning],
            "RRF-60": reciprocal_ranks(words, meaning),
            "min-max .5/.5": min_max(words, meaning),
        }
        for name, ordered in lists.items():
            rankings[name][question.question_id] = [collection.passages[row].passage_id for row in ordered[:DEPTH]]
    return dict(rankings)


def libraries(collection: Collection) -> dict[str, Rankings]:
    """Rankings of real libraries, made in this run in their own environment."""
    return {title: _ranked_by(library, collection) for title, library in LIBRARIES.items()}


def _ranked_by(library: str, collection: Collection) -> Rankings:
    command = [str(PEERS), "benchmarks/peers/rankings.py", library, str(DATA / collection.name)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1200)  # noqa: S603
    rankings: Rankings = json.loads(finished.stdout)
    return rankings


def _scored(hits: list[SearchHit], rows: dict[str, int]) -> Scored:
    return [(rows[hit.chunk.chunk_id], hit.score) for hit in hits]
