"""The learned second stage: a linear model over few features, in the process, in about a millisecond for fifty hits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from aisdr.company import Company
from aisdr.index.base import IndexQuery, Place, SearchHit
from aisdr.knowledge.rerank.features import NAMES, Numbers, features
from aisdr.knowledge.rerank.order import placed, weighed

WEIGHTS = Path(__file__).parent / "weights.json"
"""Made by `python -m scripts.train_rerank`, which also writes the figures beside them."""

FARTHEST = 0.25
"""The most that a hit's relevance is corrected by, up or down: a hit that is far better stays in front."""

_TOP = 10


@dataclass(frozen=True)
class Weights:
    """`values` in the order of the features."""

    version: str
    values: Numbers

    def corrections(self, question: str, hits: Sequence[SearchHit]) -> Numbers:
        """Shape (hits,): what to add to each relevance, at most `FARTHEST` up or down; about 0 among the first ten."""
        corrected = features(question, hits) @ self.values
        bounded: Numbers = np.clip(corrected - corrected[:_TOP].mean(), -FARTHEST, FARTHEST)
        return bounded


@cache
def shipped() -> Weights:
    """The checked-in weights."""
    told = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    if tuple(told["features"]) != NAMES:
        raise ValueError(f"{WEIGHTS.name} was trained with other features: run `python -m scripts.train_rerank` again")
    return Weights(told["version"], np.array(told["weights"]))


class Learned:
    """Corrects the merge's order, never its meaning."""

    name = "learned"

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or shipped()

    def rerank(
        self, company: Company, query: IndexQuery, place: Place, hits: Sequence[SearchHit], timeout: float
    ) -> list[SearchHit]:
        moved = weighed(hits)
        if len(moved) < 2:
            return list(hits)
        order = np.argsort(-self._fit(query.text, moved), kind="stable").tolist()
        return placed(moved, order) + list(hits[len(moved) :])

    def _fit(self, question: str, hits: Sequence[SearchHit]) -> Numbers:
        """How well each hit fits, in units of relevance: a merge of two legs stretches its scores over another span."""
        scores = np.array([hit.score for hit in hits])
        relevance = np.array([hit.relevance for hit in hits])
        unit = np.ptp(relevance) / np.ptp(scores) if np.ptp(scores) > 0 else 1.0
        fit: Numbers = scores * unit + self._weights.corrections(question, hits)
        return fit
