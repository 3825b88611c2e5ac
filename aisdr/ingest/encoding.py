"""Bytes to text where nothing says in which encoding they are."""

import codecs
import re

from charset_normalizer import from_bytes

from aisdr.ingest.readers.base import Unreadable

MAX_BYTES = 32 << 20
"""A text of 32 MB has five million words: it is a log or a dump, and nothing that is looked up."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{2,40})""", re.IGNORECASE)
_LOOKED_AT = 1 << 16
"""The detector needs no more; with all of a large file it takes minutes."""

_AS_BROWSERS_DO = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254"}


def decode(content: bytes) -> str:
    """By the mark at its beginning, as UTF-8, or by what its letters are most like.

    Raises:
        Unreadable: it is no text, or too much of it.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(
            f"it has {len(content) >> 20} MB of text; more than {MAX_BYTES >> 20} MB are not read: split it"
        )
    for mark, name in _BOMS:
        if content.startswith(mark):
            return content.decode(name, errors="replace").removeprefix("\ufeff")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(content)
    if "\0" in text:
        return _guess(content)
    return text


def decode_html(content: bytes) -> str:
    """By what the page says about itself, else as any text.

    Raises:
        Unreadable: it is no text, or too much of it.
    """
    declared = _META.search(content[:4096])
    if declared and len(content) <= MAX_BYTES and not content.startswith(tuple(mark for mark, _ in _BOMS)):
        try:
            name = codecs.lookup(declared[1].decode()).name
            if not name.startswith(("utf-16", "utf-32", "utf-7")):  # the declaration was read as ASCII, so it is wrong
                return content.decode(_AS_BROWSERS_DO.get(name, name))
        except (LookupError, ValueError):
            pass  # an encoding nobody knows, or not the one it is in
    return decode(content)


def _guess(content: bytes) -> str:
    best = from_bytes(content[:_LOOKED_AT]).best()
    if best is None:
        raise Unreadable("it is no text: its bytes are those of another kind of file")
    text = content.decode(best.encoding, errors="replace")
    if "\0" in text:
        raise Unreadable("it is no text: its bytes are those of another kind of file")
    return text
