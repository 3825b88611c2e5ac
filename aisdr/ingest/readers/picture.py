"""Reads a picture by what people wrote about it: a caption file beside it, or labels in TOML.

Without either it is kept where pictures are found by what they show, under its name.
"""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from aisdr.index.base import Media
from aisdr.ingest.front_matter import read_text
from aisdr.ingest.labels import Labels
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, SourceFile, Unreadable

CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
"""No SVG: opened by itself it can run scripts on our own origin."""

_READ_BY_TAVUS = (".png", ".jpg", ".jpeg")
_CAPTION_ENDINGS = (".caption.md", ".caption.txt", ".txt")


class PictureReader:
    endings: tuple[str, ...] = tuple(CONTENT_TYPES)
    companion_endings: tuple[str, ...] = (*_CAPTION_ENDINGS, ".toml")

    def read(self, file: SourceFile) -> Document:
        labels = _with_caption_file(file)
        if not (labels.alt or labels.caption or file.pictures_seen):
            raise NothingToRead(
                f"a picture is found by its caption: write {file.path.stem}.caption.md beside it (a picture that a "
                "Markdown file shows with a description needs none)"
            )
        width, height = measure(file.path)
        publication = file.publication(file.path, CONTENT_TYPES[file.path.suffix.lower()])
        url = file.url(publication.path)
        title = labels.title or file.title
        alt = labels.alt or labels.caption or title
        media = Media(kind="image", url=url, alt=alt, caption=labels.caption, width=width, height=height)
        text = "\n".join(dict.fromkeys(part for part in (labels.alt, labels.caption) if part)) or title
        tavus_path = publication.path if file.path.suffix.lower() in _READ_BY_TAVUS else None
        return Document(title, labels, (Piece(text, url, "image", media=media),), (publication,), tavus_path)


def measure(path: Path) -> tuple[int, int]:
    """Width and height in pixels.

    Raises:
        Unreadable: the file is no picture, is cut off, or unpacks to more pixels than a picture has.
    """
    try:
        with Image.open(path) as picture:
            size = picture.size
            picture.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise Unreadable(f"the picture {path.name} is broken ({error})") from error
    return size


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
