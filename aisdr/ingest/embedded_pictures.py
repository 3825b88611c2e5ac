"""Pictures inside office files: kept as they are if browsers show them, else drawn anew."""

import io
from collections.abc import Iterator

from PIL import Image, UnidentifiedImageError

from aisdr.index.base import Media
from aisdr.ingest.readers.base import Publication, SourceFile

_SHOWN = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp"}
_DRAWN_ANEW = ("BMP", "TIFF")
"""No metafiles (EMF, WMF) and no SVG: they are programs that draw."""

MAX_PIXELS = 40_000_000
"""A page of A3 at 300 dots an inch has 17 million."""

MAX_BYTES = 32 << 20
SMALLEST = 32
"""Pixels. What is smaller is a bullet or a line."""


class EmbeddedPictures:
    """The pictures of one file, each published once, and what the operator should know of the others."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self.publications: dict[str, Publication] = {}
        self._undescribed, self._unknown = 0, 0

    def media(self, content: bytes | None, alt: str, caption: str = "", fallback: str = "") -> Media | None:
        """What to show; None for a picture that is broken, tiny, of a kind no browser shows, or not described.

        `fallback` stands for a description where pictures are found by what they show.
        """
        size = _size(content) if content else None
        if content is None or size is None:
            self._unknown += 1
            return None
        kind, width, height = size
        if min(width, height) < SMALLEST:
            return None
        if not (alt or caption or self._file.pictures_seen):
            self._undescribed += 1
            return None
        drawn = content if kind in _SHOWN else _as_webp(content)
        if drawn is None:
            self._unknown += 1
            return None
        ending = _SHOWN.get(kind, ".webp")
        publication = self._file.made(drawn, "image/jpeg" if ending == ".jpg" else f"image/{ending[1:]}", ending)
        self.publications[publication.path] = publication
        url = self._file.url(publication.path)
        words = alt or caption or fallback or self._file.title
        return Media(kind="image", url=url, alt=words, caption=caption, width=width, height=height)

    def remarks(self) -> Iterator[str]:
        if self._undescribed:
            yield f"{_count(self._undescribed)} no description: write alternative texts where the file was made"
        if self._unknown:
            yield f"{_count(self._unknown)} a format that browsers do not show, or broken content, and were left out"


def _count(number: int) -> str:
    return f"{number} picture{' has' if number == 1 else 's have'}"


def _size(content: bytes) -> tuple[str, int, int] | None:
    if len(content) > MAX_BYTES:
        return None
    try:
        with Image.open(io.BytesIO(content)) as picture:
            kind, width, height = str(picture.format), picture.width, picture.height
            if kind not in (*_SHOWN, *_DRAWN_ANEW) or width * height > MAX_PIXELS:
                return None
            picture.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        return None
    return kind, width, height


def _as_webp(content: bytes) -> bytes | None:
    buffer = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.convert("RGB").save(buffer, "WEBP", quality=82)
    except (OSError, ValueError, SyntaxError):
        return None
    return buffer.getvalue()
