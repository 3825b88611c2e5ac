"""A source that browsers cannot open at a place, and the page of ours that they open instead."""

from collections.abc import Sequence
from html import escape

from aisdr.ingest.labels import Labels
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile
from aisdr.ingest.rendition import page, rendered_at


def address_of(file: SourceFile) -> str:
    """What citations open: our page, or the file itself where it stands on the web."""
    return file.address or file.url(rendered_at(file.source_id))


def rendered(
    file: SourceFile,
    title: str,
    body: str,
    pieces: Sequence[Piece],
    remarks: Sequence[str] = (),
    *,
    pictures: Sequence[Publication] = (),
    companions: Sequence[str] = (),
    labels: Labels | None = None,
) -> Document:
    """A document with its page. `body` is clean HTML; it gets the title for a heading unless it begins with one.

    Raises:
        NothingToRead: there are no pieces.
    """
    if not pieces:
        raise NothingToRead("it has no text")
    labels = labels or file.labels
    if file.address:
        return Document(title, labels, tuple(pieces), tuple(pictures), remarks=tuple(remarks))
    heading = "" if "<h1" in body else f"<h1>{escape(title)}</h1>\n"
    content = page(title, labels.language, f"{heading}{body}\n")
    rendition = Publication(rendered_at(file.source_id), "text/html; charset=utf-8", content)
    return Document(
        title, labels, tuple(pieces), (rendition, *pictures), rendition.path, tuple(remarks), tuple(companions)
    )
