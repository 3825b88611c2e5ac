"""Two ranked lists become one: duplicates first, then weights, and a leg that knows nothing stays quiet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aisdr.index.base import Origin, SearchHit
from aisdr.knowledge.duplicates import cluster

GATE_POWER = 4
"""A leg whose best hit is half as good as the other leg's best counts (1/2)^4. Without this gate the best hit of a leg
that knows nothing would weigh as much as a true answer, and pictures would vanish behind unrelated text."""

LONE_POWER = 3
"""A hit that one leg found alone counts `1 - (1 - weight)^3`. Its source may simply not be registered in the other leg,
so silence is not a vote against it: a picture that only the own index holds keeps its place up to middling weights.
Weight 0 still means "not at all" and weight 1 "in full"."""

_ORDER: dict[Origin, int] = {"own": 0, "tavus": 1}


@dataclass(frozen=True)
class _Found:
    """What all legs found, side by side: at one position of each list stands one hit."""

    hits: list[SearchHit]
    legs: list[Origin]
    absolutes: list[float]
    scaled: list[float]

    @classmethod
    def by(cls, lists: Mapping[Origin, Sequence[SearchHit]]) -> "_Found":
        # The own leg speaks for what both have found: it knows page and second. Then the better hit does.
        hits, legs = [], []
        for leg in sorted(lists, key=_ORDER.__getitem__):
            hits += sorted(lists[leg], key=lambda hit: (-_sane(hit.score), hit.chunk.chunk_id))
            legs += [leg] * len(lists[leg])
        absolutes = [_sane(hit.score) for hit in hits]
        return cls(hits, legs, absolutes, _scaled(legs, absolutes) if len(lists) > 1 else absolutes)

    def best(self, group: Sequence[int], values: Sequence[float]) -> dict[Origin, float]:
        """Of each leg that has found something of the group: there the best counts."""
        best: dict[Origin, float] = {}
        for position in group:
            leg = self.legs[position]
            best[leg] = max(best.get(leg, 0.0), values[position])
        return best


def merge(found: Mapping[Origin, Sequence[SearchHit]], weights: Mapping[Origin, float], limit: int) -> list[SearchHit]:
    """Merges what the legs found, best first.

    With one leg the scores stay as they are. With two, a hit counts `minmax(score) · (leg_top / best_top)^4 · weight`,
    what says the same in both legs adds up, and hits of a leg with weight 0 only fill up the list.
    """
    lists = {leg: hits for leg, hits in found.items() if hits}
    if len(lists) == 1:
        weights = dict.fromkeys(lists, 1.0)
    every = _Found.by(lists)

    def place(group: Sequence[int]) -> tuple[float, bool, float, str]:
        """What the list is sorted by."""
        fills = all(weights[every.legs[position]] == 0 for position in group)
        relevance = max(every.absolutes[position] for position in group)
        return -_score(every, group, weights), fills, -relevance, every.hits[group[0]].chunk.chunk_id

    groups = sorted(cluster([hit.chunk for hit in every.hits]), key=place)
    return [_joined(every, group, weights) for group in groups[:limit]]


def _sane(score: float) -> float:
    """A score we can calculate with, whatever the leg sent. Not-a-number never gets into a `SearchHit`."""
    return min(1.0, max(0.0, score))


def _scaled(legs: Sequence[Origin], scores: Sequence[float]) -> list[float]:
    tops: dict[Origin, float] = {}
    lowest: dict[Origin, float] = {}
    for leg, score in zip(legs, scores, strict=True):
        tops[leg], lowest[leg] = max(tops.get(leg, 0.0), score), min(lowest.get(leg, 1.0), score)
    best = max(tops.values(), default=0.0)
    gates = {leg: (top / best) ** GATE_POWER if best > 0 else 1.0 for leg, top in tops.items()}
    spans = {leg: top - lowest[leg] for leg, top in tops.items()}
    return [
        gates[leg] * ((score - lowest[leg]) / spans[leg] if spans[leg] > 0 else 1.0)
        for leg, score in zip(legs, scores, strict=True)
    ]


def _score(every: _Found, group: Sequence[int], weights: Mapping[Origin, float]) -> float:
    """Between legs the contributions add up."""
    best = every.best(group, every.scaled)
    if len(best) > 1:
        return sum(value * weights[leg] for leg, value in best.items())
    return sum(value * (1 - (1 - weights[leg]) ** LONE_POWER) for leg, value in best.items())


def _joined(every: _Found, group: Sequence[int], weights: Mapping[Origin, float]) -> SearchHit:
    """The first of the group with the merge's score: how its words and its meaning fit, it keeps."""
    absolutes = every.best(group, every.absolutes)
    origins = tuple(sorted(absolutes, key=_ORDER.__getitem__))
    changes = {"score": _score(every, group, weights), "origins": origins, "leg_scores": absolutes}
    return every.hits[group[0]].model_copy(update=changes)
