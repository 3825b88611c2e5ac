"""Pictures of the knowledge folder that a text shows."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from aisdr.index.base import Media
from aisdr.ingest.readers.base import SourceFile
from aisdr.ingest.readers.picture import CONTENT_TYPES, measure


def local_picture(file: SourceFile, source: str) -> Path | None:
    """Where the picture that a reference means would stand inside the knowledge folder; None for anything else."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path or "\0" in source:
        return None
    path = Path(os.path.normpath(file.path.parent / unquote(parts.path)))
    inside = path.is_relative_to(file.root) and path.resolve().is_relative_to(file.root.resolve())
    return path if inside and path.suffix.lower() in CONTENT_TYPES else None


def picture_media(file: SourceFile, path: Path, alt: str, caption: str) -> Media:
    """What visitors are shown of a picture of the folder, which has to be published, too.

    Raises:
        Unreadable: the picture is broken.
    """
    width, height = measure(path)
    url = file.url(path.relative_to(file.root).as_posix())
    return Media(kind="image", url=url, alt=alt, caption=caption, width=width, height=height)
