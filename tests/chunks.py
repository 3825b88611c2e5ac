"""Small knowledge for tests: chunks in one line each, and an embedder whose vectors can be foretold."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from aisdr.index.base import Chunk, IndexQuery, Locator, Media, Modality, Origin, SearchHit, SearchIndex, SourceRecord
from aisdr.inference.base import Embedder, Vectors, VectorSpace
from aisdr.tenant import TenantScope

ACME, GLOBEX = TenantScope.for_operator("acme"), TenantScope.for_operator("globex")


class LetterCounts:
    """A text's direction in the space of its 26 letters: close texts are spelled alike, and every step is exact."""

    def __init__(self, name: str = "letter-counts", dimension: int = 26) -> None:
        self.space = VectorSpace(name, dimension)
        self.texts: list[str] = []
        """Everything that was ever embedded."""

    def embed_question(self, text: str) -> Vectors:
        vector: Vectors = self.embed_passages([text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        vectors = np.full((len(texts), self.space.dimension), 1e-6, dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text.lower():
                if "a" <= letter <= "z":
                    vectors[row, (ord(letter) - ord("a")) % self.space.dimension] += 1
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def chunk(
    text: str,
    *,
    source: str = "page.md",
    title: str = "",
    modality: Modality = "text",
    origins: tuple[Origin, ...] = ("own",),
    locator: Locator | None = None,
    media: Media | None = None,
    chunk_id: str = "",
    expires: date | None = None,
) -> Chunk:
    return Chunk(
        chunk_id=chunk_id or f"{source}:{modality}:{text}",
        source_id=source,
        title=title,
        text=text,
        modality=modality,
        locator=locator or Locator(),
        url=f"/media/acme/{source}",
        media=media,
        origins=origins,
        content_hash=text,
        expires=expires,
    )


def picture(text: str, **others: str | date) -> Chunk:
    return chunk(text, modality="image", media=Media(kind="image", url=f"/media/{text}.png", alt=text), **others)  # type: ignore[arg-type]


def store(index: SearchIndex, embedder: Embedder, scope: TenantScope, *chunks: Chunk) -> None:
    """Puts chunks into the index, each source as a whole."""
    for source in dict.fromkeys(each.source_id for each in chunks):
        own = [each for each in chunks if each.source_id == source]
        vectors = embedder.embed_passages([each.searchable_text for each in own])
        index.replace_source(scope, SourceRecord(source, "hash", len(own)), own, vectors)


def ask(
    text: str,
    embedder: Embedder | None = None,
    *,
    limit: int = 10,
    modalities: tuple[Modality, ...] = (),
    origin: Origin | None = None,
) -> IndexQuery:
    vector = embedder.embed_question(text) if embedder else None
    return IndexQuery(text, vector, limit, modalities, origin)


def texts(hits: Sequence[SearchHit]) -> list[str]:
    return [hit.chunk.text for hit in hits]
