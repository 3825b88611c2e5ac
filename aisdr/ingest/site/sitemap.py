"""Reads sitemaps (sitemaps.org, 0.9): lists of a site's pages, or of more such lists."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from xml.parsers import expat

from aisdr.ingest.unpack import Bomb, Broken, Unpacking
from aisdr.ingest.url import MAX_LENGTH

MAX_BYTES = 50 << 20
"""The protocol's own bound for a file, unpacked."""

MAX_ADDRESSES = 50_000
"""The protocol's bound as well."""

_PART = 1 << 16


class _Enough(Exception):
    """There is room for no more."""


class NoSitemap(Exception):
    """It is none, or one with tricks in it; the message says which."""


@dataclass
class Sitemap:
    """Addresses as they are written there: of pages, and of further sitemaps."""

    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    remark: str = ""
    """What is wrong with it although it was read."""


def read(path: Path) -> Sitemap:
    """Reads a file a little at a time: XML, plain lines of addresses, or either packed with gzip.

    Raises:
        NoSitemap: nothing can be made of it.
    """
    parts = _parts(path)
    try:
        first = next(parts, b"")
        while first and not first.strip():
            first = next(parts, b"")
        if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"http"):
            return _lines(first, parts)
        return _Xml().read(first, parts)
    except (Bomb, Broken) as error:
        raise NoSitemap(str(error)) from error


def _parts(path: Path) -> Iterator[bytes]:
    """The file unpacked, up to the bound."""
    size = 0
    with path.open("rb") as file:
        unpacking = Unpacking("gzip" if file.read(2) == b"\x1f\x8b" else "")
        file.seek(0)
        while block := file.read(_PART):
            for part in unpacking.feed(block):
                size += len(part)
                if size > MAX_BYTES:
                    raise Bomb(f"it is larger than {MAX_BYTES >> 20} MB")
                yield part


def _lines(first: bytes, parts: Iterator[bytes]) -> Sitemap:
    found = Sitemap()
    rest = b""
    try:
        for part in chain([first], parts):
            *lines, rest = (rest[-MAX_LENGTH:] + part).split(b"\n")
            for line in lines:
                _add(found, found.pages, line.decode("utf-8", "replace"))
        _add(found, found.pages, rest.decode("utf-8", "replace"))
    except _Enough:
        pass
    return found


class _Xml:
    """Takes the addresses as they come by; no tree is built, and nothing is kept of what is not asked for.

    A sitemap needs no document type, so one that declares any is refused: that is where entities come from that grow
    while they are read, or name files of ours.
    """

    def __init__(self) -> None:
        self._found = Sitemap()
        self._inside: list[str] = []
        self._text = ""
        self._known = False

    def read(self, first: bytes, parts: Iterator[bytes]) -> Sitemap:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        try:
            parser.Parse(first)
            for part in parts:
                parser.Parse(part)
            parser.Parse(b"", True)
        except _Enough:
            return self._found
        except (expat.ExpatError, ValueError) as error:
            if not self._known:
                raise NoSitemap("it is no XML, and no list of addresses either") from error
            self._found.remark = f"it is broken after {self._count} addresses"
        if not self._known:
            raise NoSitemap("it is XML of another kind")
        return self._found

    @property
    def _count(self) -> int:
        return len(self._found.pages) + len(self._found.sitemaps)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._known = self._known or local in ("urlset", "sitemapindex")
        # Nobody nests deeper than `urlset/url/image:image/image:loc`.
        if len(self._inside) > 16:
            raise NoSitemap("its elements are nested without end")
        self._inside.append(local)
        self._text = ""

    def _data(self, text: str) -> None:
        if self._inside[-1] == "loc" and len(self._text) <= MAX_LENGTH:
            self._text += text

    def _end(self, name: str) -> None:
        match self._inside[-2:]:
            case ["url", "loc"]:
                _add(self._found, self._found.pages, self._text)
            case ["sitemap", "loc"]:
                _add(self._found, self._found.sitemaps, self._text)
            case _:
                pass
        self._inside.pop()


def _refuse(*_: object) -> None:
    raise NoSitemap("it declares a document type, which no sitemap needs")


def _add(found: Sitemap, to: list[str], text: str) -> None:
    """Raises: _Enough."""
    address = text.strip()
    if not address or len(address) > MAX_LENGTH:
        return
    if len(to) >= MAX_ADDRESSES:
        found.remark = f"it lists more than {MAX_ADDRESSES} addresses; those behind are left out"
        raise _Enough
    to.append(address)
