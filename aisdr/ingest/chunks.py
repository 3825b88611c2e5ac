"""Pieces become chunks: with everything they need to stand alone, and ids that last."""

import hashlib
from collections import Counter

from aisdr.index.base import Chunk
from aisdr.ingest.readers.base import Document

VERSION_DIGITS = 12


def chunks_of(source_id: str, document: Document, source_hash: str) -> list[Chunk]:
    """An id stays the same as long as place and words do, in whatever version of its source."""
    labels = document.labels
    chunks: list[Chunk] = []
    repeated: Counter[str] = Counter()
    for piece in document.pieces:
        named = f"{source_id}\0{piece.modality}\0{piece.locator!r}\0{piece.text}"
        repeated[named] += 1
        identity = hashlib.sha256(f"{named}\0{repeated[named]}".encode()).hexdigest()
        chunks.append(
            Chunk(
                chunk_id=identity[:20],
                source_id=source_id,
                title=document.title,
                text=piece.text,
                modality=piece.modality,
                language=labels.language,
                tags=labels.tags,
                locator=piece.locator,
                url=piece.url,
                media=piece.media,
                origins=("own", "tavus") if document.is_for_tavus else ("own",),
                content_hash=hashlib.sha256(piece.text.encode()).hexdigest(),
                source_version=source_hash[:VERSION_DIGITS],
                expires=labels.expires,
            )
        )
    return chunks
