"""Puts the explanation of one search together from what its steps left behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aisdr.configuration import SearchStrategy
from aisdr.index.base import Origin, Place, SearchHit
from aisdr.knowledge.asking import Attempt
from aisdr.knowledge.deadline import Deadline
from aisdr.knowledge.explanation import (
    ExplainedLeg,
    ExplainedPlace,
    ExplainedQuestion,
    ExplainedRoute,
    ExplainedStage,
    ExplainedStep,
    Explanation,
    explained_hits,
    explained_merge,
    explained_moves,
)
from aisdr.knowledge.ordering import Staged
from aisdr.knowledge.reading import Read
from aisdr.knowledge.strategies import Course


@dataclass(frozen=True)
class Found:
    """All that one search came across."""

    read: Read
    course: Course
    attempts: Sequence[Attempt]
    merged: list[SearchHit]
    staged: Staged


def explain_search(
    question: str,
    strategy: SearchStrategy,
    place: Place,
    version: str | None,
    found: Found,
    deadline: Deadline,
    notes: Sequence[str],
) -> Explanation:
    understood, decision = found.read.understood, found.course.decision
    took = deadline.passed_ms()
    return Explanation(
        question=ExplainedQuestion(
            asked=question,
            text=understood.text,
            words=understood.words,
            notes=understood.notes,
            embedded=found.read.embedded,
        ),
        place=ExplainedPlace(engine=place.engine, embedder=place.embedder.space.name, version=version),
        strategy=strategy,
        route=ExplainedRoute(**vars(decision)) if decision else None,
        legs=tuple(_leg(attempt, found.course.weights, deadline) for attempt in found.attempts),
        merged=explained_merge(found.merged, {each.way.leg.name: each.hits for each in found.attempts}),
        second_stage=_stage(found.staged, found.merged, deadline) if found.staged.name else None,
        steps=tuple(
            ExplainedStep(name=step.name, began_ms=_ms(step.began), took_ms=_ms(step.took))
            for step in sorted(deadline.steps, key=lambda each: each.began)
        ),
        deadline_ms=round(deadline.seconds * 1000),
        took_ms=took,
        notes=tuple(notes),
    )


def _leg(attempt: Attempt, weights: Mapping[Origin, float], deadline: Deadline) -> ExplainedLeg:
    report = attempt.report
    return ExplainedLeg(
        name=report.name,
        status=report.status,
        reason=report.reason,
        breaker=attempt.way.lane.breaker.state,
        hedged=attempt.hedged,
        began_ms=_ms(attempt.began - deadline.began),
        took_ms=_ms(attempt.took),
        best=max((hit.score for hit in attempt.hits), default=0.0),
        weight=weights[report.name],
        hits=explained_hits(attempt.hits),
    )


def _stage(staged: Staged, merged: Sequence[SearchHit], deadline: Deadline) -> ExplainedStage:
    took = next((step.took for step in deadline.steps if step.name == "second stage"), 0.0)
    return ExplainedStage(
        name=staged.name, status=staged.status, took_ms=_ms(took), moved=explained_moves(merged, staged.hits)
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
