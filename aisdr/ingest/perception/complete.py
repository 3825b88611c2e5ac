"""What readers put aside is heard and described, where the vendors' keys are: documents become complete."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aisdr.ingest.perception.base import Perception, Undescribed
from aisdr.ingest.perception.captions import WEBVTT_TYPE, webvtt
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, SourceFile
from aisdr.ingest.readers.clip import spoken_pieces

LONGEST_DESCRIPTION = 800
"""Characters: about what an embedder reads besides the title."""


@dataclass(frozen=True)
class Completed:
    """A document that waits for nobody, and what that cost in dollars."""

    document: Document
    money: float = 0.0


def complete(file: SourceFile, document: Document, perception: Perception) -> Completed:
    """Has the vendors hear and see what `file` put aside. A document of which nothing was put aside is as it was.

    Raises:
        NothingToRead: nothing can be made out in it by anybody.
        VendorError, NotConfigured: the vendor failed; the document is best read again later.
    """
    heard, spent = _heard(file, document, perception)
    described, more = _described(heard, perception)
    if not described.pieces:
        raise NothingToRead(
            f"nobody says anything that can be made out: write captions beside it ({file.path.stem}.vtt)"
        )
    return Completed(described, spent + more)


def _heard(file: SourceFile, document: Document, perception: Perception) -> tuple[Document, float]:
    waiting = document.unheard
    if waiting is None or perception.transcriber is None:
        return replace(document, unheard=None), 0.0
    heard = perception.transcriber.transcribe(waiting.sounds, document.labels.language)
    if not heard.said:
        return replace(document, unheard=None), heard.money
    captions = file.made(webvtt(heard.said), WEBVTT_TYPE, ".vtt")
    media = waiting.media.model_copy(update={"captions_url": file.url(captions.path)})
    known = [replace(piece, media=media) if piece.media == waiting.media else piece for piece in document.pieces]
    spoken = spoken_pieces(heard.said, media, waiting.chapters)
    # A caption that somebody wrote stays first, the scenes come last, as where captions lie beside the clip.
    before = sum(piece.modality == "video" for piece in known)
    pieces = (*known[:before], *spoken, *known[before:])
    moved = tuple(
        replace(each, piece=each.piece + len(spoken)) if each.piece >= before else each for each in document.undescribed
    )
    publications = (*document.publications, captions)
    told = replace(document, pieces=pieces, publications=publications, undescribed=moved, unheard=None)
    return told, heard.money


def _described(document: Document, perception: Perception) -> tuple[Document, float]:
    if perception.describer is None or not document.undescribed:
        return replace(document, undescribed=()), 0.0
    pieces, spent = list(document.pieces), 0.0
    for asked in _once_each(document.undescribed):
        description = perception.describer.describe(asked.data, document.labels.language)
        pieces[asked.piece] = _with_description(pieces[asked.piece], description.text[:LONGEST_DESCRIPTION])
        spent += description.money
    return replace(document, pieces=tuple(pieces), undescribed=()), spent


def _once_each(asked: Sequence[Undescribed]) -> list[Undescribed]:
    """A picture whose text fills several pieces is described in the first of them."""
    first: dict[Path | bytes, Undescribed] = {}
    for each in asked:
        first.setdefault(each.picture, each)
    return list(first.values())


def _with_description(piece: Piece, text: str) -> Piece:
    """What the picture shows stands before what is written in it; a name that stood in for that goes."""
    if not text or piece.media is None:
        return piece
    own = "" if piece.text == piece.media.alt else piece.text
    media = piece.media.model_copy(update={"alt": text})
    return replace(piece, text="\n".join(part for part in (text, own) if part), media=media)
