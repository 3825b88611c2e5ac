"""Two legs through the whole search: what the merge costs beyond the slower leg, what everything does, and the stage.

Both legs answer every question with fifty passages. The second one knows the same pages under other ids, half of them
cut at other places, so that nearly every hit has to be joined with another one.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from aisdr.index.base import Origin, Place, SearchHit
from aisdr.index.embedded import EmbeddedIndex
from aisdr.knowledge import shingles
from aisdr.knowledge.base import Asked, SecondStage
from aisdr.knowledge.duplicates import say_the_same
from aisdr.knowledge.hybrid import CANDIDATES, Knowledge
from aisdr.knowledge.rerank.learned import Learned
from benchmarks import collections
from benchmarks.collections import Passage
from benchmarks.report import Bar, Section
from benchmarks.search_latency.material import Small, a_company, indexed

QUESTIONS, QUICK_QUESTIONS = 400, 40
ROUNDS = 3
"""Of which the calmest counts: what other programs do on the machine is not the search's time."""
WARM = 30
MERGED, WHOLE, STAGED = "legs and merge", "whole search", "whole search, second stage"
MOST_MILLISECONDS = {MERGED: 3.0, WHOLE: 5.0, STAGED: 8.0}
"""By which the 99th percentile of a search, or of that part of it, may be behind that of its slower leg. The whole has
also a look at the chunks' version, the reading of the question and the highlights."""
CUT = 25
"""Words by which the second leg's passages are shifted."""
PAUSES = {"own": 0.010, "tavus": 0.020}
"""Seconds that a leg's answer is on its way."""


@dataclass
class TimedLeg:
    """A leg behind a network: its answer takes a pause and what its index takes."""

    name: Origin
    index: EmbeddedIndex
    took: float = 0.0
    """Seconds, the last time."""

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        begin = time.perf_counter()
        time.sleep(PAUSES[self.name])
        hits = self.index.search(asked.scope, asked.query, timeout)
        assert len(hits) == CANDIDATES
        self.took = time.perf_counter() - begin
        return hits


@dataclass
class Took:
    """Milliseconds: of whole searches, of their legs and merge, and of the slower leg in each."""

    whole: list[float] = field(default_factory=list)
    merged: list[float] = field(default_factory=list)
    slower: list[float] = field(default_factory=list)


def section(folder: Path, questions: int, rounds: int = ROUNDS) -> Section:
    small, other = Small(folder / "own"), _cut_elsewhere(folder / "other")
    _asked(small, other, questions, None)  # the material is known then: what each passage says, and which say the same
    plain = [_asked(small, other, questions, None) for _ in range(rounds)]
    staged = [_asked(small, other, questions, Learned()) for _ in range(rounds)]
    forgetful = _asked(small, other, questions, None, forget=True)
    figures = {
        MERGED: _calmest([_behind(took.merged, took.slower) for took in plain]),
        WHOLE: _calmest([_behind(took.whole, took.slower) for took in plain]),
        STAGED: _calmest([_behind(took.whole, took.slower) for took in staged]),
        f"{MERGED}, passages never seen before": _behind(forgetful.merged, forgetful.slower),
    }
    bars = [
        Bar(f"{title}: p99 behind the slower leg's, ms", figures[title][-1], most=most)
        for title, most in MOST_MILLISECONDS.items()
    ]
    columns = ["2 × 50 hits, ms", "behind p50", "behind p99", "p99", "slower leg p99", "p99 − p99"]
    return Section("merge", columns, list(figures.items()), bars)


def _behind(took: list[float], slower: list[float]) -> list[float]:
    """In the order of the table's columns; the last one is what the bar is about."""
    behind = np.subtract(took, slower)
    late = [float(np.percentile(each, 99)) for each in (took, slower)]
    return [*(float(np.percentile(behind, each)) for each in (50, 99)), *late, late[0] - late[1]]


def _calmest(rounds: list[list[float]]) -> list[float]:
    return min(rounds, key=lambda figures: figures[-1])


def _asked(
    small: Small, other: EmbeddedIndex, questions: int, stage: SecondStage | None, *, forget: bool = False
) -> Took:
    legs = TimedLeg("own", small.index), TimedLeg("tavus", other)
    place, company = Place(small.index, small.vectors), a_company(deadline_ms=5000)
    knowledge = Knowledge(lambda scope: place, legs[0], lambda company: legs[1], rerank=lambda company: stage)
    took = Took()
    for number, text in enumerate(small.texts[: WARM + questions]):
        if forget:
            shingles.triples.cache_clear()
            say_the_same.cache_clear()
        told = knowledge.search(company.operator_scope, company, text, explain=True).explanation
        assert told is not None
        if number >= WARM:
            steps = {step.name: step for step in told.steps}
            took.whole.append(max(step.began_ms + step.took_ms for step in told.steps))
            took.merged.append(steps["legs"].took_ms + steps["merge"].took_ms)
            took.slower.append(max(leg.took for leg in legs) * 1000)
    return took


def _cut_elsewhere(folder: Path) -> EmbeddedIndex:
    """The same material under other ids, every second passage of it shifted."""
    collection = collections.read("xquad-en")
    texts = [passage.text.split() for passage in collection.passages]
    passages = [
        Passage(f"other-{number}", "", " ".join([*words[CUT:], *after[:CUT]] if number % 2 else words))
        for number, (words, after) in enumerate(zip(texts, [*texts[1:], texts[0]], strict=True))
    ]
    return indexed(folder, passages, collection.passage_vectors)
