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
class _Candidate:
    leg: Origin
    hit: SearchHit
    absolute: float
    scaled: float


@dataclass(frozen=True)
class _Joined:
    """What was found several times, on its way to one hit."""

    speaker: SearchHit
    score: float
    absolutes: dict[Origin, float]
    fills: bool
    """Only a leg without weight has found it."""

    @property
    def place(self) -> tuple[float, bool, float, str]:
        """What the list is sorted by."""
        return -self.score, self.fills, -max(self.absolutes.values()), self.speaker.chunk.chunk_id

    def hit(self) -> SearchHit:
        """As the speaker was found, but with the merge's score: how its words and its meaning fit, it keeps."""
        origins = tuple(sorted(self.absolutes, key=_ORDER.__getitem__))
        return self.speaker.model_copy(update={"score": self.score, "origins": origins, "leg_scores": self.absolutes})


def merge(found: Mapping[Origin, Sequence[SearchHit]], weights: Mapping[Origin, float], limit: int) -> list[SearchHit]:
    """Merges what the legs found, best first.

    With one leg the scores stay as they are. With two, a hit counts `minmax(score) · (leg_top / best_top)^4 · weight`,
    what says the same in both legs adds up, and hits of a leg with weight 0 only fill up the list.
    """
    lists = {leg: [(hit, _sane(hit.score)) for hit in hits] for leg, hits in found.items() if hits}
    if len(lists) == 1:
        weights = dict.fromkeys(lists, 1.0)
    candidates = _scaled(lists) if len(lists) > 1 else _as_they_are(lists)
    # The own leg speaks for a cluster: it knows page and second. Then the better hit does.
    candidates.sort(key=lambda each: (_ORDER[each.leg], -each.absolute, each.hit.chunk.chunk_id))
    groups = cluster([candidate.hit.chunk for candidate in candidates])
    joined = [_join([candidates[position] for position in group], weights) for group in groups]
    joined.sort(key=lambda each: each.place)
    return [each.hit() for each in joined[:limit]]


def _sane(score: float) -> float:
    """A score we can calculate with, whatever the leg sent. Not-a-number never gets into a `SearchHit`."""
    return min(1.0, max(0.0, score))


def _as_they_are(lists: Mapping[Origin, Sequence[tuple[SearchHit, float]]]) -> list[_Candidate]:
    return [_Candidate(leg, hit, score, score) for leg, hits in lists.items() for hit, score in hits]


def _scaled(lists: Mapping[Origin, Sequence[tuple[SearchHit, float]]]) -> list[_Candidate]:
    tops = {leg: max(score for _, score in hits) for leg, hits in lists.items()}
    best = max(tops.values())
    candidates: list[_Candidate] = []
    for leg, hits in lists.items():
        lowest = min(score for _, score in hits)
        span = tops[leg] - lowest
        gate = (tops[leg] / best) ** GATE_POWER if best > 0 else 1.0
        for hit, score in hits:
            position = (score - lowest) / span if span > 0 else 1.0
            candidates.append(_Candidate(leg, hit, score, position * gate))
    return candidates


def _join(group: Sequence[_Candidate], weights: Mapping[Origin, float]) -> _Joined:
    """Within a leg the best counts, between legs the contributions add up."""
    scaled: dict[Origin, float] = {}
    absolutes: dict[Origin, float] = {}
    for each in group:
        scaled[each.leg] = max(scaled.get(each.leg, 0.0), each.scaled)
        absolutes[each.leg] = max(absolutes.get(each.leg, 0.0), each.absolute)
    if len(scaled) > 1:
        score = sum(value * weights[leg] for leg, value in scaled.items())
    else:
        score = sum(value * (1 - (1 - weights[leg]) ** LONE_POWER) for leg, value in scaled.items())
    return _Joined(group[0].hit, score, absolutes, fills=all(weights[leg] == 0 for leg in scaled))
