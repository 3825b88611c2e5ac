"""A picture as a model behind a network takes it: small enough, and in a format that it reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from aisdr.errors import InvalidInput

if TYPE_CHECKING:
    from PIL.Image import Image as Opened

LONGEST_SIDE = 2048
"""Pixels; Titan refuses more, and no model sees more."""
MOST_BYTES = 5_000_000
"""Requests may hold 25 MB in base64. Far less is sent in a fraction of the time."""
MOST_PIXELS = 80_000_000
"""A larger one is no picture for a visitor, and its pixels alone would fill the memory."""
_QUALITY = 90


@dataclass(frozen=True)
class Picture:
    """A whole file. `format` is `png`, `jpeg` or `webp`."""

    content: bytes
    format: str


def fitted(content: bytes, formats: Sequence[str]) -> Picture:
    """The picture as it is where it fits, else made smaller or written anew as JPEG.

    Raises:
        InvalidInput: it cannot be read as PNG, JPEG or WebP, or is far too large.
    """
    # Only who ingests embeds pictures: the functions of visitors carry no imaging library.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise InvalidInput(f"A picture of {opened.width} × {opened.height} pixels is too large to be embedded")
            kind = (opened.format or "").lower()
            if kind in formats and max(opened.size) <= LONGEST_SIDE and len(content) <= MOST_BYTES:
                opened.verify()
                return Picture(content, kind)
            return Picture(_written_anew(opened), "jpeg")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidInput("A picture cannot be read as PNG, JPEG or WebP, so it was not embedded") from error


def _written_anew(opened: "Opened") -> bytes:
    """On white where it is transparent, as a page would show it."""
    from PIL import Image

    opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    picture = opened.convert("RGBA")
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    written = BytesIO()
    ground.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
