"""Sources for visitors only: whatever is published for them stands where addresses need a signature."""

from dataclasses import replace

from aisdr.index.base import Media
from aisdr.ingest.readers.base import Document, Piece
from aisdr.media_links import base_url
from aisdr.tenant import TenantScope


def where_it_is_seen(scope: TenantScope, document: Document) -> Document:
    """A document `for visitors`, with its publications and all addresses of them moved there; any other as it is.

    After the reading, because a file itself may say, in its first lines, who may see it.
    """
    if document.labels.visibility != "visitors":
        return document
    public, private = f"{base_url(scope)}/", f"{base_url(scope, private=True)}/"

    def moved(url: str) -> str:
        return private + url.removeprefix(public) if url.startswith(public) else url

    def shown(media: Media) -> Media:
        return media.model_copy(
            update={
                "url": moved(media.url),
                "poster": moved(media.poster) if media.poster else None,
                "captions_url": moved(media.captions_url) if media.captions_url else None,
            }
        )

    def told(piece: Piece) -> Piece:
        return replace(piece, url=moved(piece.url), media=shown(piece.media) if piece.media else None)

    return replace(
        document,
        pieces=tuple(told(piece) for piece in document.pieces),
        publications=tuple(replace(each, private=True) for each in document.publications),
    )
