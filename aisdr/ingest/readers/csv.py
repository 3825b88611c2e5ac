"""Reads CSV, whatever separates its columns: a list of questions if it has such columns, else a table."""

import csv
import io
from collections.abc import Iterator, Sequence

from aisdr.ingest.encoding import decode
from aisdr.ingest.faq import ANSWER, QUESTION, Question, faq_document, is_faq
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile, Unreadable
from aisdr.ingest.sheets import Book, Row

_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 20
_TOLD = 5000


class CsvReader:
    endings: tuple[str, ...] = (".csv", ".tsv")
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        text = decode(file.path.read_bytes())
        separator = _separator(text)
        _, header = next(_rows(text, separator), (0, []))
        if not header:
            raise NothingToRead("the table is empty")
        if is_faq(header):
            return faq_document(file, list(_questions(header, _rows(text, separator))))
        book = Book(file)
        book.add("", _told(file, _rows(text, separator)))
        return book.document()


def _rows(text: str, separator: str) -> Iterator[Row]:
    """Rows that are not empty. They are counted as a spreadsheet does: one with a line break in a cell is one."""
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            if number == 1 and len(row) <= 2 and "".join(row).lower().startswith("sep="):
                continue  # Excel's own way of naming the separator
            if any(cell.strip() for cell in row):
                yield number, row
    except csv.Error as error:
        raise Unreadable(f"it is no readable CSV ({error}): is a quotation mark left open?") from error


def _questions(header: Sequence[str], rows: Iterator[Row]) -> Iterator[Question]:
    names = [name.strip() for name in header]
    lowered = [name.lower() for name in names]
    question, answer = lowered.index(QUESTION), lowered.index(ANSWER)
    next(rows)
    for number, row in rows:
        cells = [*row, *[""] * (len(names) - len(row))]
        more = [
            (name, cells[place].strip()) for place, name in enumerate(names) if place not in (question, answer) and name
        ]
        yield Question(cells[question], cells[answer], tuple((name, value) for name, value in more if value), number)


def _separator(text: str) -> str:
    """The one that gives the first rows the same number of columns, and the most of them."""
    first, _, _ = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4]
    sample = text[:50_000]

    def fits(separator: str) -> tuple[int, int]:
        rows: list[int] = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator):
                rows.append(len(row))
                if len(rows) == _SAMPLE:
                    break
        except csv.Error:
            return 0, 0
        widths = [width for width in rows if width > 1]
        usual = max(set(widths), key=widths.count, default=0)
        return widths.count(usual), usual

    return max(_SEPARATORS, key=fits)


def _told(file: SourceFile, rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count % _TOLD == 0:
            file.tell(count, count)
        yield row
