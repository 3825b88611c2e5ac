"""One search on its way: which legs were asked, what they found, how they did, and when one is asked a second time."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from aisdr.errors import AisdrError, Trespass
from aisdr.index.base import Origin, SearchHit
from aisdr.knowledge.base import Asked, Leg, LegReport, LegStatus
from aisdr.knowledge.lane import Lane
from aisdr.knowledge.workers import Full, Stuck, Workers
from aisdr.observability import logger

NEVER = float("inf")
TIMEOUT_SECONDS = 0.01
"""An error that comes so shortly before the end is the leg's own timeout."""


@dataclass(frozen=True)
class Way:
    """A leg, and what is remembered of it."""

    leg: Leg
    lane: Lane


@dataclass(eq=False)
class Attempt:
    """One leg's part in one search. Without a status it is still awaited."""

    way: Way
    permit: int
    began: float
    hedge_at: float = NEVER
    hedged: bool = False
    running: int = 0
    status: LegStatus | None = None
    reason: str = ""
    took: float = 0.0
    hits: list[SearchHit] = field(default_factory=list)
    left_behind: bool = False
    _told: threading.Lock = field(default_factory=threading.Lock)

    def convinces(self, weak: float) -> bool:
        """Whether its answer is there, and good enough to need no other."""
        return any(hit.score >= weak for hit in self.hits)

    @property
    def disappointed(self) -> bool:
        """Whether the answer lacks what this leg should have found."""
        return self.status in ("late", "failed") or self.reason == "breaker"

    @property
    def report(self) -> LegReport:
        assert self.status is not None
        return LegReport(
            name=self.way.leg.name,
            status=self.status,
            took_ms=round(self.took * 1000),
            count=len(self.hits),
            reason=self.reason,
        )

    def tell(self, *, succeeded: bool, took: float) -> None:
        """What the lane learns of this attempt, from whoever knows first: who waited, or the thread left behind."""
        if self._told.acquire(blocking=False):
            self.way.lane.breaker.leave(self.permit, succeeded=succeeded)
            self.way.lane.hedge.observe(took)


_Event = tuple[Attempt, list[SearchHit] | Exception, float]


