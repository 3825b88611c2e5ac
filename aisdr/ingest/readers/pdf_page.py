"""One page of a PDF: its lines as they are read, its tables by rows, what is hidden on it, and what it looks like."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]
from PIL import Image

from aisdr.ingest.perception.layout import CELL_MARK, Row, runs
from aisdr.ingest.perception.ocr import Line, union
from aisdr.ingest.readers.picture import MOST_PIXELS
from aisdr.ingest.split import Block

LONGEST_SIDE = 2000
"""Pixels of a drawn page: 170 dots an inch of an A4 page, which is what reading its text takes."""
_DOTS = 200
_MOST_OBJECTS = 20_000
"""Of a page that are looked at one by one. A map has more, and no text to hide."""
_HYPHENS = "\x02\xad\ufffe"
"""How pdfium marks a word that was hyphenated at the end of a line."""
_CELL_GAP = 0.9
"""Of the letters' size. Between words there is a third of it, in a line that fills its column rarely the double."""
_PARAGRAPH_GAP = 1.3
"""Of the usual distance of two lines."""
_OTHER_SIZE = 1.15
_LIGHT, _FAINT, _CONTRAST = 235, 26, 16
"""Of 255: letters that may be white on white, letters that are all but transparent, and what the eye can tell apart."""
_TINY = 1.5
"""Points: no paper holds such letters."""
_AROUND = 3
"""Dots, at one dot a point."""
_UNSEEN_MODES = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)


@dataclass(frozen=True)
class _Letter:
    sign: str
    left: float
    bottom: float
    right: float
    top: float
    size: float


@dataclass(frozen=True)
class WrittenLine:
    """A line of text: its cells from left to right, and the size of its letters."""

    row: Row
    size: float

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.row)

    @property
    def bottom(self) -> float:
        """From the top of the page, as a share of its height."""
        return max(cell.box[1] + cell.box[3] for cell in self.row)


