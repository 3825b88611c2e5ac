"""The questions of a collection that the second stage has not learnt from, and those that it has.

`scripts.train_rerank` learns from one half of each collection's questions, chosen by a hash of their words.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisdr.company import Company
from aisdr.index.base import IndexQuery, Place, SearchHit
from aisdr.index.embedded import EmbeddedIndex
from aisdr.knowledge.merge import merge
from aisdr.knowledge.rerank.learned import Learned
from aisdr.knowledge.rerank.order import WINDOW
from benchmarks import collections
from benchmarks.collections import Collection, Question
from benchmarks.search_quality.measures import Rankings, mean, ndcg
from benchmarks.search_quality.own_leg import filled
from benchmarks.search_quality.ready import MINILM, ReadyVectors
from scripts.train_rerank import Judged, is_learnt, judged

COMPANY = Company(company_id="benchmark", slug="benchmark", display_name="Benchmark", website_url="https://a.example")


@dataclass
class Half:
    """Questions that were not learnt from, each with its hits as the merge hands them on."""

    collection: Collection
    hits: Mapping[str, list[SearchHit]]
    took: list[float] = field(default_factory=list)
    """Milliseconds of each ordering."""

    def before(self) -> Rankings:
        return {number: _ids(hits) for number, hits in self.hits.items()}

    def after(self, stage: Learned) -> Rankings:
        place = Place(EmbeddedIndex("unused", MINILM), ReadyVectors(MINILM, self.collection))
        texts = {question.question_id: question.text for question in self.collection.questions}
        rankings = {}
        for number, hits in self.hits.items():
            query = IndexQuery(texts[number], None, WINDOW)
            begin = time.perf_counter()
            ordered = stage.rerank(COMPANY, query, place, hits, timeout=1)
            self.took.append((time.perf_counter() - begin) * 1000)
            rankings[number] = _ids(ordered)
        return rankings

    def perfect(self) -> Rankings:
        grades = self.collection.relevant
        return {
            number: sorted(_ids(hits), key=lambda passage: -grades[number].get(passage, 0))
            for number, hits in self.hits.items()
        }

    def gain(self, rankings: Rankings, among: AbstractSet[str] | None = None) -> float:
        """Mean nDCG@10 of this half's questions, or of those with these ids."""
        asked = self.hits.keys() if among is None else self.hits.keys() & among
        return mean({number: rankings[number] for number in asked}, self.collection.relevant)

    def gained(self, rankings: Rankings) -> NDArray[np.float64]:
        """What these rankings are better by than the merge's order, question by question."""
        before, grades = self.before(), self.collection.relevant
        return np.array([ndcg(rankings[each], grades[each]) - ndcg(before[each], grades[each]) for each in before])

    def on_new_passages(self, learnt: AbstractSet[str]) -> set[str]:
        """Ids of the questions none of whose passages has one of these texts."""
        texts, grades = _texts(self.collection), self.collection.relevant
        return {number for number in self.hits if not any(texts[passage] in learnt for passage in grades[number])}


def held_out(folder: Path, name: str) -> Half:
    found = _found(folder, name, lambda text: not is_learnt(text))
    merged = {question.question_id: merge({"own": hits}, {"own": 1.0}, WINDOW) for question, hits in found}
    return Half(collections.read(name), merged)


def learnt(folder: Path, name: str) -> list[Judged]:
    """The other half, as the training script has it."""
    relevant = collections.read(name).relevant
    found = _found(folder, name, is_learnt)
    return [judged(question.text, hits, relevant[question.question_id]) for question, hits in found]


def learnt_passages(collection: Collection) -> set[str]:
    """Texts of the passages that answer what was learnt from; two of our collections share some."""
    texts = _texts(collection)
    asked = [question.question_id for question in collection.questions if is_learnt(question.text)]
    return {texts[passage] for number in asked for passage in collection.relevant[number]}


def _found(folder: Path, name: str, wanted: Callable[[str], bool]) -> list[tuple[Question, list[SearchHit]]]:
    collection, leg = collections.read(name), filled(folder, name)
    return [
        (question, leg.hits(question.text, vector, WINDOW))
        for question, vector in zip(collection.questions, collection.question_vectors, strict=True)
        if wanted(question.text)
    ]


def _texts(collection: Collection) -> dict[str, str]:
    return {passage.passage_id: passage.text for passage in collection.passages}


def _ids(hits: Sequence[SearchHit]) -> list[str]:
    return [hit.chunk.chunk_id for hit in hits]