class Asking:
    """Asks legs at once or one after the other. Whatever goes wrong behind a leg ends here, as a report.

    Args:
        until: when the legs' time is over, on the monotonic clock.
    """

    def __init__(self, workers: Workers, asked: Asked, until: float) -> None:
        self._workers = workers
        self._asked = asked
        self._until = until
        self._events: SimpleQueue[_Event] = SimpleQueue()
        self.attempts: list[Attempt] = []

    @property
    def reports(self) -> tuple[LegReport, ...]:
        return tuple(attempt.report for attempt in self.attempts)

    @property
    def disappointed(self) -> bool:
        return any(attempt.disappointed for attempt in self.attempts)

    @property
    def found(self) -> dict[Origin, list[SearchHit]]:
        return {attempt.way.leg.name: attempt.hits for attempt in self.attempts if attempt.hits}

    def start(self, way: Way) -> Attempt:
        """Asks a leg, unless its breaker is open or its threads are stuck."""
        lane, now = way.lane, time.monotonic()
        permit = lane.breaker.enter()
        attempt = Attempt(way, permit or 0, now)
        self.attempts.append(attempt)
        if permit is None:
            attempt.status, attempt.reason = "skipped", "breaker"
            return attempt
        if lane.remote and (worth_after := lane.hedge.worth_after()) is not None:
            attempt.hedge_at = now + worth_after
        try:
            self._try(attempt)
        except Stuck:
            attempt.status, attempt.reason = "failed", "stuck"
            lane.breaker.trip()
        except Full:  # not the leg's fault
            attempt.status, attempt.reason = "failed", "busy"
        return attempt

    def skip(self, way: Way) -> None:
        """The leg is not asked, since the others' answer is good enough."""
        self.attempts.append(Attempt(way, 0, time.monotonic(), status="skipped", reason="not needed"))

    def drop(self, attempt: Attempt) -> None:
        """Nobody waits for this leg any longer, since another one's answer is good enough after all."""
        if attempt.status is None:
            attempt.status, attempt.reason, attempt.took = "skipped", "overtaken", time.monotonic() - attempt.began

    def left(self) -> float:
        """Seconds that the legs have."""
        return max(0.0, self._until - time.monotonic())

    def run(self, until: float = NEVER, enough: Callable[[], bool] = lambda: False) -> None:
        """Waits until every leg has answered, it is `enough`, or `until` on the monotonic clock."""
        until = min(until, self._until)
        while not enough() and (awaited := [each for each in self.attempts if each.status is None]):
            now = time.monotonic()
            if now >= until:
                return
            next_look = min(until, *(each.hedge_at for each in awaited))
            try:
                event = self._events.get(timeout=max(0.0, next_look - now))
            except Empty:
                self._hedge(awaited)
            else:
                self._take(event)

    def close(self) -> None:
        """Nobody is waited for any longer. Who answers later is not heard, but what that says about him is noted."""
        for attempt in self.attempts:
            attempt.left_behind = True  # first: an answer is then either in the queue below or tells the lane itself
        while True:
            try:
                self._take(self._events.get_nowait())
            except Empty:
                break
        now = time.monotonic()
        for attempt in (each for each in self.attempts if each.status is None):
            attempt.status, attempt.took = "late", now - attempt.began
            attempt.reason = "deadline" if now >= self._until else "overtaken"
            if now >= self._until:
                attempt.tell(succeeded=False, took=attempt.took)

    def _try(self, attempt: Attempt) -> None:
        """Begins to ask in a thread. Raises: Stuck, Full."""

        def work() -> None:
            outcome: list[SearchHit] | Exception
            try:
                outcome = attempt.way.leg.search(self._asked, max(0.0, self._until - time.monotonic()))
            except Exception as error:
                # A leg is a border: whatever goes wrong behind it, the visitor still gets the other leg's answer.
                outcome = error
            ended = time.monotonic()
            self._events.put((attempt, outcome, ended))
            if attempt.left_behind:
                in_time = ended <= self._until and not isinstance(outcome, Exception)
                attempt.tell(succeeded=in_time, took=ended - attempt.began)

        self._workers.start(attempt.way.lane.key, work, self._until)
        attempt.running += 1

    def _hedge(self, awaited: list[Attempt]) -> None:
        """Asks a slow one once more. The first answer counts; the other one ends by its own timeout, unheard."""
        now = time.monotonic()
        for attempt in (each for each in awaited if each.hedge_at <= now):
            attempt.hedge_at = NEVER
            lane = attempt.way.lane
            once = not any(each.hedged for each in self.attempts)
            if once and lane.breaker.state == "closed" and lane.hedge.spend():
                with suppress(Stuck, Full):
                    self._try(attempt)
                    attempt.hedged = True

    def _take(self, event: _Event) -> None:
        attempt, outcome, ended = event
        attempt.running -= 1
        took = ended - attempt.began
        if attempt.status is not None:  # the other of two tries has answered, or nobody waits any more
            attempt.tell(succeeded=not isinstance(outcome, Exception), took=took)
            return
        if isinstance(outcome, Exception) and attempt.running:
            return  # the other try may still answer
        attempt.took = took
        if not isinstance(outcome, Exception):
            attempt.hits, attempt.status = outcome, "ok" if outcome else "empty"
        elif ended >= self._until - TIMEOUT_SECONDS:
            attempt.status, attempt.reason = "late", "deadline"
        elif isinstance(outcome, Trespass):
            attempt.status, attempt.reason = "failed", outcome.code
            attempt.tell(succeeded=False, took=took)
            raise outcome  # the one failure that costs the whole answer
        else:
            attempt.status = "failed"
            attempt.reason = outcome.code if isinstance(outcome, AisdrError) else "internal_error"
            self._log(attempt, outcome)
        attempt.tell(succeeded=attempt.status in ("ok", "empty"), took=took)

    def _log(self, attempt: Attempt, error: Exception) -> None:
        logger.warning(
            "search leg failed",
            leg=attempt.way.leg.name,
            company_id=self._asked.scope.company_id,
            code=attempt.reason,
            # What an address answered may repeat the question: only a fault of our own is told in full.
            exc_info=None if isinstance(error, AisdrError) else error,
        )
