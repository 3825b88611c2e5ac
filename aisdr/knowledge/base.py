"""A leg answers one question from one place; hybrid search merges legs."""

from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import Field

from aisdr.company import TenantScope
from aisdr.configuration import SearchStrategy
from aisdr.index.base import IndexQuery, Locator, Media, Modality, Origin, Place, SearchHit
from aisdr.wire import Wire

LegStatus = Literal["ok", "empty", "late", "failed", "skipped"]


class LegReport(Wire):
    """How one leg did, for the operator and for honest labels in the answer."""

    name: Origin
    status: LegStatus
    took_ms: int = Field(ge=0)
    count: int = Field(ge=0)


class SearchResult(Wire):
    """Merged hits, best first. `degraded` says that a leg which was asked could not answer."""

    hits: tuple[SearchHit, ...]
    strategy: SearchStrategy
    route: Literal["text", "multimodal", "both"] | None = None
    legs: tuple[LegReport, ...] = ()
    degraded: bool = False


@dataclass(frozen=True)
class Asked:
    """One question as every leg gets it: who asks, what, and the place whose embedder made the question's vector."""

    scope: TenantScope
    query: IndexQuery
    place: Place


class Leg(Protocol):
    """One place to ask. `timeout` is in seconds, measured from the call."""

    name: Origin

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]: ...


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
            hits=tuple(hits), strategy=found.strategy, route=found.route, legs=found.legs, degraded=found.degraded
        )
