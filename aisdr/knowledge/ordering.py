"""The second stage as a search calls it: it may improve the merge's order, and can never cost the answer."""

from dataclasses import dataclass
from typing import Literal

from aisdr.company import Company
from aisdr.index.base import IndexQuery, Place, SearchHit
from aisdr.knowledge.base import SecondStage, SecondStages
from aisdr.knowledge.deadline import Deadline
from aisdr.knowledge.lane import Lanes
from aisdr.knowledge.workers import Late, Workers
from aisdr.observability import logger

SHARE = 0.15
"""Kept back from a leg that is late, so that the others' hits still get their order; less where it needs less."""
FEWEST_SECONDS = 0.005
"""With less left, it is not begun."""


@dataclass(frozen=True)
class Staged:
    """The hits in their last order. Without a name there is no second stage."""

    name: str
    status: Literal["ok", "late", "failed", "breaker", "skipped"]
    hits: list[SearchHit]

    @property
    def disappointed(self) -> bool:
        return self.status in ("late", "failed", "breaker")


class Ordering:
    """Runs the second stage that a company's configuration names, if any. Safe to share between threads."""

    def __init__(self, workers: Workers, lanes: Lanes, stages: SecondStages | None) -> None:
        self._workers = workers
        self._lanes = lanes
        self._stages = stages

    def stage(self, company: Company) -> SecondStage | None:
        return self._stages(company) if self._stages is not None else None

    def seconds(self, stage: SecondStage | None, deadline: Deadline) -> float:
        """What to keep back for it: twice its usual worst, but never more than its share."""
        if stage is None:
            return 0.0
        usual = self._lanes.of_stage(stage.name).hedge.durations.usual_worst()
        most = SHARE * deadline.seconds
        return most if usual is None else min(most, 2 * usual + FEWEST_SECONDS)

    def put(
        self,
        stage: SecondStage | None,
        company: Company,
        query: IndexQuery,
        place: Place,
        merged: list[SearchHit],
        deadline: Deadline,
    ) -> Staged:
        """The stage's order, or the merge's own where that is not to be had in time."""
        if stage is None or not merged:
            return Staged(stage.name if stage else "", "skipped", merged)
        timeout = deadline.left()
        if timeout < FEWEST_SECONDS:
            return Staged(stage.name, "late", merged)
        lane = self._lanes.of_stage(stage.name)
        permit = lane.breaker.enter()
        if permit is None:
            return Staged(stage.name, "breaker", merged)
        with deadline.step("second stage"):
            staged = self._reranked(stage, company, query, place, merged, timeout)
        lane.breaker.leave(permit, succeeded=staged.status == "ok")
        lane.hedge.observe(timeout - deadline.left())
        return staged

    def _reranked(
        self,
        stage: SecondStage,
        company: Company,
        query: IndexQuery,
        place: Place,
        hits: list[SearchHit],
        timeout: float,
    ) -> Staged:
        def rerank() -> list[SearchHit]:
            return stage.rerank(company, query, place, hits, timeout)

        try:
            return Staged(stage.name, "ok", self._workers.call(("stage", stage.name), rerank, timeout))
        except Late:
            return Staged(stage.name, "late", hits)
        except Exception as error:
            # It only improves the order: whatever goes wrong in it, the hits are there.
            logger.warning("second stage failed", stage=stage.name, error=type(error).__name__)
            return Staged(stage.name, "failed", hits)
