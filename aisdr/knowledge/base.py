"""A leg answers one question from one place; hybrid search merges legs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from aisdr.company import Company
from aisdr.configuration import SearchStrategy
from aisdr.index.base import IndexQuery, Locator, Media, Modality, Origin, Place, SearchHit, Vocabulary
from aisdr.knowledge.explanation import Explanation
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

LegStatus = Literal["ok", "empty", "late", "failed", "skipped"]


class LegReport(Wire):
    """How one leg did, for the operator and for honest labels in the answer."""

    name: Origin
    status: LegStatus
    took_ms: int = Field(ge=0)
    count: int = Field(ge=0)
    reason: str = ""
    """Why it has no answer: `deadline`, `overtaken` (the other leg's sufficed), `breaker` (it failed too often lately),
    `stuck` (it does not keep its time), `busy` (too much is going on here), `not needed`, or the code of its error."""


class SearchResult(Wire):
    """Merged hits, best first. `degraded` says that something which was asked could not answer in time: a leg, the
    embedder or the second stage."""

    hits: tuple[SearchHit, ...]
    strategy: SearchStrategy
    route: Literal["text", "multimodal", "both"] | None = None
    legs: tuple[LegReport, ...] = ()
    degraded: bool = False
    explanation: Explanation | None = None
    """For a caller who asked for it."""


@dataclass(frozen=True)
class Asked:
    """One question as every leg gets it: who asks, what, and the place whose embedder made the question's vector."""

    scope: TenantScope
    query: IndexQuery
    place: Place
    question: str = ""
    """As somebody would have typed it, for those who do not search by words: `query.text` may hold synonyms, too."""


class Leg(Protocol):
    """One place to ask. `timeout` is in seconds, measured from the call."""

    name: Origin

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]: ...


@dataclass(frozen=True)
class Understood:
    """A question as it is searched.

    `text` is what somebody would have typed without mistakes: it is embedded, routed and sent to a search address.
    `words` is what the word index is asked; it may hold more, such as synonyms. Each note says one change, for the
    operator: `oktta → okta`.
    """

    text: str
    words: str
    notes: tuple[str, ...] = ()


class Understanding(Protocol):
    """Reads a question before the legs do.

    `vocabulary` is None as long as the company's words are not known: they are read in the background at first. It has
    a few hundredths of a second; who takes longer, or raises, is not listened to, and the question stays as it is.
    """

    def __call__(self, company: Company, question: str, vocabulary: Vocabulary | None) -> Understood: ...


class SecondStage(Protocol):
    """Puts the merged hits into a better order."""

    name: str

    def rerank(
        self, company: Company, query: IndexQuery, place: Place, hits: Sequence[SearchHit], timeout: float
    ) -> list[SearchHit]:
        """Best first; all of `hits` or fewer. `query.text` holds the words, `query.vector` may be missing.

        Every hit keeps its `leg_scores`, and with them its `relevance`. `timeout` is in seconds from the call: who is
        late or raises leaves the merge's order in place.
        """
        ...


class SecondStages(Protocol):
    """The second stage that a company's configuration names; None for none."""

    def __call__(self, company: Company) -> SecondStage | None: ...


class FoundHit(Wire):
    """A hit as `POST /api/search` tells it."""

    content: str
    score: float
    origins: tuple[Origin, ...]
    title: str
    modality: Modality
    locator: Locator
    url: str
    media: Media | None = None
    highlight: str = ""
    """The sentence that fits best."""


class SearchAnswer(Wire):
    """The answer of `POST /api/search`."""

    hits: tuple[FoundHit, ...]
    strategy: SearchStrategy
    route: Literal["text", "multimodal", "both"] | None = None
    legs: tuple[LegReport, ...] = ()
    degraded: bool = False
    explanation: Explanation | None = None
    """Only where the operator has allowed it."""

    @classmethod
    def of(cls, found: SearchResult) -> "SearchAnswer":
        hits = (
            FoundHit(
                content=hit.chunk.text,
                score=round(hit.score, 6),
                origins=hit.origins,
                title=hit.chunk.title,
                modality=hit.chunk.modality,
                locator=hit.chunk.locator,
                url=hit.chunk.url,
                media=hit.chunk.media,
                highlight=hit.highlight,
            )
            for hit in found.hits
        )
        return cls(
            hits=tuple(hits),
            strategy=found.strategy,
            route=found.route,
            legs=found.legs,
            degraded=found.degraded,
            explanation=found.explanation,
        )
