"""What keys of a bucket mean as files: which are sources, and what belongs to each."""

import re
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from aisdr.index.base import SourceRecord
from aisdr.ingest.fingerprint import companions_of
from aisdr.ingest.kinds import reader_for
from aisdr.ingest.labels import META

ETAGS = "etags"
"""Key of the record's `extra`: JSON of path → ETag, of everything that was fetched for the source."""
LONGEST_NAME = 255
"""Bytes of one part of a path, as file systems have it. A key may have a thousand."""
_TEXTS = (".md", ".markdown", ".html", ".htm")
_PICTURE = re.compile(r"""[^\s"'()<>\[\]|]+\.(?:png|jpe?g|webp|gif)""", re.IGNORECASE)


def sources_among(paths: Collection[str]) -> list[str]:
    """As `kinds.sources_in` finds them in a folder."""
    files = [path for path in paths if can_be_a_file(path) and not _is_apart(path)]
    belong_to_others = {companion for path in files for companion in companions(path)}
    return [path for path in files if path not in belong_to_others]


def _is_apart(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return parts[-1] == META or any(part.startswith(".") for part in parts)


def can_be_a_file(path: str) -> bool:
    parts = path.split("/")
    return (
        all(part not in ("", ".", "..") and len(part.encode()) <= LONGEST_NAME for part in parts) and "\0" not in path
    )


def companions(path: str) -> set[str]:
    """The files that would belong to this one, if they were there."""
    file = PurePosixPath(path)
    reader = reader_for(Path(path))
    if reader is None or not can_be_a_file(path):
        return set()
    endings = reader.companion_endings
    return {file.with_name(name + ending).as_posix() for ending in endings for name in (file.stem, file.name)} - {path}


def belonging(source_id: str, record: SourceRecord | None) -> set[str]:
    """Everything that a source may depend on, whether it is there or not."""
    folders = PurePosixPath(source_id).parents if can_be_a_file(source_id) else ()
    metas = {(folder / META).as_posix() for folder in folders}
    return {source_id, *companions(source_id), *metas, *companions_of(record)}


def pictures_named(source_id: str, root: Path) -> set[str]:
    """Paths of the pictures that a page shows: its reader wants to see them."""
    file = root / source_id
    if file.suffix.lower() not in _TEXTS or not file.is_file():
        return set()
    names = _PICTURE.findall(file.read_text("utf-8", errors="replace"))
    folder = PurePosixPath(source_id).parent
    return {path for name in names if "://" not in name and (path := _resolved(folder, unquote(name)))}


def _resolved(folder: PurePosixPath, name: str) -> str | None:
    parts: list[str] = []
    for part in (folder / name).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    path = "/".join(parts)
    return path if can_be_a_file(path) else None
