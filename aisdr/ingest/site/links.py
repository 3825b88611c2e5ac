"""What a page says to a crawler: where it leads, what its proper address is, and whether it wants to be found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

from aisdr.ingest.fetch import USER_AGENT
from aisdr.ingest.site import charset
from aisdr.ingest.url import MAX_LENGTH

MAX_LINKS = 5000
_MAX_BYTES = 8 << 20
"""Of a page; links behind are not looked for."""

_PART = 1 << 16
_LINK_HEADER = re.compile(r"<([^<>]{1,2000})>\s*;[^,]*\brel\s*=\s*\"?canonical\b", re.IGNORECASE)


@dataclass
class PageLinks:
    """References as they are written in the page; `base` is what they are relative to, where it says so."""

    base: str = ""
    canonical: str = ""
    links: list[str] = field(default_factory=list)
    index: bool = True
    follow: bool = True


def read(path: Path, content_type: str, headers: Mapping[str, str]) -> PageLinks:
    """Reads a page of HTML a little at a time, without building a tree of it: depth costs nothing."""
    found = PageLinks()
    taking = _Taking(found)
    with path.open("rb") as file:
        head = file.read(4096)
        parser = _parser(taking, content_type, head)
        file.seek(0)
        left = _MAX_BYTES
        try:
            while left > 0 and (part := file.read(min(_PART, left))):
                parser.feed(part)
                left -= len(part)
            parser.close()
        except (etree.LxmlError, AssertionError):
            pass  # what was read until there counts: browsers are as patient
    heed(found, headers)
    return found


def heed(found: PageLinks, headers: Mapping[str, str]) -> PageLinks:
    """What the headers say of a file of any type."""
    _obey(found, _for_us(headers.get("x-robots-tag", "")))
    if not found.canonical and (named := _LINK_HEADER.search(headers.get("link", "")[:10_000])):
        found.canonical = named[1]
    return found


def _parser(taking: "_Taking", content_type: str, head: bytes) -> etree.HTMLParser:
    encoding = charset.named(content_type) or charset.written(head) or "utf-8"
    try:
        return etree.HTMLParser(target=taking, encoding=encoding, huge_tree=True)
    except LookupError:
        return etree.HTMLParser(target=taking, encoding="utf-8", huge_tree=True)


class _Taking:
    """The parser tells it of every element that begins."""

    def __init__(self, found: PageLinks) -> None:
        self._found = found

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        match tag:
            case "a" | "area":
                self._link(attributes)
            case "base":
                self._found.base = self._found.base or _reference(attributes)
            case "link" if "canonical" in _words(attributes.get("rel")):
                self._found.canonical = self._found.canonical or _reference(attributes)
            case "link" if {"next", "prev"} & _words(attributes.get("rel")):
                self._link(attributes)
            case "meta" if attributes.get("name", "").strip().lower() in ("robots", USER_AGENT):
                _obey(self._found, attributes.get("content", ""))
            case _:
                pass

    def close(self) -> None:
        pass

    def _link(self, attributes: Mapping[str, str]) -> None:
        reference = _reference(attributes)
        if reference and len(self._found.links) < MAX_LINKS and "nofollow" not in _words(attributes.get("rel")):
            self._found.links.append(reference)


def _reference(attributes: Mapping[str, str]) -> str:
    reference = attributes.get("href", "").strip()
    return "" if len(reference) > MAX_LENGTH or reference.startswith("#") else reference


def _words(text: str | None) -> set[str]:
    return set((text or "").lower().split())


def _obey(found: PageLinks, directives: str) -> None:
    words = {each.strip().lower() for each in directives.split(",")}
    found.index = found.index and not {"noindex", "none"} & words
    found.follow = found.follow and not {"nofollow", "none"} & words


def _for_us(header: str) -> str:
    """`X-Robots-Tag` may name a robot before what it asks of it, and then means all until the next name."""
    kept = []
    ours = True
    for part in header.split(","):
        name, colon, rest = part.partition(":")
        if colon and name.strip().lower() not in (
            "unavailable_after",
            "max-snippet",
            "max-image-preview",
            "max-video-preview",
        ):
            ours = name.strip().lower() in ("*", USER_AGENT)
            part = rest
        if ours:
            kept.append(part)
    return ",".join(kept)
