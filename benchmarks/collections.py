"""The collections that searching is measured with: passages, questions, which passage answers which, ready vectors."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisdr.index.base import Chunk, Media, Modality

DATA = Path(__file__).parent / "data"
NAMES = ("scifact", "xquad-en", "mm-mix")

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Passage:
    passage_id: str
    title: str
    text: str
    modality: Modality = "text"

    def chunk(self, source_id: str) -> Chunk:
        """As an ingestion would have stored it: two pictures are two, however alike they are described."""
        url = f"/media/{self.passage_id}"
        shown = self.modality in ("image", "video")
        return Chunk(
            chunk_id=self.passage_id,
            source_id=source_id,
            title=self.title,
            text=self.text,
            modality=self.modality,
            url=url,
            media=Media(kind="clip" if self.modality == "video" else "image", url=url) if shown else None,
            content_hash=self.passage_id,
        )


@dataclass(frozen=True)
class Question:
    question_id: str
    text: str
    modality: Modality = "text"
    """What kind of passage answers it."""


@dataclass(frozen=True)
class Collection:
    """One folder of `benchmarks/data`, whose README names its source and licence."""

    name: str
    passages: Sequence[Passage]
    questions: Sequence[Question]
    relevant: dict[str, dict[str, int]]
    """Question id → passage id → grade."""
    passage_vectors: Matrix
    """MiniLM, shape (passages, 384), length 1."""
    question_vectors: Matrix
    """MiniLM, shape (questions, 384), length 1."""

    def first(self, number: int) -> "Collection":
        """A small one: the first passages, and the questions that they answer."""
        kept = {passage.passage_id for passage in self.passages[:number]}
        rows = [row for row, each in enumerate(self.questions) if self.relevant[each.question_id].keys() <= kept]
        return replace(
            self,
            passages=self.passages[:number],
            questions=[self.questions[row] for row in rows],
            passage_vectors=self.passage_vectors[:number],
            question_vectors=self.question_vectors[rows],
        )


@cache
def read(name: str) -> Collection:
    folder = DATA / name
    passages = [
        Passage(row["_id"], row.get("title", ""), row["text"], row.get("modality", "text"))
        for row in rows(folder / "corpus.jsonl.gz")
    ]
    questions = [
        Question(row["_id"], row["text"], row.get("modality", "text")) for row in rows(folder / "queries.jsonl.gz")
    ]
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        question_id, passage_id, grade = line.split("\t")
        relevant.setdefault(question_id, {})[passage_id] = int(grade)
    vectors = [_unit(folder / f"minilm-{each}.f16.npy") for each in ("corpus", "queries")]
    return Collection(name, passages, questions, relevant, *vectors)


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a packed or plain JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _unit(path: Path) -> Matrix:
    vectors = np.load(path).astype(np.float32)
    unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
