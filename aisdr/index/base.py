"""What an index holds and what it answers: chunks in, scored hits out, never another company's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal, Protocol

from pydantic import Field

from aisdr.inference.base import Embedder, PictureEmbedder, Vectors, VectorSpace
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

Modality = Literal["text", "image", "video", "slide"]
Origin = Literal["own", "tavus"]
Today = Callable[[], date]
"""Tells the date by which a chunk is still found, or no longer."""


def today() -> date:
    """In UTC, so that a chunk ends at one instant, wherever it is asked for."""
    return datetime.now(UTC).date()


class Locator(Wire):
    """Where in its source a chunk stands. Every field is optional; `start` and `end` are seconds."""

    heading: str | None = None
    """Path of headings; of a spreadsheet the name of the sheet, of a clip that of the chapter."""
    page: int | None = Field(default=None, ge=1)
    """Of a document, or the number of a slide."""
    row: int | None = Field(default=None, ge=1)
    """First row of a table's file, counted as the spreadsheet counts, the header being 1."""
    box: tuple[float, float, float, float] | None = None
    """Left, top, width and height of the place on the page or picture, as shares of its size."""
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
    source_version: str = ""
    """Changes with the source: the beginning of the hash of what was read."""
    expires: date | None = None
    """The last day on which it may be found."""

    def is_current(self, day: date) -> bool:
        """Whether it may be found on that day."""
        return self.expires is None or day <= self.expires

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
    words: float = 0.0
    """Of the score: how well the words fit, 0 to 1, before they are weighed."""
    meaning: float = 0.0
    """Of the score: how near in meaning, 0 to 1, before it is weighed."""
    highlight: str = ""
    """The sentence of the chunk that fits best."""
    owner: str = Field(default="", exclude=True)
    """The mark of the company whose it is, as it stands with the chunk: what was asked for says nothing here."""

    @property
    def relevance(self) -> float:
        """How well the chunk fits the question, 0 to 1, whatever the strategy and the weight: for thresholds."""
        return max(self.leg_scores.values(), default=self.score)


@dataclass(frozen=True)
class IndexQuery:
    """A question to one index. Empty filters allow everything.

    `vector` has the index's dimension and length 1; None means words only. `picture_vector` is the question in the
    space of picture vectors, where a company has such.
    """

    text: str
    vector: Vectors | None
    limit: int = 10
    modalities: tuple[Modality, ...] = ()
    origin: Origin | None = None
    """Only chunks that carry this origin; None for all."""
    tags: tuple[str, ...] = ()
    """Only chunks with at least one of them."""
    languages: tuple[str, ...] = ()
    picture_vector: Vectors | None = None
    words_weight: float = 0.2
    """Share of the words in the score; the rest is meaning."""


@dataclass(frozen=True)
class SourceRecord:
    """A source as the index knows it, so that an unchanged one need not be read again."""

    source_id: str
    content_hash: str
    chunks: int
    tavus_document_id: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """The words of a company's chunks as they are written, lower case: what a misspelt question is held against."""

    chunks: int
    """How many chunks the company has."""
    words: Mapping[str, int]
    """In how many chunks each word stands."""


class SearchIndex(Protocol):
    """Companies' chunks. The scope is always the first argument and the only way to name a company."""

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float | None = None) -> list[SearchHit]:
        """Best first, without those that have expired. `timeout` in seconds, for an engine behind a network.

        Raises:
            VendorError: the engine is away, late, or answers what it should not.
        """
        ...

    def replace_source(
        self,
        scope: TenantScope,
        source: SourceRecord,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        picture_vectors: Mapping[str, Vectors] | None = None,
    ) -> None:
        """Writes all chunks of one source and removes those it no longer has, in one step.

        Args:
            vectors: shape (chunks, dimension), in the order of the chunks.
            picture_vectors: chunk id → vector of what the chunk shows.
        """
        ...

    def remove_source(self, scope: TenantScope, source_id: str) -> None: ...

    def remove_company(self, scope: TenantScope) -> None:
        """Leaves nothing of the company behind."""
        ...

    def sources(self, scope: TenantScope) -> list[SourceRecord]: ...

    def chunks(self, scope: TenantScope, source_id: str) -> list[Chunk]:
        """All of one source, in the order of their ids."""
        ...

    def vectors(self, scope: TenantScope, source_id: str) -> dict[str, Vectors]:
        """Chunk id → vector of its text, of all of one source: what says the same need not be embedded again."""
        ...

    def media_chunks(self, scope: TenantScope) -> list[Chunk]:
        """Every chunk that has something to show and has not expired, for tools that pick a picture or a clip."""
        ...

    def version(self, scope: TenantScope) -> str:
        """Another one after every change of the company's chunks; empty as long as there are none."""
        ...

    def vocabulary(self, scope: TenantScope) -> Vocabulary: ...


@dataclass(frozen=True)
class Place:
    """Where a company's chunks are kept, and what turns its texts and pictures into the vectors kept there."""

    index: SearchIndex
    embedder: Embedder
    pictures: PictureEmbedder | None = None
    engine: str = "embedded"
    """Name of the engine. Any other than `embedded` stands behind a network: a slow read may be asked once more."""


class Places(Protocol):
    """Finds a company's place, which may change while we run: ask once for each question."""

    def __call__(self, scope: TenantScope) -> Place: ...


def check_vectors(chunks: Sequence[Chunk], vectors: Vectors, space: VectorSpace | None) -> None:
    """Refuses what no question could be compared with, before anything is written.

    Raises:
        ValueError: vectors of another number or dimension, or one that is not finite or has no direction.
    """
    if space is None:
        raise ValueError("this index keeps no vectors of pictures; configure a picture embedder and reindex")
    if vectors.shape != (len(chunks), space.dimension):
        raise ValueError(f"{len(chunks)} chunks need vectors of shape {(len(chunks), space.dimension)}")
    lengths = (vectors * vectors).sum(axis=1)
    for chunk, length in zip(chunks, lengths.tolist(), strict=True):
        if not 0 < length < float("inf"):
            raise ValueError(f"the vector of chunk '{chunk.chunk_id}' is not finite or has no direction")


def check_pictures(chunks: Sequence[Chunk], shown: Mapping[str, Vectors], space: VectorSpace | None) -> None:
    """The same of pictures' vectors. Raises: ValueError."""
    for chunk in chunks:
        if chunk.chunk_id in shown:
            check_vectors([chunk], shown[chunk.chunk_id][None], space)


def check_source(source_id: str, chunks: Sequence[Chunk]) -> None:
    """Raises: ValueError: a chunk is another source's."""
    for chunk in chunks:
        if chunk.source_id != source_id:
            raise ValueError(f"chunk '{chunk.chunk_id}' belongs to '{chunk.source_id}', not to '{source_id}'")
