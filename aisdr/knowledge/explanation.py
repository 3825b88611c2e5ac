"""Why a search found what it found, step by step, for a company's own people."""

from collections.abc import Sequence
from typing import Literal

from aisdr.index.base import Chunk, Modality, Origin, SearchHit
from aisdr.knowledge.duplicates import are_duplicates
from aisdr.wire import Wire

EXCERPT = 160


class ExplainedHit(Wire):
    """One hit as a leg gave it. `words` and `meaning` are 0 where the leg does not tell them apart."""

    chunk_id: str
    title: str
    modality: Modality
    excerpt: str
    score: float
    words: float
    meaning: float


class ExplainedLeg(Wire):
    """One leg's part. Times are in milliseconds; `began_ms` counts from the beginning of the search."""

    name: Origin
    status: str
    reason: str
    breaker: str
    """The state of its breaker afterwards."""
    hedged: bool
    """Whether it was asked a second time, because it was slower than usual."""
    began_ms: float
    took_ms: float
    best: float
    """Its best score: a leg whose best is far below the other's counts for little in the merge."""
    weight: float
    hits: tuple[ExplainedHit, ...]


class ExplainedJoin(Wire):
    """Another chunk that says the same as a merged hit, and gave its place up."""

    leg: Origin
    chunk_id: str
    title: str


class ExplainedMerge(Wire):
    """One hit after the merge, best first."""

    chunk_id: str
    title: str
    modality: Modality
    score: float
    relevance: float
    leg_scores: dict[Origin, float]
    joined: tuple[ExplainedJoin, ...]


class Moved(Wire):
    """Where the second stage put a hit; places count from 1, 0 is nowhere."""

    chunk_id: str
    title: str
    before: int
    after: int
    score_before: float
    score_after: float


class ExplainedStage(Wire):
    name: str
    status: Literal["ok", "late", "failed", "breaker", "skipped"]
    took_ms: float
    moved: tuple[Moved, ...]


class ExplainedStep(Wire):
    name: str
    began_ms: float
    took_ms: float


class ExplainedQuestion(Wire):
    """As it was asked, embedded and looked up by words."""

    asked: str
    text: str
    words: str
    notes: tuple[str, ...]
    embedded: bool


class ExplainedPlace(Wire):
    engine: str
    embedder: str
    version: str | None
    """Of the company's chunks; None when the index did not say."""


class ExplainedRoute(Wire):
    route: Literal["text", "multimodal", "both"]
    confidence: float
    reason: str
    version: str
    """Of the exemplars behind the decision."""


class Explanation(Wire):
    """The whole way of one question. It holds nothing but the company's own material."""

    question: ExplainedQuestion
    place: ExplainedPlace
    strategy: str
    route: ExplainedRoute | None
    legs: tuple[ExplainedLeg, ...]
    merged: tuple[ExplainedMerge, ...]
    second_stage: ExplainedStage | None
    steps: tuple[ExplainedStep, ...]
    deadline_ms: int
    took_ms: float
    notes: tuple[str, ...]


def explained_hits(hits: Sequence[SearchHit]) -> tuple[ExplainedHit, ...]:
    return tuple(
        ExplainedHit(
            chunk_id=hit.chunk.chunk_id,
            title=hit.chunk.title,
            modality=hit.chunk.modality,
            excerpt=_excerpt(hit.chunk),
            score=hit.score,
            words=hit.words,
            meaning=hit.meaning,
        )
        for hit in hits
    )


def explained_merge(merged: Sequence[SearchHit], legs: dict[Origin, list[SearchHit]]) -> tuple[ExplainedMerge, ...]:
    """Each merged hit with those of the legs' that were joined into it."""
    joined: list[list[ExplainedJoin]] = [[] for _ in merged]
    standing = {hit.chunk.chunk_id for hit in merged}
    for leg, hits in legs.items():
        for hit in (each for each in hits if each.chunk.chunk_id not in standing):
            same = (place for place, other in enumerate(merged) if are_duplicates(other.chunk, hit.chunk))
            if (place := next(same, None)) is not None:
                joined[place].append(ExplainedJoin(leg=leg, chunk_id=hit.chunk.chunk_id, title=hit.chunk.title))
    return tuple(
        ExplainedMerge(
            chunk_id=hit.chunk.chunk_id,
            title=hit.chunk.title,
            modality=hit.chunk.modality,
            score=hit.score,
            relevance=hit.relevance,
            leg_scores=hit.leg_scores,
            joined=tuple(others),
        )
        for hit, others in zip(merged, joined, strict=True)
    )


def explained_moves(before: Sequence[SearchHit], after: Sequence[SearchHit]) -> tuple[Moved, ...]:
    """Every hit of before and of after, in the new order; those that fell out come last."""
    old = {hit.chunk.chunk_id: (place, hit) for place, hit in enumerate(before, start=1)}
    new = {hit.chunk.chunk_id: (place, hit) for place, hit in enumerate(after, start=1)}
    moves = []
    for chunk_id in dict.fromkeys((*new, *old)):
        before_place, before_hit = old.get(chunk_id, (0, None))
        after_place, after_hit = new.get(chunk_id, (0, None))
        hit = after_hit or before_hit
        assert hit is not None
        moves.append(
            Moved(
                chunk_id=chunk_id,
                title=hit.chunk.title,
                before=before_place,
                after=after_place,
                score_before=before_hit.score if before_hit else 0.0,
                score_after=after_hit.score if after_hit else 0.0,
            )
        )
    return tuple(moves)


def _excerpt(chunk: Chunk) -> str:
    words = " ".join(chunk.text.split())
    return words if len(words) <= EXCERPT else f"{words[: EXCERPT - 1]}…"
