"""The few words that the PDF pages are written in: text, tables and simple charts in the widget's palette."""

# mypy: disable-error-code=import-untyped
from collections.abc import Sequence
from pathlib import Path

import reportlab
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas


def color(written: str) -> Color:
    """A colour from `#rrggbb`."""
    return HexColor(written)


ACCENT, SOFT, MID, GREEN = (color(each) for each in ("#3b5bfd", "#eef1ff", "#a9b8fe", "#0b7a4b"))
INK, MUTED, LINE, RAISED, WHITE = (color(each) for each in ("#12151c", "#5c6473", "#e0e3ea", "#f6f7f9", "#ffffff"))

WIDTH, HEIGHT, MARGIN = 960.0, 540.0, 64.0


def _register_fonts() -> None:
    vera = Path(reportlab.__file__).parent / "fonts"
    for name, file, fallback in (
        ("Sans", "LiberationSans-Regular.ttf", vera / "Vera.ttf"),
        ("Sans-Bold", "LiberationSans-Bold.ttf", vera / "VeraBd.ttf"),
    ):
        try:
            registerFont(TTFont(name, file))
        except TTFError:  # not on this machine: reportlab brings a font of its own
            registerFont(TTFont(name, str(fallback)))


class Sheets:
    """A landscape document. Coordinates are points from the top left, as one reads."""

    def __init__(self, target: Path, *, title: str, author: str, footer: str) -> None:
        _register_fonts()
        self.canvas = Canvas(str(target), pagesize=(WIDTH, HEIGHT), invariant=1, lang="en")
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self._footer, self._number, self._footer_due = footer, 0, False

    def page(self, title: str, subtitle: str = "") -> None:
        """Begins the next page with its heading and its number."""
        self.blank()
        self.canvas.bookmarkPage(str(self._number))
        self.canvas.addOutlineEntry(title, str(self._number))
        self.text(MARGIN, 82, title, size=34, bold=True)
        if subtitle:
            self.text(MARGIN, 112, subtitle, size=16, color=MUTED)
        self._footer_due = True

    def blank(self) -> None:
        """Begins the next page and leaves it empty."""
        self._finish()
        self._number += 1

    def save(self) -> None:
        self._finish()
        self.canvas.save()

    def _finish(self) -> None:
        if self._footer_due:  # drawn last, so that whoever reads the text of a page meets its heading and content first
            self.text(MARGIN, HEIGHT - 30, self._footer, size=11, color=MUTED)
            self.text(WIDTH - MARGIN, HEIGHT - 30, str(self._number), size=11, color=MUTED, align="right")
        if self._number:
            self.canvas.showPage()
        self._footer_due = False

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 15,
        bold: bool = False,
        color: Color = INK,
        align: str = "left",
    ) -> None:
        self.canvas.setFont("Sans-Bold" if bold else "Sans", size)
        self.canvas.setFillColor(color)
        draw = {"left": "drawString", "right": "drawRightString", "center": "drawCentredString"}[align]
        getattr(self.canvas, draw)(x, HEIGHT - y, text)

    def paragraph(
        self, x: float, y: float, width: float, text: str, *, size: float = 15, bold: bool = False, color: Color = INK
    ) -> float:
        """Breaks the text into lines and returns the y below the last one."""
        font = "Sans-Bold" if bold else "Sans"
        for line in simpleSplit(text, font, size, width):
            self.text(x, y, line, size=size, bold=bold, color=color)
            y += size * 1.45
        return y

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Color = WHITE,
        line: Color | None = None,
        radius: float = 14,
    ) -> None:
        self.canvas.setFillColor(fill)
        self.canvas.setStrokeColor(line or fill)
        self.canvas.setLineWidth(1.2)
        self.canvas.roundRect(x, HEIGHT - y - height, width, height, radius, stroke=int(line is not None), fill=1)

    def line(
        self,
        points: Sequence[tuple[float, float]],
        *,
        color: Color = LINE,
        width: float = 1.2,
        dash: Sequence[float] = (),
    ) -> None:
        path = self.canvas.beginPath()
        for number, (x, y) in enumerate(points):
            (path.lineTo if number else path.moveTo)(x, HEIGHT - y)
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(width)
        self.canvas.setLineJoin(1)
        self.canvas.setDash(list(dash))
        self.canvas.drawPath(path, stroke=1, fill=0)
        self.canvas.setDash([])

    def table(
        self,
        x: float,
        y: float,
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        *,
        row: float = 38,
        size: float = 15,
    ) -> float:
        """The first row is the head, the first column is bold. Other columns start at their left edge."""
        for number, cells in enumerate(rows):
            left, base = x, y + number * row + row * 0.64
            if number:
                self.line([(x, y + number * row), (x + sum(widths), y + number * row)])
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                head = number == 0
                self.text(
                    left,
                    base,
                    cell,
                    size=size - 2 if head else size,
                    bold=not head and column == 0,
                    color=MUTED if head else INK,
                )
                left += width
        return y + len(rows) * row
