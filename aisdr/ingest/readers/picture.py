"""Reads a picture by what people wrote about it and by the text in it, which is read on this machine.

What people write: a caption file beside it, labels in TOML, the description inside of the file. Where pictures are
found by what they show, one of which all of that says nothing is kept under its name.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, IptcImagePlugin, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from aisdr.index.base import Locator, Media
from aisdr.ingest.front_matter import read_text
from aisdr.ingest.labels import Labels
from aisdr.ingest.perception import ocr
from aisdr.ingest.perception.base import DESCRIBED_SIDE, Undescribed
from aisdr.ingest.perception.layout import blocks, packed
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile, Unreadable

CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
"""No SVG: opened by itself it can run scripts on our own origin."""

MOST_PIXELS = 50_000_000
"""A camera takes 50 megapixels, which unpack to 150 MB. Pictures that are all one colour pack a thousandfold better."""
PIECE_WORDS = 130
"""Figures make more tokens than words do: 130 of them fill the 256 that MiniLM reads."""
WEBP_QUALITY = 82

_CONVERTED = (".tif", ".tiff", ".bmp")
"""Browsers do not show them, so what is published is a WebP."""
_CONVERTED_SIDE = 2560
_REFUSED = (".svg", ".svgz")
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
"""Pillow can open sixty kinds, some by starting other programs."""
_READ_BY_TAVUS = (".png", ".jpg", ".jpeg")
_CAPTION_ENDINGS = (".caption.md", ".caption.txt", ".txt")
_SAYS_NOTHING = frozenset({"olympus digital camera", "sony dsc", "samsung", "minolta digital camera", "screenshot"})
"""What cameras and phones write where a description belongs."""
_WINDOWS_TAGS = (ExifTags.Base.XPTitle, ExifTags.Base.XPSubject, ExifTags.Base.XPComment)
_IPTC_HEADLINE, _IPTC_CAPTION = (2, 105), (2, 120)


@dataclass(frozen=True)
class Look:
    """A picture that is whole: upright, its first frame, with what somebody wrote into the file."""

    image: Image.Image
    description: str

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size


class PictureReader:
    endings: tuple[str, ...] = (*CONTENT_TYPES, *_CONVERTED, *_REFUSED)
    companion_endings: tuple[str, ...] = (*_CAPTION_ENDINGS, ".toml")

    def read(self, file: SourceFile) -> Document:
        ending = file.path.suffix.lower()
        if ending in _REFUSED:
            raise NothingToRead("an SVG may carry scripts, so it is not published: save it as PNG beside this one")
        labels, seen = _with_caption_file(file), look(file.path)
        if not (labels.alt or labels.caption) and seen.description:
            labels = labels.with_values({"caption": seen.description}, file.source_id)
        title = labels.title or file.title
        publication = _published(file, seen)
        url = file.address or file.url(publication.path)
        written = tuple(dict.fromkeys(part for part in (labels.alt, labels.caption) if part))
        groups = packed(blocks(ocr.read(seen.image, file.tell)), PIECE_WORDS)
        known = bool(written or groups)
        if not (known or file.pictures_seen or file.senses.describing):
            raise NothingToRead(
                f"nobody describes the picture and there is no text in it: write {file.path.stem}.caption.md beside it"
                " (a picture that a Markdown file shows with a description needs none)"
            )
        media = Media(
            kind="image",
            url=file.url(publication.path),
            alt=written[0] if written else _alt(title, groups[0][0].text if groups else ""),
            caption=labels.caption,
            width=seen.size[0],
            height=seen.size[1],
        )
        pieces = []
        if written and (not groups or _words(*written) + sum(block.words for block in groups[0]) > PIECE_WORDS):
            pieces.append(Piece("\n".join(written), url, "image", media=media))
            written = ()
        for group in groups:
            text = "\n".join((*written, *(block.text for block in group)))
            locator = Locator() if written else Locator(box=ocr.union([block.box for block in group]))
            pieces.append(Piece(text, url, "image", locator, media))
            written = ()
        if not pieces:
            pieces.append(Piece(title, url, "image", media=media))
        asked = file.senses.describing and not (labels.alt or labels.caption)
        return Document(
            title,
            labels,
            tuple(pieces),
            (publication,),
            publication.path if ending in _READ_BY_TAVUS else None,
            undescribed=(Undescribed(0, for_describer(file, seen.image)),) if asked else (),
        )


def look(path: Path) -> Look:
    """Raises: Unreadable: no picture, cut off, or more pixels than a picture has."""
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            _check_size(path, picture)
            description = _description(picture)
            picture.seek(0)
            picture.load()
            upright = ImageOps.exif_transpose(picture) or picture
            return Look(_flat(upright), description)
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError) as error:
        raise _broken(path, error) from error


def measure(path: Path) -> tuple[int, int]:
    """Width and height in pixels, as it is shown.

    Raises:
        Unreadable: the file is no picture, is cut off, or unpacks to more pixels than a picture has.
    """
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            _check_size(path, picture)
            width, height = picture.size
            lies = picture.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
        with Image.open(path, formats=_FORMATS) as picture:
            picture.verify()  # which it does only as the first thing
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _broken(path, error) from error
    return (height, width) if lies else (width, height)


def webp(image: Image.Image, longest_side: int | None = None) -> bytes:
    """The picture as browsers show it best."""
    if longest_side and max(image.size) > longest_side:
        image = image.copy()
        image.thumbnail((longest_side, longest_side))
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=WEBP_QUALITY)
    return buffer.getvalue()


def for_describer(file: SourceFile, image: Image.Image) -> Path | bytes:
    """A copy of the picture that a describer can take as it is. It is not published."""
    return file.made(webp(image, DESCRIBED_SIDE), "image/webp", ".webp").content


def first_words(text: str, most: int = 12) -> str:
    """The beginning of a text, as a description of what it stands on."""
    words = text.split()
    return " ".join(words[:most]) + ("…" if len(words) > most else "")


def _check_size(path: Path, picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(path)


def _too_large(path: Path) -> Unreadable:
    return Unreadable(
        f"the picture {path.name} unpacks to more than {MOST_PIXELS // 1_000_000} megapixels: make it smaller"
    )


def _broken(path: Path, error: Exception) -> Unreadable:
    return Unreadable(
        f"the picture {path.name} is broken ({' '.join(str(error).split()).replace(str(path), path.name)})"
    )


def _flat(picture: Image.Image) -> Image.Image:
    """In colour, on white: letters on a transparent ground would otherwise stand on black."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        shown = picture.convert("RGBA")
        ground = Image.new("RGB", shown.size, "white")
        ground.paste(shown, mask=shown.getchannel("A"))
        return ground
    if picture.mode.startswith(("I", "F")):  # 16 bits a pixel, which `convert` cuts off instead of making darker
        values = np.asarray(picture, np.float32)
        darkest, span = values.min(), max(float(values.max() - values.min()), 1.0)
        return Image.fromarray(((values - darkest) * (255 / span)).astype(np.uint8)).convert("RGB")
    return picture.convert("RGB")


