"""Hybrid search: asks the legs that a company's strategy names, under one deadline, and merges what they found."""

import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from aisdr.company import Company
from aisdr.configuration import SearchStrategy
from aisdr.errors import Forbidden
from aisdr.index.base import IndexQuery, Modality, Origin, Place, Places, SearchHit, Today, today
from aisdr.knowledge.asking import Asking, Way
from aisdr.knowledge.base import Asked, Leg, SearchResult, SecondStages, Understanding
from aisdr.knowledge.breaker import Clock
from aisdr.knowledge.cache import LIFE_SECONDS, Answers, key_of
from aisdr.knowledge.corpus import Corpus
from aisdr.knowledge.deadline import Deadline
from aisdr.knowledge.diversity import diverse
from aisdr.knowledge.durations import Durations
from aisdr.knowledge.explaining import Found, explain_search
from aisdr.knowledge.highlight import highlighted
from aisdr.knowledge.lane import Lanes
from aisdr.knowledge.merge import merge
from aisdr.knowledge.ordering import Ordering
from aisdr.knowledge.reading import Read, Reader
from aisdr.knowledge.router import Decision, Router
from aisdr.knowledge.strategies import FIRST_LEG_SECONDS, Course, Strategies
from aisdr.knowledge.workers import Workers
from aisdr.metrics import DEGRADED_SEARCHES, count
from aisdr.observability import logger
from aisdr.tenant import TenantScope
from aisdr.trespass import check_marks

CANDIDATES = 50
"""Hits asked from each leg, so that the merge sees the same texts from both, and the second stage has a choice."""

MOMENT_SHARE = 0.1
"""What a look at the company's chunks may take of the deadline: their version, whether there are any media."""
SECONDS_AFTERWARDS = (0.003, 0.008, 0.025)
"""Kept back for merge and highlights: at least, before it is known what they usually take here, and at most."""


@dataclass(frozen=True)
class Wanted:
    """One search as its caller wants it."""

    scope: TenantScope
    company: Company
    question: str
    limit: int
    modalities: tuple[Modality, ...]
    strategy: SearchStrategy
    live: bool
    for_model: bool


