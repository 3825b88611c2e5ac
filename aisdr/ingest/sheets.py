"""Tables in files of their own become pieces: groups of rows, each value beside the name of its column."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from aisdr.index.base import Locator
from aisdr.ingest.anchors import Anchors
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.readers.base import Document, Piece, SourceFile
from aisdr.ingest.rendered import address_of, rendered
from aisdr.ingest.tables import pack_rows

MAX_ROWS = 20_000
MAX_CELLS = 400_000
"""Of a file: about 7,000 pieces, and a page that a browser still shows. What is longer is a data base."""

MAX_COLUMNS = 256
_LOOKED_AT = 20
"""Rows at the top of a sheet among which the names of its columns are looked for."""

Row = tuple[int, Sequence[str]]
"""Its number, as the spreadsheet counts, and its cells."""


class Book:
    """The sheets of one file, added one after another, as many rows as a reader takes."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._anchors = Anchors()
        self._pieces: list[Piece] = []
        self._body: list[str] = []
        self._room_rows, self._room_cells = MAX_ROWS, MAX_CELLS
        self._left_out, self._columns_cut, self._hidden = 0, 0, 0

    @property
    def is_full(self) -> bool:
        return self._room_rows <= 0 or self._room_cells <= 0

    def leave_out(self, rows: int) -> None:
        """Counts rows that are not even handed in."""
        self._left_out += rows

    def add(self, name: str, rows: Iterable[Row]) -> None:
        """A sheet; `name` is empty where a file has only one."""
        kept = list(self._taken(rows))
        if not kept:
            return
        head = _head([row for _, row in kept[:_LOOKED_AT]])
        prefix = f"{self._anchors.of(name)}-" if name else ""
        self._body.append(f"<h2>{escape(name)}</h2>" if name else "")
        for number, row in kept[:head]:  # a title or a note above the table
            text = " ".join(filter(None, row))
            self._add_piece(name, f"{prefix}row-{number}", number, text)
            self._body.append(f'<p id="{prefix}row-{number}">{escape(text)}</p>')
        (first, header), body = kept[head], kept[head + 1 :]
        firsts = {first}
        for number, text in pack_rows(header, body):
            firsts.add(number)
            self._add_piece(name, f"{prefix}row-{number}", number, text)
        if not body:
            self._add_piece(name, f"{prefix}row-{first}", first, "; ".join(filter(None, header)))
        self._body += _table(prefix, header, body, first, firsts)

    def document(self, remarks: Sequence[str] = ()) -> Document:
        """Raises: NothingToRead: all sheets are empty."""
        remarks = (*remarks_on(self._hidden), *remarks, *self._cuts())
        return rendered(self._file, self._file.title, "\n".join(self._body), self._pieces, remarks)

    def _taken(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows that say something, as far as there is room; the others are counted."""
        for number, row in rows:
            if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                self._columns_cut += 1
            cells = [self._shown(cell) for cell in row[:MAX_COLUMNS]]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            if self.is_full:
                self._left_out += 1
                continue
            self._room_rows -= 1
            self._room_cells -= len(cells)
            yield number, cells

    def _shown(self, cell: str) -> str:
        text, hidden = strip_hidden(cell)
        self._hidden += hidden
        return " ".join(text.split())

    def _add_piece(self, name: str, anchor: str, number: int, text: str) -> None:
        url = self._file.address or f"{address_of(self._file)}#{anchor}"
        self._pieces.append(Piece(text, url, locator=Locator(heading=name or None, row=number)))

    def _cuts(self) -> Iterator[str]:
        if self._left_out:
            yield (
                f"{self._left_out:,} rows were left out: of a file at most {MAX_ROWS:,} rows and {MAX_CELLS:,} cells "
                "are read; split it into several"
            )
        if self._columns_cut:
            yield f"in {self._columns_cut:,} rows what stands behind column {MAX_COLUMNS} was left out"


def _head(rows: Sequence[Sequence[str]]) -> int:
    """Which row names the columns: the first that fills half as many as the fullest; what is above it is a title."""
    filled = [sum(1 for cell in row if cell) for row in rows]
    return next(number for number, count in enumerate(filled) if count * 2 >= max(filled))


def _table(prefix: str, header: Sequence[str], body: Sequence[Row], first: int, firsts: set[int]) -> Iterator[str]:
    columns = "".join(f'<th scope="col">{escape(column)}</th>' for column in header)
    yield f'<table><thead><tr id="{prefix}row-{first}">{columns}</tr></thead><tbody>'
    for number, row in body:
        anchor = f' id="{prefix}row-{number}"' if number in firsts else ""
        yield f"<tr{anchor}>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"
