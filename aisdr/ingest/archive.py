"""Looks at a zip-based office file before any library opens it: what unpacks to too much is not unpacked.

Its parts are XML without document types (ECMA-376, part 2), so one that declares any is no office file: that is where
entities come from that grow while they are read, or name files of ours.
"""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO
from xml.parsers import expat

from lxml import etree  # type: ignore[import-untyped]

from aisdr.ingest.readers.base import Unreadable

MAX_ENTRIES = 10_000
MAX_UNPACKED = 1 << 30
"""A deck with clips inside is large; nothing reads those, but the bytes are there."""

MAX_XML = 384 << 20
"""One part of XML. A sheet of a million cells has 40 MB; parts that become a tree meet the reader's memory first."""

MAX_RATIO = 200
"""Unpacked to packed. Sheets reach 40; deflate itself ends at 1032."""

_SMALL = 1 << 20
"""What unpacks to less than this may be packed as well as it likes."""

_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
"""Microsoft's older container; also what a password puts around a file [MS-OFFCRYPTO]."""

_XML = (".xml", ".rels", ".vml")
MALFORMED = (
    etree.LxmlError, expat.ExpatError, zipfile.BadZipFile, zlib.error, struct.error,
    ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, OSError, TypeError, ValueError,
)  # fmt: skip
"""What the libraries say about parts that are missing or wrong: their own words are few, most are Python's."""

_MAIN_PARTS = {"word/": ".docx", "ppt/": ".pptx", "xl/": ".xlsx"}
_PART = 1 << 16


def check(path: Path) -> None:
    """Passes a file whose content is what its ending says and whose size, unpacked, can be borne.

    Raises:
        Unreadable: it is another kind of file, cut off, locked with a password, a bomb, or full of tricks.
    """
    with path.open("rb") as file:
        head = file.read(8)
        if head == _COMPOUND:
            raise Unreadable(_compound(path, file))
    if not head.startswith(b"PK"):
        raise Unreadable(f"it is no {path.suffix[1:].upper()} file, whatever its name says: look at what it really is")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_names(entries)
            _check_sizes(entries)
            _check_kind(path, entries)
            for entry in entries:
                if entry.filename.lower().endswith(_XML):
                    _check_xml(archive, entry)
    except MALFORMED as error:
        raise Unreadable(f"it is broken or cut off ({error}): save or copy it again") from error


def _compound(path: Path, file: IO[bytes]) -> str:
    while part := file.read(1 << 20):
        if "EncryptedPackage".encode("utf-16-le") in part:
            return "it is locked with a password: save a copy without one"
    return f"it is in the format of before 2007, whatever its name says: save it as {path.suffix}"


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Unreadable(f"it is packed from {len(entries)} parts; an office file has at most {MAX_ENTRIES}")
    seen: set[str] = set()
    for entry in entries:
        # `orig_filename` is what is written there: zipfile cuts names at a zero byte.
        name = entry.orig_filename
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or "\0" in name or ":" in parts[0]:
            raise Unreadable(f"it holds a part that would be unpacked elsewhere ({name[:80]!r})")
        if name.lower() in seen:
            raise Unreadable(f"it holds the part {name[:80]!r} twice, so that two programs see two files in it")
        seen.add(name.lower())


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise Unreadable("it is packed in a way that office programs do not pack: save it again")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("it is locked with a password: save a copy without one")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED:
        raise Unreadable(f"it unpacks to {total >> 20} MB; more than {MAX_UNPACKED >> 20} MB are not read")
    for entry in entries:
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > _SMALL and ratio > MAX_RATIO:
            raise Unreadable(f"its part {entry.filename[:80]!r} unpacks to {ratio:.0f} times its size: a bomb")
        if entry.filename.lower().endswith(_XML) and entry.file_size > MAX_XML:
            raise Unreadable(f"its part {entry.filename[:80]!r} has {entry.file_size >> 20} MB of XML: split the file")


def _check_kind(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename for entry in entries}
    wanted = path.suffix.lower()
    kinds = [ending for folder, ending in _MAIN_PARTS.items() if any(name.startswith(folder) for name in names)]
    if "[Content_Types].xml" not in names or not kinds:
        raise Unreadable(f"it is a zip archive, and no {wanted[1:].upper()} file in spite of its name")
    if wanted not in kinds:
        raise Unreadable(f"what is in it is a {kinds[0][1:].upper()} file: name it {path.stem}{kinds[0]}")


def _check_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """A document type may only stand before the first element, so nothing behind that needs to be looked at."""
    parser = expat.ParserCreate()
    begun = False

    def refuse(*_: object) -> None:
        raise Unreadable(f"its part {entry.filename[:80]!r} declares a document type, which office files never do")

    def begin(*_: object) -> None:
        nonlocal begun
        begun = True

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    with archive.open(entry) as part:
        while not begun and (block := part.read(_PART)):
            try:
                parser.Parse(block)
            except expat.ExpatError as error:
                raise Unreadable(f"its part {entry.filename[:80]!r} is no XML ({error})") from error
