"""An article in HTML becomes pieces: one for what stands under each heading, tables by rows, each picture its own.

Readers of other formats write such an article, so that headings, lists and tables are understood in one place.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from lxml.etree import tostring  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from aisdr.index.base import Locator, Media
from aisdr.ingest.anchors import Anchors
from aisdr.ingest.cleaning import clean_html, strip_hidden
from aisdr.ingest.readers.base import Piece
from aisdr.ingest.rendition import rendered_link
from aisdr.ingest.split import Block, split
from aisdr.ingest.table_cells import INLINE, is_layout, rows_of, words_of
from aisdr.ingest.tables import table_blocks

PATH_MARK = " › "
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 7}
_TELLING = 4
"""Words of a heading that says something although nothing stands under it."""

_LONGEST_ID = 200

Show = Callable[[HtmlElement, str], Media | None]
"""What to show for an `img` and its caption; None leaves it out, of the article as well."""


@dataclass
class _Section:
    """What stands between one heading and the next."""

    headings: tuple[str, ...]
    anchor: str = ""
    blocks: list[Block] = field(default_factory=list)
    pictures: list[Media] = field(default_factory=list)
    goes_on: bool = False
    """Its heading stood there before already."""

    def is_above(self, other: "_Section") -> bool:
        return len(other.headings) >= len(self.headings) and other.headings[: len(self.headings)] == self.headings


class Article:
    """Goes through an article once. Its elements get the ids that citations open, unless it stands elsewhere.

    Args:
        root: the article; it is changed: hidden characters leave it, headings get ids, pictures without use go.
        show: what to show for a picture.
        foreign: it is a page of the web that we cannot change: only ids that are there already are cited.
    """

    def __init__(self, root: HtmlElement, show: Show, *, foreign: bool = False) -> None:
        self.hidden_characters = _strip(root)
        self._root = root
        self.first_title = ""
        self._show = show
        self._foreign = foreign
        self._anchors = Anchors()
        self._path: list[tuple[int, str]] = []
        self._sections = [_Section(())]
        self._words: list[str] = []
        self._marker = ""
        self._numbers: dict[HtmlElement, int] = {}
        self._seen: set[HtmlElement] = set()
        self._cited: set[str] = set()
        for element in root.iter():
            if element.tag == "a" and (name := element.get("name")) and "id" not in element.attrib:
                element.set("id", strip_hidden(name)[0])
            self._anchors.keep(element.get("id", ""))
        self._walk(root)
        self._flush()

    def pieces(self, address: str, title: str, page: int | None = None) -> list[Piece]:
        """In the order of the text; a heading that only repeats the title is no part of a place's name."""
        pieces: list[Piece] = []
        for section, following in zip(self._sections, [*self._sections[1:], None], strict=True):
            url = f"{address}#{_quoted(section.anchor)}" if section.anchor else address
            headings = [heading for heading in section.headings if heading != title]
            locator = Locator(heading=PATH_MARK.join(headings) or None, page=page)
            pieces += [Piece(text, url, locator=locator) for text in split(section.blocks)]
            for media in section.pictures:
                text = "\n".join(dict.fromkeys(part for part in (media.alt, media.caption) if part))
                pieces.append(Piece(text, url, "image", locator, media))
            alone = not (
                section.goes_on or section.blocks or section.pictures or (following and section.is_above(following))
            )
            if alone and headings and len(headings[-1].split()) >= _TELLING:
                pieces.append(Piece(headings[-1], url, locator=locator))
        return pieces

    def html(self) -> str:
        """The article itself, clean, its links leading to the pages of other sources."""
        for link in self._root.iter("a"):
            if href := link.get("href"):
                link.set("href", strip_hidden(rendered_link(href))[0])
        return clean_html(tostring(self._root, encoding="unicode", method="html", with_tail=False))

    def _walk(self, element: HtmlElement) -> None:
        """One level of Python for one of the page; the parser allows 256."""
        match element.tag:
            case "br":
                self._words.append("\n")
            case "img":
                self._picture(element, "")
            case "pre":
                self._flush()
                self._add(element.text_content().strip("\n").rstrip(), whole=True)
            case "table" if not is_layout(element):
                self._flush()
                for picture in list(element.iter("img")):
                    self._picture(picture, "")
                for caption in element.iterchildren("caption"):
                    self._add(words_of(caption))
                self._sections[-1].blocks += table_blocks(rows_of(element))
            case "figure":
                self._figure(element)
            case "figcaption" if any(True for _ in element.getparent().iter("img")):
                self._flush()  # it is said with the picture
            case "details":
                self._details(element)
            case "dt":
                self._flush()
                if len(self._marker) > _LONGEST_ID:  # terms that nothing explains
                    self._add(self._marker)
                    self._marker = ""
                term = words_of(element)
                self._marker += f"{term} " if term.endswith(("?", ":", ".")) else f"{term}: "
            case tag if tag in _HEADINGS:
                self._begin(element)
            case tag if tag in INLINE:
                self._content(element)
            case "li":
                self._flush()
                self._marker += self._marker_of(element)
                self._content(element)
                self._flush()
                self._marker = ""
            case _:
                self._flush()
                self._content(element)
                self._flush()

    def _content(self, element: HtmlElement) -> None:
        self._words.append(_squeeze(element.text))
        for child in list(element):
            tail = child.tail  # a picture without use leaves the article, and its tail goes elsewhere
            if isinstance(child.tag, str):
                self._walk(child)
            self._words.append(_squeeze(tail))

    def _begin(self, heading: HtmlElement) -> None:
        self._flush()
        level, text = _HEADINGS[heading.tag], words_of(heading)
        pictures = list(heading.iter("img"))
        if text:
            self.first_title = self.first_title or (text if level == 1 else "")
            self._path = [*(above for above in self._path if above[0] < level), (level, text)]
            anchor = self._anchor(heading, text)
            self._sections.append(_Section(tuple(words for _, words in self._path), anchor))
        for picture in pictures:
            self._picture(picture, "")

    def _anchor(self, heading: HtmlElement, text: str) -> str:
        own = _own_anchor(heading)
        if not self._foreign and (not own or own in self._cited):
            own = self._anchors.of(text)
            heading.set("id", own)
        self._cited.add(own)
        return own

    def _figure(self, figure: HtmlElement) -> None:
        self._flush()
        captions = list(figure.iter("figcaption"))
        for picture in list(figure.iter("img")):
            self._picture(picture, words_of(captions[0]) if captions else "")
        self._content(figure)
        self._flush()

    def _details(self, details: HtmlElement) -> None:
        """What comes after it stands under the heading before it."""
        self._flush()
        path, section = self._path, self._sections[-1]
        self._content(details)
        self._flush()
        details.set("open", "")
        self._path = path
        self._sections.append(_Section(section.headings, section.anchor, goes_on=True))

    def _picture(self, image: HtmlElement, caption: str) -> None:
        if image in self._seen:
            return
        self._seen.add(image)
        media = self._show(image, caption)
        if media is None:
            image.drop_tree()
        else:
            self._sections[-1].pictures.append(media)

    def _marker_of(self, item: HtmlElement) -> str:
        parent = item.getparent()
        if parent is None or parent.tag != "ol":
            return "- "
        start = parent.get("start", "")
        first = int(start) if re.fullmatch(r"\d{1,6}", start, re.ASCII) else 1
        self._numbers[parent] = self._numbers.get(parent, first - 1) + 1
        return f"{self._numbers[parent]}. "

    def _flush(self) -> None:
        lines = ("".join(self._words)).split("\n")
        self._words = []
        text = "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)
        if text:
            self._add(self._marker + text)
            self._marker = ""

    def _add(self, text: str, *, whole: bool = False) -> None:
        if text.strip():
            self._sections[-1].blocks.append(Block(text, whole))


def _own_anchor(heading: HtmlElement) -> str:
    """The id of a heading, of something in it, or of the box that it opens."""
    inside = next((each.get("id") for each in heading.iter() if each.get("id")), "")
    if inside:
        return inside if len(inside) <= _LONGEST_ID else ""
    for above in heading.iterancestors():
        if above.get("id"):
            first = next(above.iter(*_HEADINGS))
            return above.get("id") if first is heading and len(above.get("id")) <= _LONGEST_ID else ""
    return ""


def _quoted(anchor: str) -> str:
    """As an address writes it; letters of all languages stay as they are."""
    return re.sub(r"[^\w.:~-]", lambda found: quote(found[0]), anchor)


def _strip(root: HtmlElement) -> int:
    count = 0
    for element in root.iter():
        if value := element.get("alt"):
            shown, hidden = strip_hidden(value)
            element.set("alt", shown)
            count += hidden
        if element.text:
            shown, hidden = strip_hidden(element.text)
            if shown != element.text:
                element.text = shown
            count += hidden
        if element.tail and element is not root:
            shown, hidden = strip_hidden(element.tail)
            if shown != element.tail:
                element.tail = shown
            count += hidden
    return count


def _squeeze(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""
