"""Text in pictures: read where it stands, and put into the groups in which one reads it."""

import subprocess
import sys
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw, ImageFont

from aisdr.ingest.perception import ocr
from aisdr.ingest.perception.layout import blocks, packed
from aisdr.ingest.perception.ocr import Line
from aisdr.ingest.perception.ocr_words import put_right
from tests.ingest.recordings import drawn

CARDS = [("Revenue this month", "1,284,300"), ("Average margin", "41.7 %"), ("Stores online", "212 of 215")]
TABLE = [("Region", "Price index", "Out of stock"), ("North", "101.2", "3.1 %"), ("Coast", "104.9", "1.2 %")]


def board() -> Image.Image:
    """Three cards with a label over a number, and a table below."""
    picture = Image.new("RGB", (1280, 640), "#eef0f4")
    pen = ImageDraw.Draw(picture)
    for number, (label, value) in enumerate(CARDS):
        left = 40 + 410 * number
        pen.rectangle((left, 40, left + 380, 180), fill="white")
        pen.text((left + 24, 60), label, "#555555", ImageFont.load_default(24))
        pen.text((left + 24, 104), value, "#111111", ImageFont.load_default(44))
    for down, row in enumerate(TABLE):
        for across, cell in enumerate(row):
            pen.text((60 + 300 * across, 260 + 50 * down), cell, "#222222", ImageFont.load_default(24))
    return picture


def line(text: str, left: float, top: float, width: float = 0.1, height: float = 0.02) -> Line:
    return Line(text, (left, top, width, height))


@pytest.mark.slow
def test_a_board_is_read_card_by_card_and_its_table_row_by_row() -> None:
    found = blocks(ocr.read(board()))

    assert [block.text for block in found] == [
        *("\n".join(card) for card in CARDS),
        "\n".join(" | ".join(row) for row in TABLE),
    ]
    left, top, width, height = found[0].box
    assert (left, top) == pytest.approx((64 / 1280, 60 / 640), abs=0.02)
    assert (left + width, top + height) == pytest.approx((300 / 1280, 150 / 640), abs=0.04)


def test_a_plain_picture_has_no_text_and_a_tiny_one_is_no_trouble() -> None:
    assert ocr.read(Image.new("RGB", (400, 300), "navy")) == []
    assert ocr.read(Image.new("L", (1, 1))) == []


@pytest.mark.slow
def test_the_screenshot_of_a_long_page_is_read_to_its_end_and_each_line_once() -> None:
    texts = [f"Row {number} costs {number * 7} euros" for number in range(60)]

    found = ocr.read(drawn(*texts, size=(700, 4200), height=40))

    assert [each.text.replace(" ", "") for each in found] == [text.replace(" ", "") for text in texts]
    assert all(above.box[1] < below.box[1] for above, below in pairwise(found))


@pytest.mark.slow
def test_loading_it_says_nothing_into_a_progress_display() -> None:
    program = "from PIL import Image; from aisdr.ingest.perception import ocr; ocr.read(Image.new('RGB', (90, 90)))"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert (ran.stdout, ran.stderr) == ("", "")


def test_a_cell_that_is_empty_leaves_its_row_in_the_table() -> None:
    rows = [
        (("Plan", 0.1), ("Price", 0.4), ("Seats", 0.7)),
        (("Team", 0.1), ("49", 0.4), ("10", 0.7)),
        (("Chain", 0.1), ("99", 0.7)),
    ]
    lines = [line(text, left, 0.1 + 0.03 * down) for down, row in enumerate(rows) for text, left in row]

    (table,) = blocks(lines)

    assert table.text == "Plan | Price | Seats\nTeam | 49 | 10\nChain | 99"


def test_columns_of_prose_are_not_read_across() -> None:
    left = [line(f"left {number}", 0.05, 0.1 + 0.025 * number, 0.4) for number in range(2)]
    right = [line(f"right {number}", 0.55, 0.1 + 0.025 * number, 0.4) for number in range(2)]

    found = [block.text for block in blocks([left[0], right[0], left[1], right[1]])]

    assert found == ["left 0\nleft 1", "right 0\nright 1"]


def test_a_table_that_is_too_long_is_cut_between_rows_and_each_part_keeps_the_header() -> None:
    rows = [("Plan", "Price"), *((f"Plan {number}", f"{number} euros") for number in range(10))]
    lines = [
        line(cell, 0.1 + 0.4 * across, 0.05 + 0.03 * down)
        for down, row in enumerate(rows)
        for across, cell in enumerate(row)
    ]

    groups = packed(blocks(lines), max_words=20)

    texts = [block.text for group in groups for block in group]
    assert len(groups) > 2
    assert all(text.startswith("Plan | Price\n") and len(text.split()) <= 20 for text in texts)
    assert [row for text in texts for row in text.splitlines()[1:]] == [" | ".join(row) for row in rows[1:]]


@pytest.mark.parametrize(
    ("seen", "read_as"),
    [
        ("14April 2026", "14 April 2026"),
        ("Received on11 March at 07:35by", "Received on 11 March at 07:35 by"),
        ("Order A1042, IPv6 and H264 stay", "Order A1042, IPv6 and H264 stay"),
        ("3rd floor, 35kg", "3rd floor, 35kg"),
        ("口", ""),
        ("田田田", ""),
        ("东京营业所", "东京营业所"),
    ],
)
def test_spaces_and_textures_are_put_right(seen: str, read_as: str) -> None:
    assert put_right(seen) == read_as
