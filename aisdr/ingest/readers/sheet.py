"""Reads spreadsheets row by row, however long they are; what the author hid stays hidden."""

import datetime
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405  # the error alone; defusedxml does the parsing
from xml.parsers import expat

import openpyxl  # type: ignore[import-untyped]
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from aisdr.ingest.archive import MALFORMED, check
from aisdr.ingest.readers.base import Document, SourceFile, Unreadable
from aisdr.ingest.sheets import Book, Row

_TOLD = 1000
_PART = 1 << 16
_LAST_ROW = 1_048_576
_MOST_LOOKED_AT = 20_000_000
"""Cells, with those that are empty: one far to the right makes a row of sixteen thousand."""


class SheetReader:
    endings: tuple[str, ...] = (".xlsx",)
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        check(file.path)
        book, skipped = Book(file), _Skipped()
        try:
            _read(file, book, skipped)
        except (InvalidFileException, ParseError, DefusedXmlException, *MALFORMED) as error:
            raise Unreadable(f"it is no readable spreadsheet ({type(error).__name__}: {str(error)[:200]})") from error
        return book.document(tuple(skipped.remarks()))


def _read(file: SourceFile, book: Book, skipped: "_Skipped") -> None:
    workbook = openpyxl.load_workbook(file.path, read_only=True, data_only=True, keep_links=False)
    try:
        with zipfile.ZipFile(file.path) as archive:
            for sheet in workbook.worksheets:
                if sheet.sheet_state != "visible":
                    skipped.sheets += 1
                    continue
                # The library tells nothing of hidden rows while it reads row by row; the path it knows.
                facts = _Facts.of(archive, sheet._worksheet_path.removeprefix("/"))
                skipped.formulas += facts.formulas
                name = sheet.title if len(workbook.worksheets) > 1 else ""
                book.add(name, _rows(file, book, sheet, facts, skipped))
    finally:
        workbook.close()


def _rows(file: SourceFile, book: Book, sheet: Any, facts: "_Facts", skipped: "_Skipped") -> Iterator[Row]:
    sheet.reset_dimensions()  # what the file says of its size may be anything
    columns: set[int] = set()
    seen, looked_at = 0, 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number % _TOLD == 0:
            file.tell(min(seen, facts.rows), facts.rows)
        if not row:
            continue
        seen += 1
        looked_at += len(row)
        if book.is_full or looked_at > _MOST_LOOKED_AT:
            book.leave_out(max(facts.rows - seen + 1, 1))
            break
        if number in facts.hidden_rows:
            skipped.rows += any(cell.value is not None for cell in row)
            continue
        cells = []
        for place, cell in enumerate(row, 1):
            text = shown(cell.value, cell.number_format) if cell.value is not None else ""
            if text and facts.hides(place):
                columns.add(place)
                text = ""
            cells.append(text)
        yield number, cells
    skipped.columns += len(columns)


def shown(value: Any, number_format: str) -> str:
    """A value as the sheet shows it, near enough: percent, money, dates; errors of formulas are nothing."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(value, number_format)
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime():
            return value.isoformat(" ", "minutes")
        case datetime.time():
            return value.isoformat("minutes")
        case str() if re.fullmatch(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)", value):
            return ""
        case _:
            return str(value)


def _number(value: float, number_format: str) -> str:
    written = re.sub(r"\[\$-[^\]]*\]", "", number_format).split(";")[0]  # without the code of a country
    places = re.search(r"0\.(0+)", written)
    if "%" in written:
        return f"{value * 100:.{len(places[1]) if places else 2}f}".rstrip("0").rstrip(".") + " %"
    text = f"{value:.{len(places[1])}f}" if places else f"{value:.10g}" if isinstance(value, float) else str(value)
    if money := re.search(r"[€$£¥]|\[\$([^\]\d-]+)", written):
        symbol = (money[1] or money[0]).strip()
        return f"{symbol}{text}" if symbol in "$£¥" else f"{text} {symbol}"
    unit = re.search(r'[0#]\s*"([^"]{1,20})"', written)
    return f"{text} {unit[1].strip()}" if unit else text


@dataclass
class _Skipped:
    """What a spreadsheet hides, and what it does not know itself."""

    sheets: int = 0
    rows: int = 0
    columns: int = 0
    formulas: int = 0

    def remarks(self) -> Iterator[str]:
        hidden = [
            f"{count} {word}{'' if count == 1 else 's'}"
            for count, word in ((self.sheets, "sheet"), (self.columns, "column"), (self.rows, "row"))
            if count
        ]
        if hidden:
            yield f"what is hidden was left out: {', '.join(hidden)}"
        if self.formulas:
            have = "formula has" if self.formulas == 1 else "formulas have"
            yield f"{self.formulas} {have} no result in the file: open it in a spreadsheet program and save it"


@dataclass
class _Facts:
    """What stands in a sheet's XML beside the values."""

    rows: int = 0
    """Those with a cell."""
    formulas: int = 0
    """Those whose result was never computed."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, archive: zipfile.ZipFile, path: str) -> "_Facts":
        facts = cls()
        parser = expat.ParserCreate(namespace_separator=" ")
        number, inside, has_formula, has_value, is_new_row = 0, "", False, False, False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal number, inside, has_formula, has_value, is_new_row
            inside = name.rpartition(" ")[2]
            match inside:
                case "c":
                    facts.rows += is_new_row
                    has_formula, has_value, is_new_row = False, False, False
                case "f":
                    has_formula = True
                case "row":
                    number, is_new_row = int(attributes.get("r", number + 1)), True
                    if number > _LAST_ROW:
                        raise ValueError(f"row {number} of {_LAST_ROW}")
                    if attributes.get("hidden") in ("1", "true"):
                        facts.hidden_rows.add(number)
                case "col" if attributes.get("hidden") in ("1", "true"):
                    facts.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))

        def text(characters: str) -> None:
            nonlocal has_value
            has_value = has_value or (inside in ("v", "t") and bool(characters.strip()))

        def end(name: str) -> None:
            if name.rpartition(" ")[2] == "c":
                facts.formulas += has_formula and not has_value

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
        with archive.open(path) as part:
            while block := part.read(_PART):
                parser.Parse(block)
        return facts

    def hides(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.hidden_columns)
