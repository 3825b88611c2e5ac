"""Reads a clip by its captions: pieces of a quarter to half a minute, each opening the clip at its second."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError

from aisdr.index.base import Locator, Media
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile, Unreadable
from aisdr.ingest.readers.picture import CONTENT_TYPES as PICTURE_TYPES
from aisdr.ingest.readers.picture import measure

CONTENT_TYPES = {".webm": "video/webm", ".mp4": "video/mp4", ".m4v": "video/mp4"}
_POSTER_ENDINGS = tuple(f".poster{ending}" for ending in PICTURE_TYPES)
SHORTEST_SECONDS = 15
LONGEST_SECONDS = 30


@dataclass(frozen=True)
class _Span:
    start: float
    end: float
    text: str


class VideoReader:
    endings: tuple[str, ...] = tuple(CONTENT_TYPES)
    companion_endings: tuple[str, ...] = (".vtt", ".toml", *_POSTER_ENDINGS)

    def read(self, file: SourceFile) -> Document:
        captions, poster = file.beside(".vtt"), _poster(file)
        spans = _merge(_captions(captions)) if captions else []
        labels = file.labels
        if not spans and not labels.caption:
            raise NothingToRead(f"a clip is found by its captions: write {file.path.stem}.vtt (WebVTT) beside it")
        clip = file.publication(file.path, CONTENT_TYPES[file.path.suffix.lower()])
        publications = [clip]
        if captions:
            publications.append(file.publication(captions, "text/vtt; charset=utf-8"))
        if poster:
            publications.append(file.publication(poster, PICTURE_TYPES[poster.suffix.lower()]))
        width, height = measure(poster) if poster else (None, None)
        media = Media(
            kind="clip",
            url=file.url(clip.path),
            alt=labels.alt or file.title,
            caption=labels.caption,
            width=width,
            height=height,
            poster=_url(file, poster),
            captions_url=_url(file, captions),
        )
        pieces = [_piece(span, media) for span in spans]
        if labels.caption:
            pieces.insert(0, Piece(labels.caption, media.url, "video", Locator(start=0), media))
        remarks = ("Tavus cannot read clips: only our own index knows this one",) if labels.tavus else ()
        return Document(file.title, labels, tuple(pieces), tuple(publications), None, remarks)


def _piece(span: _Span, media: Media) -> Piece:
    locator = Locator(start=span.start, end=span.end)
    return Piece(span.text, f"{media.url}#t={span.start:g}", "video", locator, media)


def _poster(file: SourceFile) -> Path | None:
    return next((path for ending in _POSTER_ENDINGS if (path := file.beside(ending))), None)


def _url(file: SourceFile, path: Path | None) -> str | None:
    publication: Publication | None = file.publication(path, "") if path else None
    return file.url(publication.path) if publication else None


def _captions(path: Path) -> list[_Span]:
    try:
        captions = WebVTT.from_string(path.read_text(encoding="utf-8-sig")).captions
    except (MalformedFileError, MalformedCaptionError, UnicodeDecodeError) as error:
        raise Unreadable(f"the captions {path.name} are not valid WebVTT: {error}") from error
    spans = [
        _Span(_seconds(each.start_time), _seconds(each.end_time), " ".join(each.text.split())) for each in captions
    ]
    return [span for span in spans if span.text]


def _seconds(time: object) -> float:
    return float(getattr(time, "in_milliseconds")()) / 1000  # noqa: B009


def _merge(captions: Sequence[_Span]) -> list[_Span]:
    """Joins captions until a thought is likely to be complete: a sentence's end after 15 s, or 30 s at the latest."""
    merged: list[_Span] = []
    current: _Span | None = None
    for caption in captions:
        if current is None:
            current = caption
        elif caption.end - current.start > LONGEST_SECONDS:
            merged.append(current)
            current = caption
        else:
            current = _Span(current.start, max(current.end, caption.end), f"{current.text} {caption.text}")
        if current.end - current.start >= SHORTEST_SECONDS and current.text.endswith((".", "!", "?")):
            merged.append(current)
            current = None
    return [*merged, current] if current else merged
