"""What stands in a Word document, written as an article in HTML. What its author hid is counted and left out."""

from collections.abc import Iterator
from typing import Any

from docx.document import Document as WordDocument
from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]
from lxml.html.builder import E  # type: ignore[import-untyped]

from aisdr.index.base import Media
from aisdr.ingest.embedded_pictures import EmbeddedPictures
from aisdr.ingest.readers.base import SourceFile
from aisdr.ingest.table_cells import MAX_SPAN, words_of
from aisdr.ingest.word_styles import Look, Styles, W, attribute, filled, is_on

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_V = "{urn:schemas-microsoft-com:vml}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"

_THROUGH = frozenset(
    f"{W}{name}" for name in ("ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "sdt", "sdtContent")
)
"""They are there for programs, and what stands in them stands in the text. What was deleted is not among them."""

_DRAWN = (f"{W}drawing", f"{W}pict", f"{W}object")


class Writer:
    """Writes one document. `show` is what its article is to show for pictures."""

    def __init__(self, file: SourceFile, document: WordDocument) -> None:
        self.pictures = EmbeddedPictures(file)
        self.hidden_passages = 0
        self._part: Any = document.part
        self._body: Any = document.element.body
        self._styles = Styles.of(document)
        self._has_title = any(
            self._styles.paragraph(each.find(f"{W}pPr"), "").is_title for each in self._body.iter(f"{W}p")
        )
        self._numbered = set(_numbered(self._part))
        self._notes = dict(_notes(self._part))
        self._images: list[tuple[bytes | None, str]] = []
        self._counted: dict[tuple[str, str], int] = {}
        self._was_hidden = False
        self._below: list[Any] = []

    def article(self) -> HtmlElement:
        root = E("div")
        self._blocks(self._body, root, self._styles.paper)
        return root

    def show(self, image: HtmlElement, caption: str) -> Media | None:
        content, alt = self._images[int(image.get("src"))]
        media = self.pictures.media(content, alt, caption)
        if media is not None:
            image.set("src", media.url)
            image.set("alt", media.alt)
        return media

    def _blocks(self, parent: Any, target: HtmlElement, ground: str) -> None:
        for child in parent:
            if child.tag == f"{W}p":
                self._paragraph(child, target, ground)
            elif child.tag == f"{W}tbl":
                target.append(self._table(child, ground))
            elif child.tag in _THROUGH:
                self._blocks(child, target, ground)

    def _paragraph(self, paragraph: Any, target: HtmlElement, ground: str) -> None:
        look = self._styles.paragraph(paragraph.find(f"{W}pPr"), ground)
        line = self._line(look, target)
        self._was_hidden = False
        for part in self._runs(paragraph, look):
            _append(line, part)
        below, self._below = self._below, []
        for each in below:
            if isinstance(each, str):
                target.append(E("p", each))
            else:  # a text box: what is behind it is drawn, and nobody says in which colour
                self._blocks(each, target, "")

    def _line(self, look: Look, target: HtmlElement) -> HtmlElement:
        """The element that a paragraph becomes, in its place."""
        if look.level:
            line = E(f"h{min(look.level + (self._has_title and not look.is_title), 6)}")
        elif look.list_id:
            place = (look.list_id, look.list_level)
            kind = "ol" if place in self._numbered else "ul"
            number = self._counted[place] = self._counted.get(place, 0) + 1
            last = target[-1] if len(target) else None
            if last is None or last.get("class") != repr(place):
                last = E(kind, {"class": repr(place)} | ({"start": str(number)} if kind == "ol" else {}))
                target.append(last)
            target, line = last, E("li")
        else:
            line = E("p")
        target.append(line)
        return line

    def _runs(self, parent: Any, look: Look) -> Iterator[str | HtmlElement]:
        for child in parent:
            if child.tag == f"{W}r":
                if not self._styles.run(child.find(f"{W}rPr"), look).is_hidden:
                    self._was_hidden = False
                    yield from self._run(child)
                elif any(text.text and text.text.strip() for text in child.iter(f"{W}t")):
                    self.hidden_passages += not self._was_hidden
                    self._was_hidden = True
            elif child.tag in _THROUGH:
                yield from self._runs(child, look)
            elif child.tag in (f"{_M}oMath", f"{_M}oMathPara"):
                yield "".join(text.text or "" for text in child.iter(f"{_M}t"))

    def _run(self, run: Any) -> Iterator[str | HtmlElement]:
        for child in run:
            match child.tag.removeprefix(W):
                case "t":
                    yield child.text or ""
                case "tab":
                    yield " "
                case "noBreakHyphen":
                    yield "-"
                case "br" | "cr":
                    yield E("br")
                case "footnoteReference" | "endnoteReference":
                    note = self._notes.get((child.tag, child.get(f"{W}id", "")), "")
                    self._below += [note] if note else []
                case _ if child.tag == f"{_MC}AlternateContent":  # the same drawing twice, for two versions of Word
                    chosen = child.find(f"{_MC}Choice")
                    for drawing in chosen if chosen is not None else ():
                        yield from self._drawing(drawing)
                case _:
                    yield from self._drawing(child)

    def _drawing(self, drawing: Any) -> Iterator[HtmlElement]:
        if drawing.tag not in _DRAWN:
            return
        self._below += list(drawing.iter(f"{W}txbxContent"))[:1]
        if any(each.get("val") == "1" for each in drawing.iter(_DECORATIVE)):
            return
        described = (*drawing.iter(f"{_WP}docPr"), *drawing.iter(f"{_V}shape"))
        words = (each.get(name) for each in described for name in ("descr", "alt", "title"))
        alt = " ".join(next(filter(None, words), "").split())
        embedded = [each.get(f"{_R}embed") for each in drawing.iter(f"{_A}blip")]
        embedded += [each.get(f"{_R}id") for each in drawing.iter(f"{_V}imagedata")]
        for relation in embedded:
            if relation:  # one that is only linked stands elsewhere, and nobody fetches it
                self._images.append((_blob(self._part, relation), alt))
                yield E("img", src=str(len(self._images) - 1), alt=alt)

    def _table(self, table: Any, ground: str) -> HtmlElement:
        written = E("table")
        ground = self._styles.table_ground(table.find(f"{W}tblPr"), ground)
        above: dict[int, str] = {}
        for row in _through(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if is_on(properties, "hidden"):
                self.hidden_passages += 1
                continue
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            is_head = is_on(properties, "tblHeader") or (not len(written) and _is_bold(row))
            line = E("tr")
            written.append(line)
            self._cells(row, line, "th" if is_head else "td", above, ground)
        if len(written) > 1 and not written.xpath(".//h1|.//h2|.//h3|.//h4|.//h5|.//h6|.//table"):
            written.set("role", "table")
        return written

    def _cells(self, row: Any, line: HtmlElement, kind: str, above: dict[int, str], ground: str) -> None:
        place = 0
        for cell in _through(row, f"{W}tc"):
            properties = cell.find(f"{W}tcPr")
            span = attribute(properties, "gridSpan")
            across = min(int(span), MAX_SPAN) if span.isdigit() and len(span) < 6 else 1
            written = E(kind, {"colspan": span} if across > 1 else {})
            line.append(written)
            merged = properties.find(f"{W}vMerge") if properties is not None else None
            if merged is not None and merged.get(f"{W}val", "continue") == "continue":
                written.text = above.get(place, "")  # it goes on: each row is to stand for itself
            else:
                self._blocks(cell, written, filled(properties, ground))
                above[place] = words_of(written)
            place += max(across, 1)


def _append(line: HtmlElement, part: str | HtmlElement) -> None:
    if not isinstance(part, str):
        line.append(part)
    elif len(line):
        line[-1].tail = (line[-1].tail or "") + part
    else:
        line.text = (line.text or "") + part


def _through(parent: Any, tag: str) -> Iterator[Any]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _THROUGH:
            yield from _through(child, tag)


def _is_bold(row: Any) -> bool:
    runs = [run for run in row.iter(f"{W}r") if any(text.text for text in run.iter(f"{W}t"))]
    return bool(runs) and all(is_on(run.find(f"{W}rPr"), "b") for run in runs)


def _blob(part: Any, relation: str) -> bytes | None:
    found = part.related_parts.get(relation)
    return getattr(found, "blob", None)


def _parts(part: Any, kind: str) -> Iterator[Any]:
    """The roots of the parts of a kind, such as `footnotes`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for relation in part.rels.values():
        if relation.reltype.endswith(f"/{kind}") and not relation.is_external:
            yield etree.fromstring(relation.target_part.blob, parser)


def _notes(part: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """Footnotes and endnotes, by the tag and id of what refers to them."""
    for kind in ("footnote", "endnote"):
        for root in _parts(part, f"{kind}s"):
            for note in root.iterchildren(f"{W}{kind}"):
                text = " ".join("".join(each.text or "" for each in note.iter(f"{W}t")).split())
                yield (f"{W}{kind}Reference", note.get(f"{W}id", "")), text


def _numbered(part: Any) -> Iterator[tuple[str, str]]:
    """Lists and their levels that count."""
    for root in _parts(part, "numbering"):
        counting: dict[str, list[str]] = {}
        for abstract in root.iterchildren(f"{W}abstractNum"):
            levels = [each for each in abstract.iterchildren(f"{W}lvl") if attribute(each, "numFmt") != "bullet"]
            counting[abstract.get(f"{W}abstractNumId", "")] = [each.get(f"{W}ilvl", "0") for each in levels]
        for number in root.iterchildren(f"{W}num"):
            for level in counting.get(attribute(number, "abstractNumId"), ()):
                yield number.get(f"{W}numId", ""), level
