"""One engine, one size: build it, open it, ask it. Words and vectors together, embedding excluded."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisdr.index.analysis import terms
from aisdr.index.base import Chunk, IndexQuery, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.file_state import SETTLED_SECONDS
from benchmarks.collections import Matrix
from benchmarks.search_latency import material
from benchmarks.search_quality.fusions import reciprocal_ranks, top
from benchmarks.search_quality.own_leg import PEERS
from benchmarks.search_quality.ready import COMPANY, MINILM

CHUNKS_A_SOURCE = 200
WARM = 20


@dataclass(frozen=True)
class Timed:
    """Seconds. `opened` is the first question of a process that finds the index on disk."""

    built: float
    opened: float
    asked: tuple[float, ...]

    def percentile(self, share: float) -> float:
        return float(np.percentile(self.asked, share))


def embedded(folder: Path, number: int) -> Timed:
    """Ours."""
    texts, vectors = list(material.texts(number)), material.vectors(number)
    index = EmbeddedIndex(folder, MINILM)
    begin = time.perf_counter()
    for first in range(0, number, CHUNKS_A_SOURCE):
        last = min(number, first + CHUNKS_A_SOURCE)
        source = f"source-{first}"
        chunks = [_chunk(source, row, texts[row]) for row in range(first, last)]
        index.replace_source(COMPANY, SourceRecord(source, "1", len(chunks)), chunks, vectors[first:last])
    built = time.perf_counter() - begin
    time.sleep(SETTLED_SECONDS)  # until then every question opens the file to see whether it changed again
    opened_anew = EmbeddedIndex(folder, MINILM)
    return _timed(built, lambda text, vector: opened_anew.search(COMPANY, IndexQuery(text, vector, 10)), number)


def fts5(folder: Path, number: int) -> Timed:
    """SQLite's full-text search with its Porter stemmer, a matrix of vectors beside it, joined by reciprocal ranks."""
    folder.mkdir(parents=True, exist_ok=True)
    vectors = material.vectors(number)
    begin = time.perf_counter()
    connection = sqlite3.connect(folder / "fts5.sqlite3")
    connection.execute("CREATE VIRTUAL TABLE chunks USING fts5(text, tokenize = 'porter unicode61')")
    connection.executemany("INSERT INTO chunks (rowid, text) VALUES (?, ?)", enumerate(material.texts(number)))
    connection.commit()
    built = time.perf_counter() - begin

    def ask(text: str, vector: Matrix) -> object:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(terms(text, "en")))
        found = connection.execute(
            "SELECT rowid, -bm25(chunks) FROM chunks WHERE chunks MATCH ? ORDER BY rank LIMIT 100", [words]
        ).fetchall()
        rows = reciprocal_ranks(found, _nearest(vectors @ vector))[:10]
        marks = ", ".join("?" * len(rows))
        return connection.execute(f"SELECT text FROM chunks WHERE rowid IN ({marks})", rows).fetchall()  # noqa: S608

    timed = _timed(built, ask, number)
    connection.close()
    return timed


def lancedb(folder: Path, number: int) -> Timed:
    """In its own environment and process, with the same texts, vectors and questions."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "texts.json").write_text(json.dumps(list(material.texts(number))), encoding="utf-8")
    np.save(folder / "vectors.npy", material.vectors(number))
    asked = material.questions(number)
    (folder / "questions.json").write_text(json.dumps([text for text, _ in asked]), encoding="utf-8")
    np.save(folder / "questions.npy", np.stack([vector for _, vector in asked]))
    command = [str(PEERS), "benchmarks/peers/latency.py", str(folder), str(WARM)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1200)  # noqa: S603
    figures = json.loads(finished.stdout)
    return Timed(figures["built"], figures["opened"], tuple(figures["asked"]))


def _timed(built: float, ask: Callable[[str, Matrix], object], number: int) -> Timed:
    questions = material.questions(number)
    begin = time.perf_counter()
    ask(*questions[0])
    opened = time.perf_counter() - begin
    for text, vector in questions[:WARM]:
        ask(text, vector)
    asked = []
    for text, vector in questions:
        begin = time.perf_counter()
        ask(text, vector)
        asked.append(time.perf_counter() - begin)
    return Timed(built, opened, tuple(asked))


def _nearest(cosines: Matrix) -> Sequence[tuple[int, float]]:
    best = np.argpartition(-cosines, min(100, len(cosines) - 1))[:100]
    ranked = top(cosines[best])
    return [(int(best[row]), score) for row, score in ranked]


def _chunk(source: str, row: int, text: str) -> Chunk:
    return Chunk(
        chunk_id=f"{row:07d}", source_id=source, title="", text=text, url=f"/media/{source}", content_hash=str(row)
    )
