"""HTML as the tree that browsers make of it, and what a page says about itself."""

import re
from dataclasses import dataclass

import nh3
from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from aisdr.ingest.cleaning import DROPPED, SHOWN, strip_hidden
from aisdr.ingest.readers.base import Unreadable

MAX_DEPTH = 2000
"""Elements within elements that the parser is asked to bear: with a hundred thousand it takes a minute."""

_HEAD = 100_000
"""Characters of a page in which it says something about itself."""

_MEANINGFUL = frozenset({
    "address", "article", "aside", "bdi", "bdo", "big", "button", "center", "data", "fieldset", "font", "footer",
    "form", "header", "hgroup", "label", "legend", "main", "menu", "nav", "rb", "rp", "rt", "ruby", "search", "strike",
    "time", "tt", "wbr", "input",
})  # fmt: skip
"""They tell what is the page's text and what stands around it; none of them is published."""

_ONE_BY_ONE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NOT_NESTED = frozenset({
    "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li",
    "link", "meta", "option", "p", "rb", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track",
    "wbr",
})  # fmt: skip
"""Elements that need no end."""

_PARSER = nh3.Cleaner(
    tags=SHOWN | _MEANINGFUL,
    clean_content_tags=set(DROPPED - _MEANINGFUL),
    attributes={
        "*": {"id", "class", "style", "role", "hidden", "aria-hidden", "aria-label", "dir", "lang", "bgcolor"},
        "a": {"href", "name"},
        "details": {"open"},
        "font": {"color", "size"},
        "img": {"src", "data-src", "alt", "width", "height"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
    },
    link_rel=None,
    strip_comments=True,
)
"""The parser of browsers' own rules that is at hand. What it gives is read, and cleaned once more to be published."""


@dataclass(frozen=True)
class About:
    """What a page says about itself. Its texts are without hidden characters."""

    title: str
    description: str
    language: str
    base: str
    robots: frozenset[str]
    is_styled: bool
    """It has a style sheet, or a ground of its own: nobody knows how it looks."""

    @classmethod
    def of(cls, text: str) -> "About":
        head = _parse(text[:_HEAD])[0]
        name = "translate(@name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
        robots = head.xpath(f"//meta[{name}='robots']/@content")
        return cls(
            title=_line(head.findtext(".//title") or ""),
            description=_line(head.xpath(f"string(//meta[{name}='description']/@content)")),
            language=(head.get("lang") or head.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip().lower(),
            base=head.xpath("string(//base/@href)").strip(),
            robots=frozenset(word.strip() for content in robots for word in content.lower().split(",")),
            is_styled=bool(re.search(r"<style|stylesheet|<body[^>]*(?:bgcolor|style|background)", text, re.IGNORECASE)),
        )


def body_of(text: str) -> tuple[HtmlElement, int]:
    """The body of a page, without what could run, and how many hidden characters were taken out of it.

    Raises:
        Unreadable: it is nested, or its attributes are long, beyond all measure.
    """
    depth = 0
    for found in _ONE_BY_ONE.finditer(text):
        if found[2].lower() not in _NOT_NESTED:
            depth = max(depth - 1, 0) if found[1] else depth + 1
            if depth > MAX_DEPTH:
                raise Unreadable(_TOO_MUCH)
    # Here `&#8203;` has become the character. Some of them may not even stand in a tree.
    clean, hidden = strip_hidden(_PARSER.clean(text))
    tree, is_whole = _parse(f"<html><head></head><body>{clean}</body></html>")
    if not is_whole:
        raise Unreadable(_TOO_MUCH)
    return tree.find("body"), hidden


_TOO_MUCH = "it is nested deeper, or has longer attributes, than any page that people read"


def _parse(text: str) -> tuple[HtmlElement, bool]:
    """A tree, and whether it is all of the text."""
    # Bytes in an encoding of our choice: what the page says of its own has been decoded already.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml_html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError:
        tree = lxml_html.document_fromstring("<html><body></body></html>")
    return tree, not any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def _line(text: str) -> str:
    return " ".join(strip_hidden(text)[0].split())