class Page:
    """A page that is open. Close it: what pdfium has decoded for it is given back only then."""

    def __init__(self, pdf: pypdfium2.PdfDocument, number: int) -> None:
        self._page = pdf[number - 1]
        self._text = self._page.get_textpage()
        self.width, self.height = self._page.get_size()
        self._left, self._bottom, self._right, self._top = self._page.get_bbox()

    def close(self) -> None:
        self._text.close()
        self._page.close()

    @cached_property
    def is_empty(self) -> bool:
        return bool(pdfium.FPDFPage_CountObjects(self._page) == 0)

    @cached_property
    def lines(self) -> list[WrittenLine]:
        """In the order in which the file has them, which keeps columns apart. Without what nobody can see."""
        found, letters = [], []
        for letter in (*self._letters(), None):
            if letter is not None and letter.sign not in "\r\n":
                letters.append(letter)
            elif letter is not None and letters and letters[-1].sign in _HYPHENS:
                continue  # the word goes on in the next line
            elif line := self._line([each for each in letters if each.sign not in _HYPHENS]):
                found.append(line)
                letters = []
            else:
                letters = []
        return found

    @property
    def words(self) -> int:
        return sum(len(line.text.split()) for line in self.lines)

    @property
    def hidden(self) -> int:
        """Pieces of text that nobody can see."""
        return len(self._unseen)

    def blocks(self) -> list[Block]:
        """Paragraphs and headings, and tables row by row."""
        lines = iter(self.lines)
        pitch = self._pitch()
        blocks: list[Block] = []
        above: WrittenLine | None = None
        for run in runs([line.row for line in self.lines]):
            own = [next(lines) for _ in run.rows]
            if run.is_table:
                blocks.append(Block(run.text))
                above = None
                continue
            for line in own:
                if above is not None and _goes_on(above, line, pitch):
                    blocks[-1] = Block(f"{blocks[-1].text} {line.text}")
                else:
                    blocks.append(Block(line.text))
                above = line
        return blocks

    def thoughts(self) -> list[Block]:
        """Of a slide every line is one: bullets, labels, rows. One that begins small goes on with the line before."""
        thoughts: list[str] = []
        for line in self.lines:
            text = CELL_MARK.join(cell.text for cell in line.row)
            if thoughts and text[:1].islower():
                thoughts[-1] += f" {text}"
            else:
                thoughts.append(text)
        return [Block(thought) for thought in thoughts]

    @cached_property
    def picture_share(self) -> float:
        """How much of the page is covered by pictures, 0 to 1; those that lie upon each other count twice."""
        covered = 0.0
        for thing in self._things(pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE or self._holds_picture(thing):
                left, bottom, right, top = thing.get_bounds()
                width = min(right, self._right) - max(left, self._left)
                height = min(top, self._top) - max(bottom, self._bottom)
                covered += max(0.0, width) * max(0.0, height)
        share: float = covered / max(1.0, self.width * self.height)
        return min(1.0, share)

    @cached_property
    def is_drawable(self) -> bool:
        """False when a picture on it unpacks to more than a picture has: drawing it could fill the memory."""
        width, height = ctypes.c_uint(), ctypes.c_uint()
        for picture in self._page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=5):
            known = pdfium.FPDFImageObj_GetImagePixelSize(picture, width, height)
            if known and width.value * height.value > MOST_PIXELS:
                return False
        return bool(min(self.width, self.height) >= 1)

    def draw(self, width: int | None = None) -> Image.Image:
        """The page as a picture: so wide, or as large as reading its text takes."""
        scale = width / self.width if width else min(_DOTS / 72, LONGEST_SIDE / max(self.width, self.height))
        bitmap = self._page.render(scale=scale)
        try:
            picture: Image.Image = bitmap.to_pil()
            return picture.convert("RGB").copy()  # the bitmap's own memory goes with it
        finally:
            bitmap.close()

    def _letters(self) -> Iterator[_Letter]:
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        for place in range(max(0, self._text.count_chars())):
            if self._unseen and self._object_at(place) in self._unseen:
                continue
            code = pdfium.FPDFText_GetUnicode(self._text, place)
            sign = "\ufffd" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code or 0x20)
            pdfium.FPDFText_GetCharBox(self._text, place, left, right, bottom, top)
            size = pdfium.FPDFText_GetFontSize(self._text, place)
            yield _Letter(sign, left.value, bottom.value, right.value, top.value, size)

    def _line(self, letters: list[_Letter]) -> WrittenLine | None:
        cells: list[list[_Letter]] = [[]]
        last: _Letter | None = None
        for letter in letters:
            if not letter.sign.isspace():
                height = max(letter.top - letter.bottom, min(letter.size, 100))
                if last is not None and letter.left - last.right > _CELL_GAP * height:
                    cells.append([])
                last = letter
            cells[-1].append(letter)
        row = [cell for each in cells if (cell := self._cell(each))]
        sizes = [letter.top - letter.bottom for letter in letters if letter.sign.isalnum()]
        return WrittenLine(tuple(row), max(sizes, default=0.0)) if row else None

    def _cell(self, letters: list[_Letter]) -> Line | None:
        text = " ".join("".join(letter.sign for letter in letters).split())
        if not text:
            return None
        width, height = max(1.0, self._right - self._left), max(1.0, self._top - self._bottom)
        seen = [letter for letter in letters if not letter.sign.isspace()]
        boxes = [
            (
                (letter.left - self._left) / width,
                (self._top - letter.top) / height,
                (letter.right - letter.left) / width,
                (letter.top - letter.bottom) / height,
            )
            for letter in seen
        ]
        return Line(text, union(boxes))

    def _pitch(self) -> float:
        """The usual distance of two lines."""
        pairs = [pair for pair in pairwise(self.lines) if len(pair[0].row) == len(pair[1].row) == 1]
        steps = sorted(step for above, below in pairs if (step := below.bottom - above.bottom) > 0.001)
        return steps[len(steps) // 4] if steps else 0.0  # most of short paragraphs are gaps between them

    @property
    def has_layer(self) -> bool:
        """Whether a scan says itself what stands in it: text that is not painted lies over something that is."""
        return any(
            pdfium.FPDFTextObj_GetTextRenderMode(each) in _UNSEEN_MODES and _address(each) not in self._unseen
            for each in self._suspects
        )

    @cached_property
    def _suspects(self) -> list[Any]:
        return [each for each in self._things(pdfium.FPDF_PAGEOBJ_TEXT) if self._is_suspect(each)]

    @cached_property
    def _unseen(self) -> set[int]:
        """Addresses of text objects that leave no trace where they stand."""
        suspects = self._suspects
        if not suspects or not self.is_drawable:
            return set()
        scale = min(1.0, LONGEST_SIDE / max(self.width, self.height))
        bitmap = self._page.render(scale=scale, grayscale=True)
        try:
            pixels = bitmap.to_numpy()
            return {_address(each) for each in suspects if self._leaves_no_trace(each, pixels)}
        finally:
            bitmap.close()

    def _is_suspect(self, text: Any) -> bool:
        """White, transparent, tiny, outside of the paper, or meant not to be painted: each can be for a good reason."""
        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        if pdfium.FPDFPageObj_GetFillColor(text, red, green, blue, alpha) and (
            min(red.value, green.value, blue.value) >= _LIGHT or alpha.value < _FAINT
        ):
            return True
        left, bottom, right, top = text.get_bounds()
        outside = right < self._left or left > self._right or top < self._bottom or bottom > self._top
        return outside or _size(text) < _TINY or pdfium.FPDFTextObj_GetTextRenderMode(text) in _UNSEEN_MODES

    def _leaves_no_trace(self, text: Any, pixels: Any) -> bool:
        """Whether all is of one grey there. A scanned page shows what the invisible text upon it says."""
        height, width = pixels.shape[:2]
        left, bottom, right, top = text.get_bounds()
        if _size(text) < _TINY:
            return True
        corners = [self._on_drawing(x, y, width, height) for x, y in ((left, bottom), (right, top))]
        (x0, x1), (y0, y1) = (sorted(each) for each in zip(*corners, strict=True))
        # A little more than the letters: a dash is of one grey, and seen by its ground.
        region = pixels[max(0, y0 - _AROUND) : max(0, y1 + _AROUND), max(0, x0 - _AROUND) : max(0, x1 + _AROUND)]
        return region.size == 0 or int(region.max()) - int(region.min()) < _CONTRAST

    def _on_drawing(self, x: float, y: float, width: int, height: int) -> tuple[int, int]:
        right, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(self._page, 0, 0, width, height, 0, x, y, right, down)
        return right.value, down.value

    def _object_at(self, place: int) -> int | None:
        found = pdfium.FPDFText_GetTextObject(self._text, place)
        return ctypes.addressof(found.contents) if found else None

    def _things(self, *kinds: int) -> list[Any]:
        """Objects of the page itself; of what stands inside of others the place on the page is not known."""
        if pdfium.FPDFPage_CountObjects(self._page) > _MOST_OBJECTS:
            return []
        return list(self._page.get_objects(list(kinds), max_depth=1))

    def _holds_picture(self, form: Any) -> bool:
        inside = self._page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4, form=form, level=1)
        return next(inside, None) is not None


def _goes_on(above: WrittenLine, line: WrittenLine, pitch: float) -> bool:
    """Whether a line belongs to the paragraph of the one above."""
    sizes = sorted((above.size, line.size))
    if sizes[0] and sizes[1] / sizes[0] > _OTHER_SIZE and abs(len(above.text) - len(line.text)) > 10:
        return False
    return 0 <= line.bottom - above.bottom <= _PARAGRAPH_GAP * pitch + 0.001


def _size(text: Any) -> float:
    """Of its letters, in points, however the page makes them larger or smaller."""
    size, matrix = ctypes.c_float(), pdfium.FS_MATRIX()
    if not (pdfium.FPDFTextObj_GetFontSize(text, size) and pdfium.FPDFPageObj_GetMatrix(text, matrix)):
        return _TINY
    return abs(size.value) * math.hypot(matrix.c, matrix.d)


def _address(thing: Any) -> int:
    return ctypes.addressof(thing.raw.contents)
