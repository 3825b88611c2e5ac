"""What an index holds and what it answers: chunks in, scored hits out, never another company's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import Field

from aisdr.company import TenantScope
from aisdr.inference.base import Vectors
from aisdr.wire import Wire

Modality = Literal["text", "image", "video", "slide"]
Origin = Literal["own", "tavus"]


class Locator(Wire):
    """Where in its source a chunk stands. Every field is optional; `start` and `end` are seconds."""

    heading: str | None = None
    page: int | None = Field(default=None, ge=1)
    start: float | None = Field(default=None, ge=0)
    end: float | None = Field(default=None, ge=0)


class Media(Wire):
    """What to show for a chunk: a picture, or a clip at its second. URLs are absolute or start with `/`."""

    kind: Literal["image", "clip"]
    url: str
    alt: str = ""
    caption: str = ""
    width: int | None = None
    height: int | None = None
    poster: str | None = None
    captions_url: str | None = None
    """WebVTT."""


class Chunk(Wire):
    """The smallest piece of knowledge that can be found and cited."""

    chunk_id: str
    source_id: str
    """Path or address of the source, stable between ingestions."""
    title: str
    text: str
    modality: Modality = "text"
    language: str = "en"
    tags: tuple[str, ...] = ()
    locator: Locator = Locator()
    url: str
    """Opens the source at the right page, heading or second."""
    media: Media | None = None
    origins: tuple[Origin, ...] = ("own",)
    """`tavus` is among them when the source is also registered as a Tavus document: then both brains know it."""
    content_hash: str

    @property
    def searchable_text(self) -> str:
        """What both the word index and the embedder read: a chunk is also found by its title and heading."""
        return "\n".join(part for part in (self.title, self.locator.heading, self.text) if part)


class SearchHit(Wire):
    """A chunk that fits, and every leg that found it.

    An index gives `score` an absolute meaning between 0 and 1. After two legs were merged it is the weight of the hit
    among the others (0 to 1, what the list is sorted by), and `relevance` is what keeps the absolute meaning.
    """

    chunk: Chunk
    score: float
    origins: tuple[Origin, ...]
    leg_scores: dict[Origin, float] = Field(default_factory=dict)
    """What each leg said on its own, before the merge."""

    @property
    def relevance(self) -> float:
        """How well the chunk fits the question, 0 to 1, whatever the strategy and the weight: for thresholds."""
        return max(self.leg_scores.values(), default=self.score)


@dataclass(frozen=True)
class IndexQuery:
    """A question to one index. `vector` has the index's dimension and length 1; None means words only."""

    text: str
    vector: Vectors | None
    limit: int = 10
    modalities: tuple[Modality, ...] = ()
    origin: Origin | None = None
    """Only chunks that carry this origin; None for all."""


@dataclass(frozen=True)
class SourceRecord:
    """A source as the index knows it, so that an unchanged one need not be read again."""

    source_id: str
    content_hash: str
    chunks: int
    tavus_document_id: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


class SearchIndex(Protocol):
    """One company's chunks. The scope is always the first argument and the only way to name a company."""

    def search(self, scope: TenantScope, query: IndexQuery) -> list[SearchHit]: ...

    def replace_source(
        self, scope: TenantScope, source: SourceRecord, chunks: Sequence[Chunk], vectors: Vectors
    ) -> None:
        """Writes all chunks of one source and removes those it no longer has, in one step."""
        ...

    def remove_source(self, scope: TenantScope, source_id: str) -> None: ...

    def sources(self, scope: TenantScope) -> list[SourceRecord]: ...

    def media_chunks(self, scope: TenantScope) -> list[Chunk]:
        """Every chunk that has something to show, for tools that pick a picture or a clip."""
        ...
