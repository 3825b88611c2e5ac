"""What a source's chunks depend on, as one hash: as long as it is the same, nothing is read or embedded again."""

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from aisdr.index.base import SourceRecord
from aisdr.ingest.media import digest_of
from aisdr.ingest.readers.base import Reader, SourceFile

READING = "2"
"""Raise it when readers or splitting change what they make of the same bytes: every source is then read again."""

MANNER = "manner"
"""Key of the record's `extra`: everything that a fingerprint depends on, beside the files."""
COMPANIONS = "companions"
"""Key of the record's `extra`: which other files were looked at."""

PAGES = frozenset({".md", ".markdown", ".html", ".htm", ".xhtml"})
_PICTURE = re.compile(rb"!\[|<img\b", re.IGNORECASE)


def fingerprint(file: SourceFile, reader: Reader, companions: Iterable[str]) -> str:
    """Of the file, what belongs to it, its labels, and our reading.

    Not of the embedder: a company that moves to another one takes its chunks along. Where pictures are seen there are
    more of them.

    Args:
        companions: paths below the root of files that the last reading looked at, whether they are there or not.
    """
    digest = hashlib.sha256(own_fingerprint(file, reader).encode())
    for companion in sorted(set(companions)):
        digest.update(f"\0{companion} {_digest(file.root / companion)}".encode())
    return digest.hexdigest()


def twin_fingerprint(file: SourceFile, reader: Reader) -> str:
    """Two sources that have it in common say and show the same.

    A page names its pictures from where it stands: the same words in another folder may show others.
    """
    own = own_fingerprint(file, reader)
    if file.path.suffix.lower() not in PAGES or not _PICTURE.search(file.path.read_bytes()):
        return own
    return f"{own} in {posixpath.dirname(file.source_id)}"


def own_fingerprint(file: SourceFile, reader: Reader) -> str:
    """Without the files that only a reading finds."""
    digest = hashlib.sha256()
    parts = [READING, file.base_url, repr(file.labels), *(("pictures seen",) if file.pictures_seen else ())]
    parts += [repr(file.senses), file.path.suffix.lower(), digest_of(file.path)]
    for ending in reader.companion_endings:
        beside = file.beside(ending)
        parts += [f"{ending} {digest_of(beside)}"] if beside else []
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def companions_of(record: SourceRecord | None) -> list[str]:
    """Of the last reading."""
    known: list[str] = json.loads(record.extra.get(COMPANIONS, "[]")) if record else []
    return known


def _digest(path: Path) -> str:
    return digest_of(path) if path.is_file() else "absent"
