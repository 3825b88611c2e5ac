"""What stands on the slides of a deck, and beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pptx.enum.shapes import PP_PLACEHOLDER

from aisdr.ingest.cleaning import strip_hidden
from aisdr.ingest.split import Block
from aisdr.ingest.tables import table_blocks

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
_FURNITURE = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER)
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
_MAX_POINTS = 400
"""Of a chart: one with more is a curve, whose single values nobody asks for."""


@dataclass
class Slide:
    number: int
    """As the program counts, hidden ones as well."""
    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    notes: str = ""
    pictures: list[tuple[bytes | None, str]] = field(default_factory=list)
    """What each holds, and its alternative text; without bytes it stands elsewhere."""
    hidden_characters: int = 0
    hidden_passages: int = 0


def slides_of(presentation: Any) -> Iterator[Slide | None]:
    """Every slide of a deck; None for one that is hidden."""
    for number, slide in enumerate(presentation.slides, 1):
        if slide._element.get("show") in ("0", "false"):  # the library has no word for it
            yield None
        else:
            yield _Reading(presentation, slide, number).slide


class _Reading:
    def __init__(self, presentation: Any, slide: Any, number: int) -> None:
        self.slide = Slide(number)
        self._part = slide.part
        self._size = presentation.slide_width or 0, presentation.slide_height or 0
        title = slide.shapes.title
        if title is not None:
            self.slide.title = " ".join(self._clean(title.text_frame.text).split())
        for shape in slide.shapes:
            if title is None or shape.shape_id != title.shape_id:
                self._shape(shape, outermost=True)
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
            self.slide.notes = "\n".join(self._lines(notes))

    def _shape(self, shape: Any, *, outermost: bool = False) -> None:
        if _is_hidden(shape) or (outermost and self._is_beside(shape)):
            self.slide.hidden_passages += any((text.text or "").strip() for text in shape._element.iter(f"{_A}t"))
            return
        if shape.is_placeholder and shape.placeholder_format.type in _FURNITURE:
            return
        if hasattr(shape, "shapes"):
            for each in shape.shapes:
                self._shape(each)
        elif getattr(shape, "has_table", False):
            rows = [[" ".join(self._clean(cell.text).split()) for cell in row.cells] for row in shape.table.rows]
            self.slide.blocks += table_blocks(rows)
        elif getattr(shape, "has_chart", False):
            self.slide.blocks += _chart(shape.chart)
        elif shape.has_text_frame:
            self.slide.blocks += [Block(line) for line in self._lines(shape.text_frame)]
        self._drawn(shape)

    def _drawn(self, shape: Any) -> None:
        """Pictures, those that fill a shape as well, and the words of a diagram."""
        if hasattr(shape, "shapes") or any(each.get("val") == "1" for each in shape._element.iter(_DECORATIVE)):
            return
        alt = " ".join(self._clean(_described(shape)).split())
        for blip in shape._element.iter(f"{_A}blip"):
            self.slide.pictures.append((_blob(self._part, blip.get(f"{_R}embed")), alt))
        for diagram in shape._element.iter(_DIAGRAM):
            content = _blob(self._part, diagram.get(f"{_R}dm"))
            for paragraph in etree.fromstring(content, _PARSER).iter(f"{_A}p") if content else ():
                text = self._clean("".join(each.text or "" for each in paragraph.iter(f"{_A}t"))).strip()
                self.slide.blocks += [Block(text)] if text else []

    def _lines(self, frame: Any) -> list[str]:
        lines = (" ".join(line.split()) for line in self._clean(frame.text).splitlines())
        return [line for line in lines if line]

    def _clean(self, text: str) -> str:
        text, hidden = strip_hidden(text)
        self.slide.hidden_characters += hidden
        return text

    def _is_beside(self, shape: Any) -> bool:
        """Whether it stands outside of the slide, as things do that one keeps for later."""
        width, height = self._size
        sides = (shape.left, shape.top, shape.width, shape.height)
        if not (width and height) or any(side is None for side in sides):
            return False
        left, top, wide, high = sides
        return bool(left >= width or top >= height or left + wide <= 0 or top + high <= 0)


def _is_hidden(shape: Any) -> bool:
    return any(each.get("hidden") in ("1", "true") for each in shape._element.xpath("./*/p:cNvPr"))


def _described(shape: Any) -> str:
    return next((each.get("descr", "") for each in shape._element.xpath("./*/p:cNvPr")), "")


def _blob(part: Any, relation: str | None) -> bytes | None:
    try:
        content = part.related_part(relation).blob if relation else None
    except (KeyError, ValueError):
        return None  # it stands elsewhere, and nobody fetches it
    return content if isinstance(content, bytes) else None


def _chart(chart: Any) -> list[Block]:
    """A chart's numbers as a table, below its title."""
    blocks = [Block(chart.chart_title.text_frame.text)] if chart.has_title and chart.chart_title.has_text_frame else []
    for plot in chart.plots:
        names = [str(name) for name in plot.categories]
        series = list(plot.series)
        if len(names) * len(series) > _MAX_POINTS:
            continue
        values = [
            [str(each.name or ""), *("" if value is None else f"{value:.10g}" for value in each.values)]
            for each in series
        ]
        blocks += table_blocks([list(row) for row in zip(["", *names], *values, strict=False)])
    return [block for block in blocks if block.text.strip()]