def _published(file: SourceFile, seen: Look) -> Publication:
    ending = file.path.suffix.lower()
    if file.address or ending in _CONVERTED:
        return file.made(webp(seen.image, _CONVERTED_SIDE), "image/webp", ".webp")
    return file.publication(file.path, CONTENT_TYPES[ending])


def _description(picture: Image.Image) -> str:
    """What somebody wrote into the file: EXIF, IPTC, or the text of a PNG."""
    exif = picture.getexif()
    found = [exif.get(ExifTags.Base.ImageDescription)]
    found += [
        _windows(exif.get(tag)) for tag in (ExifTags.Base.XPTitle, ExifTags.Base.XPSubject, ExifTags.Base.XPComment)
    ]
    iptc = (IptcImagePlugin.getiptcinfo(picture) if isinstance(picture, ImageFile) else None) or {}
    found += [iptc.get(field) for field in (_IPTC_HEADLINE, _IPTC_CAPTION)]
    found += [picture.info.get(key) for key in ("Title", "Description")]
    texts = (each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in found)
    said = (" ".join(each.replace("\x00", "").split()) for each in texts if isinstance(each, str))
    return " ".join(dict.fromkeys(each for each in said if each and each.lower() not in _SAYS_NOTHING))[:2000]


def _windows(value: object) -> str | None:
    """Windows writes these in UTF-16."""
    if isinstance(value, tuple):
        value = bytes(value)
    return value.decode("utf-16-le", "replace") if isinstance(value, bytes) else None


def _alt(title: str, text: str) -> str:
    return f"{title}: {first_words(text)}" if text else title


def _words(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)


def _with_caption_file(file: SourceFile) -> Labels:
    for ending in _CAPTION_ENDINGS:
        caption_file = file.beside(ending)
        if caption_file is not None:
            return _read_caption(file, caption_file)
    return file.labels


def _read_caption(file: SourceFile, caption_file: Path) -> Labels:
    values, text = read_text(caption_file)
    if text.strip():
        values = values | {"caption": " ".join(text.split())}
    return file.labels.with_values(values, caption_file.name)
