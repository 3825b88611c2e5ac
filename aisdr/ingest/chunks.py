"""Pieces become chunks: with everything they need to stand alone, and ids that last."""

import hashlib
from collections import Counter

from aisdr.index.base import Chunk, Media
from aisdr.ingest.readers.base import Document
from aisdr.unseen import seen

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
                title=seen(document.title),
                text=seen(piece.text),
                modality=piece.modality,
                language=labels.language,
                tags=labels.tags,
                locator=piece.locator.model_copy(
                    update={"heading": piece.locator.heading and seen(piece.locator.heading)}
                ),
                url=piece.url,
                media=_shown(piece.media),
                origins=("own", "tavus") if document.is_for_tavus else ("own",),
                content_hash=hashlib.sha256(piece.text.encode()).hexdigest(),
                source_version=source_hash[:VERSION_DIGITS],
                expires=labels.expires,
            )
        )
    return chunks


def _shown(media: Media | None) -> Media | None:
    """Its words come from a file's name, from labels and from beside it: no reader may have cleaned them."""
    return media and media.model_copy(update={"alt": seen(media.alt), "caption": seen(media.caption)})
