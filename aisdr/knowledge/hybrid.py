"""Hybrid search: asks the legs that a company's strategy names, under one deadline, and merges what they found."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from aisdr.company import Company
from aisdr.configuration import SearchStrategy
from aisdr.errors import AisdrError
from aisdr.index.base import IndexQuery, Modality, Origin, Place, Places, SearchHit
from aisdr.inference.base import Embedder, Vectors
from aisdr.knowledge.base import Asked, Leg, LegReport, LegStatus, SearchResult
from aisdr.knowledge.merge import merge
from aisdr.knowledge.router import Route, Router
from aisdr.observability import logger

DEADLINE_SECONDS = 0.4
FIRST_LEG_SHARE = 0.5
"""Where a second leg may have to be asked after the first, this much of the time is the first leg's."""

WEAK = 0.45
"""A best score below this is no answer: of text alone, 98 % of questions for pictures get less, and 4 % for text."""

CANDIDATES = 40
"""Hits asked from each leg, so that the merge sees the same texts from both."""

EVEN = 0.5


class Knowledge:
    """Everything a company's representative can look up.

    Args:
        places: finds where a company's chunks are, and the embedder that turns the question into a vector, once.
        own: the leg of the company's own index.
        tavus: finds a company's Tavus leg.
        deadline: seconds for all legs together.
    """

    def __init__(
        self,
        places: Places,
        own: Leg,
        tavus: Callable[[Company], Leg],
        *,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self._places = places
        self._own = own
        self._tavus = tavus
        self._deadline = deadline
        self._router = Router()
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="search-leg")

    def search(
        self,
        company: Company,
        query: str,
        *,
        limit: int = 8,
        modalities: tuple[Modality, ...] = (),
        strategy: SearchStrategy | None = None,
    ) -> SearchResult:
        """Searches by the company's strategy, or by `strategy` where a caller insists.

        Never raises for a leg: one that is late or broken is reported and makes the result `degraded`.
        """
        strategy = (strategy or company.search_strategy) if company.use_tavus_kb else "own"
        place = self._places(company.scope)
        vector = _embed(place.embedder, query)
        question = IndexQuery(query, vector, max(CANDIDATES, limit), modalities)
        asking = _Asking(self._threads, Asked(company.scope, question, place), self._deadline)
        chosen: Route | None = None
        weight = company.tavus_kb_weight
        match strategy:
            case "own":
                asking.ask(self._own)
            case "parallel":
                asking.ask(self._own, self._tavus(company))
            case "fallback":
                weight = self._one_then_other(asking, self._tavus(company), self._own, WEAK, weight)
            case "smart":
                chosen = self._route(company, query, vector, place, modalities)
                weight = self._follow(chosen, asking, company)
        hits = merge(asking.found, {"own": 1 - weight, "tavus": weight}, limit)
        return SearchResult(
            hits=tuple(hits),
            strategy=strategy,
            route=chosen,
            legs=tuple(asking.reports),
            degraded=vector is None or any(report.status in ("late", "failed") for report in asking.reports),
        )

    def _route(
        self, company: Company, query: str, vector: Vectors | None, place: Place, modalities: tuple[Modality, ...]
    ) -> Route:
        if modalities and "text" not in modalities:
            return "multimodal"
        return self._router.decide(query, vector, place.embedder, exemplars=company.search.exemplars).route

    def _follow(self, chosen: Route, asking: "_Asking", company: Company) -> float:
        tavus, weight = self._tavus(company), company.tavus_kb_weight
        match chosen:
            case "text":
                return self._one_then_other(asking, tavus, self._own, WEAK, weight)
            case "multimodal":
                return self._one_then_other(asking, self._own, tavus, 0.0, weight)
            case "both":
                asking.ask(self._own, tavus)
                return weight

    @staticmethod
    def _one_then_other(asking: "_Asking", first: Leg, second: Leg, weak: float, weight: float) -> float:
        """Asks the second leg only when the first has no good answer.

        Returns:
            The weight to merge with: a leg that was asked because the other failed to convince stands level with it.
        """
        asking.ask(first, share=FIRST_LEG_SHARE)
        if any(hit.score >= weak for hit in asking.found.get(first.name, [])):
            asking.skip(second)
            return weight
        asking.ask(second)
        return EVEN


def _embed(embedder: Embedder, question: str) -> Vectors | None:
    try:
        return embedder.embed_question(question)
    except AisdrError as error:  # words alone still find something
        logger.warning("question not embedded", embedder=embedder.space.name, code=error.code)
        return None


@dataclass
class _Asking:
    """One search on its way: which legs were asked, what they found, how they did."""

    threads: ThreadPoolExecutor
    asked: Asked
    seconds: float
    found: dict[Origin, list[SearchHit]] = field(default_factory=dict)
    reports: list[LegReport] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def ask(self, *legs: Leg, share: float = 1.0) -> None:
        """Asks all of them at once and waits for the last one, but not beyond the deadline."""
        begin = time.monotonic()
        timeout = max(0.0, (self._end - begin) * share)
        started: Sequence[tuple[Leg, Future[tuple[list[SearchHit], int]]]] = [
            (leg, self.threads.submit(self._search, leg, timeout)) for leg in legs
        ]
        wait([future for _, future in started], timeout=timeout)
        for leg, future in started:
            if not future.done():
                future.cancel()  # one that already runs ends by its own timeout; nobody waits for it
                self._report(leg, "late", _milliseconds_since(begin))
            elif (error := future.exception()) is not None:
                # A leg is a border: whatever goes wrong behind it, the visitor still gets the other leg's answer.
                logger.warning(
                    "search leg failed", leg=leg.name, company_id=self.asked.scope.company_id, exc_info=error
                )
                self._report(leg, "failed", _milliseconds_since(begin))
            else:
                hits, took_ms = future.result()
                self.found[leg.name] = hits
                self._report(leg, "ok" if hits else "empty", took_ms, len(hits))

    def skip(self, leg: Leg) -> None:
        self._report(leg, "skipped", 0)

    def _search(self, leg: Leg, timeout: float) -> tuple[list[SearchHit], int]:
        begin = time.monotonic()
        hits = leg.search(self.asked, timeout)
        return hits, _milliseconds_since(begin)

    def _report(self, leg: Leg, status: LegStatus, took_ms: int, count: int = 0) -> None:
        self.reports.append(LegReport(name=leg.name, status=status, took_ms=took_ms, count=count))


def _milliseconds_since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)