class Knowledge:
    """Everything a company's representative can look up. Safe to share between threads.

    Args:
        places: finds where a company's chunks are, and the embedder that turns the question into a vector, once.
        own: the leg of the company's own index.
        tavus: finds a company's Tavus leg.
        understand: reads the question before the legs do.
        rerank: finds the second stage that a company's configuration names.
        deadline: seconds for every search, whatever the companies say.
        first_leg_seconds: how long a leg is waited for alone where another one may follow.
        remember: seconds for which an answer is kept; 0 for never.
        clock: for what outlives a search, in seconds: breakers and kept answers.
        today: a kept answer does not outlive its day, since chunks may expire with it.
    """

    def __init__(
        self,
        places: Places,
        own: Leg,
        tavus: Callable[[Company], Leg],
        *,
        understand: Understanding | None = None,
        rerank: SecondStages | None = None,
        router: Router | None = None,
        deadline: float | None = None,
        first_leg_seconds: float = FIRST_LEG_SECONDS,
        remember: float = LIFE_SECONDS,
        clock: Clock = time.monotonic,
        today: Today = today,
    ) -> None:
        self._places = places
        self._own = own
        self._tavus = tavus
        self._router = router or Router()
        self._deadline = deadline
        self._first_leg_seconds = first_leg_seconds
        self._workers = Workers()
        self._lanes = Lanes(clock)
        self._corpus = Corpus(self._workers)
        self._reader = Reader(self._workers, self._lanes, self._corpus, understand)
        self._ordering = Ordering(self._workers, self._lanes, rerank)
        self._answers = Answers(clock, remember)
        self._afterwards = Durations()
        self._today = today

    def search(
        self,
        scope: TenantScope,
        company: Company,
        query: str,
        *,
        limit: int = 8,
        modalities: tuple[Modality, ...] = (),
        strategy: SearchStrategy | None = None,
        live: bool = False,
        for_model: bool = False,
        explain: bool = False,
    ) -> SearchResult:
        """Searches by the company's strategy, or by `strategy` where a caller insists.

        Never raises for a leg: one that is late or broken is reported and makes the result `degraded`.

        Args:
            scope: whose material it is; `company` only says how it is searched.
            live: somebody waits on the line; the company's shorter deadline holds.
            for_model: a model reads what is found, so no source may be all of it while others have something to say.
            explain: the result tells how it came about. It is then searched anew in any case.

        Raises:
            Forbidden: the scope is another company's.
            Trespass: something of another company was found; nothing is told.
        """
        if scope.company_id != company.company_id:
            raise Forbidden("A company's material is searched by its own settings", code="no_company")
        strategy = (strategy or company.search_strategy) if company.use_tavus_kb else "own"
        wanted = Wanted(scope, company, query, limit, modalities, strategy, live, for_model)
        place = self._places(scope)  # before the time begins: the first time in a process it loads a model
        settings = company.search
        seconds = self._deadline or (settings.live_deadline_ms if live else settings.deadline_ms) / 1000
        deadline = Deadline(seconds)
        with deadline.step("version"):
            version = self._corpus.version(scope, place, deadline.share(MOMENT_SHARE))
        day = self._today()
        key = (
            key_of(company, place, version, query, strategy, limit, modalities, live, for_model, day)
            if version
            else None
        )
        kept = self._answers.get(key) if key else None
        if kept is not None and not explain:
            _check_own(wanted, kept.hits, "cache")
            _log(wanted, kept, None, deadline, cached=True)
            return kept
        return self._carry_out(_Search(wanted, place, version, key, deadline, explain, was_kept=kept is not None))

    def _carry_out(self, search: "_Search") -> SearchResult:
        wanted, deadline, place = search.wanted, search.deadline, search.place
        company = wanted.company
        stage = self._ordering.stage(company)
        read = self._reader.read(wanted.scope, company, wanted.question, place, search.version, deadline)
        query = _query(wanted, read)
        until = deadline.end - self._seconds_afterwards() - self._ordering.seconds(stage, deadline)
        asking = Asking(self._workers, Asked(wanted.scope, query, place, read.understood.text), until)
        with deadline.step("legs"):
            course = self._ask(search, read, asking)
        _check_own(wanted, (hit for hits in asking.found.values() for hit in hits), "legs")
        with deadline.step("merge"):
            most = max(CANDIDATES, wanted.limit) if stage or wanted.for_model else wanted.limit
            merged = merge(asking.found, course.weights, most)
        staged = self._ordering.put(stage, company, query, place, merged, deadline)
        with deadline.step("highlights"):
            best = diverse(staged.hits, wanted.limit) if wanted.for_model else staged.hits[: wanted.limit]
            hits = highlighted(query.text, best)
        self._afterwards.observe(deadline.took("merge", "highlights"))
        # Once more at the end, for whatever stands between the legs and here.
        _check_own(wanted, hits, "result")
        result = SearchResult(
            hits=tuple(hits),
            strategy=wanted.strategy,
            route=course.decision.route if course.decision else None,
            legs=asking.reports,
            degraded=not read.embedded or asking.disappointed or staged.disappointed,
        )
        _log(wanted, result, course.decision, deadline, cached=False)
        if search.key is not None and read.whole:
            self._answers.put(search.key, result)
        if not search.explain:
            return result
        found = Found(read, course, asking.attempts, merged, staged)
        told = explain_search(wanted.question, wanted.strategy, place, search.version, found, deadline, search.notes())
        return result.model_copy(update={"explanation": told})

    def _ask(self, search: "_Search", read: Read, asking: Asking) -> Course:
        wanted, place = search.wanted, search.place
        company = wanted.company
        strategies = Strategies(
            asking,
            self._way(self._own, company, place),
            self._way(_TavusOf(self._tavus, company), company, place),
            company,
            shows_only=bool(wanted.modalities) and "text" not in wanted.modalities,
            first_leg_seconds=self._first_leg_seconds,
        )
        try:
            return strategies.follow(wanted.strategy, lambda: self._route(search, read))
        finally:
            asking.close()

    def _seconds_afterwards(self) -> float:
        least, first, most = SECONDS_AFTERWARDS
        return min(most, max(least, self._afterwards.usual_worst() or first))

    def _way(self, leg: Leg, company: Company, place: Place) -> Way:
        return Way(leg, self._lanes.of_leg(leg, company, place))

    def _route(self, search: "_Search", read: Read) -> Decision:
        company, place, deadline = search.wanted.company, search.place, search.deadline
        with deadline.step("route"):
            patience = deadline.share(MOMENT_SHARE)
            has_media = self._corpus.has_media(search.wanted.scope, place, search.version, patience)
            text, exemplars = read.understood.text, company.search.exemplars
            return self._router.decide(text, read.vector, place.embedder, exemplars=exemplars, has_media=has_media)


@dataclass(frozen=True)
class _Search:
    """One search on its way."""

    wanted: Wanted
    place: Place
    version: str | None
    key: Hashable | None
    deadline: Deadline
    explain: bool
    was_kept: bool

    def notes(self) -> tuple[str, ...]:
        if self.version is None:
            return ("cache: not used, since the index did not tell the version of the chunks",)
        return (
            ("cache: an answer is kept, and was not used for this explanation",) if self.was_kept else ("cache: empty",)
        )


def _check_own(wanted: Wanted, hits: Iterable[SearchHit], where: str) -> None:
    """Raises: Trespass."""
    check_marks(wanted.scope, (hit.owner for hit in hits), where)


def _query(wanted: Wanted, read: Read) -> IndexQuery:
    return IndexQuery(
        read.understood.words,
        read.vector,
        max(CANDIDATES, wanted.limit),
        wanted.modalities,
        picture_vector=read.picture_vector,
        words_weight=wanted.company.search.words_weight,
    )


@dataclass
class _TavusOf:
    """A company's Tavus leg, found when it is asked: a wrong address is that leg's failure and nobody else's."""

    find: Callable[[Company], Leg]
    company: Company
    name: Origin = "tavus"

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        return self.find(self.company).search(asked, timeout)


def _log(wanted: Wanted, result: SearchResult, decision: Decision | None, deadline: Deadline, *, cached: bool) -> None:
    """What was decided and how it went, and never a word of what was asked."""
    count(DEGRADED_SEARCHES, int(result.degraded), company_id=wanted.company.company_id)
    logger.info(
        "searched",
        company_id=wanted.company.company_id,
        strategy=result.strategy,
        route=result.route,
        confidence=round(decision.confidence, 3) if decision else None,
        reason=decision.reason if decision else None,
        router=decision.version if decision else None,
        legs={leg.name: f"{leg.status} {leg.reason}".strip() for leg in result.legs},
        hits=len(result.hits),
        degraded=result.degraded,
        cached=cached,
        live=wanted.live,
        ms=deadline.passed_ms(),
    )
