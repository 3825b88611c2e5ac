"""A PDF is read page by page: its text, its tables, its pictures."""

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4, landscape  # type: ignore[import-untyped]
from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table  # type: ignore[import-untyped]

from aisdr.ingest.readers import pdf as pdf_reader
from tests.ingest.material import print_pdf
from tests.ingest.readers.conftest import Read
from tests.ingest.readers.printed import content_of, printed, scanned
from tests.ingest.recordings import drawn


def test_each_page_is_a_piece_that_its_link_opens(tmp_path: Path, read: Read) -> None:
    document = read(print_pdf(tmp_path / "terms.pdf", "Notice is\n30 days.", "Refunds take a week.", title="Our terms"))

    assert document.title == "Our terms"
    assert [(piece.text, piece.locator.page, piece.url, piece.modality) for piece in document.pieces] == [
        ("Notice is 30 days.", 1, "/media/acme/terms.pdf#page=1", "text"),
        ("Refunds take a week.", 2, "/media/acme/terms.pdf#page=2", "text"),
    ]
    assert [publication.path for publication in document.publications] == ["terms.pdf"]


def test_a_table_stays_a_table_and_paragraphs_stay_apart(tmp_path: Path, read: Read) -> None:
    styles = getSampleStyleSheet()
    rows = [["Plan", "Price", "Seats"], ["Team", "49 euros", "10"], ["Chain", "99 euros", ""], ["Group", "", "90"]]
    flow = [
        Paragraph("Plans and prices", styles["Heading1"]),
        Paragraph("Every plan can be left at the end of a month. " * 4, styles["BodyText"]),
        Paragraph("Another thought of its own.", styles["BodyText"]),
        Table(rows),
        Paragraph("After the table.", styles["BodyText"]),
    ]
    SimpleDocTemplate(str(tmp_path / "prices.pdf"), pagesize=A4).build(flow)

    (piece,) = read(tmp_path / "prices.pdf").pieces

    assert piece.text.splitlines() == [
        "Plans and prices",
        ("Every plan can be left at the end of a month. " * 4).strip(),
        "Another thought of its own.",
        "Plan | Price | Seats",
        "Team | 49 euros | 10",
        "Chain | 99 euros",
        "Group | 90",
        "After the table.",
    ]


def test_columns_are_read_one_after_the_other(tmp_path: Path, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        for left, side in ((72, "left"), (330, "right")):
            for number in range(4):
                canvas.drawString(left, 700 - 14 * number, f"The {side} column, line {number}")

    (piece,) = read(printed(tmp_path / "a.pdf", draw)).pieces

    words = piece.text.split()
    assert words.index("right") > max(place for place, word in enumerate(words) if word == "left")


def test_a_word_that_is_cut_at_the_end_of_a_line_is_whole_again(tmp_path: Path, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "Prices are kept in the reposi-")
        canvas.drawString(72, 686, "tory of the shop.")

    (piece,) = read(printed(tmp_path / "a.pdf", draw)).pieces

    assert "repository of the shop" in piece.text


def test_bookmarks_name_the_heading_of_their_page_and_of_those_that_follow(tmp_path: Path, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        for number, (title, level) in enumerate([("Plans", 0), ("Team", 1), ("", 0), ("Notice", 0)]):
            if title:
                canvas.bookmarkPage(str(number))
                canvas.addOutlineEntry(title, str(number), level)
            canvas.drawString(72, 700, f"This is page {number + 1}.")
            if number < 3:
                canvas.showPage()

    pieces = read(printed(tmp_path / "a.pdf", draw)).pieces

    assert [piece.locator.heading for piece in pieces] == ["Plans", "Plans › Team", "Plans › Team", "Notice"]


def test_a_wide_page_is_a_slide_with_its_picture(tmp_path: Path, read: Read) -> None:
    text = "Why Acme\nPop-up stores\nThey cost $3 a day, for\nat most 90 days."

    document = read(print_pdf(tmp_path / "deck.pdf", text, "", wide=True))

    (slide,) = document.pieces
    assert slide.text == "Why Acme\nPop-up stores\nThey cost $3 a day, for at most 90 days."
    assert (slide.modality, slide.locator.page) == ("slide", 1)
    assert slide.media
    assert slide.media.url.startswith("/media/acme/made/")
    assert slide.media.width == 1280
    assert "Why Acme" in slide.media.alt
    assert content_of(document, 1)[:4] == b"RIFF"
    assert document.remarks == ("no text on page 2: what is there cannot be found",)


@pytest.mark.slow
def test_a_scanned_page_is_read_where_its_text_stands(tmp_path: Path, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The first page is text.")
        canvas.showPage()
        scanned(canvas, "Notice is ninety days.", "Refunds take a week.")

    document = read(printed(tmp_path / "letter.pdf", draw))

    page = document.pieces[1]
    assert page.text == "Notice is ninety days.\nRefunds take a week."
    assert (page.url, page.locator.page) == ("/media/acme/letter.pdf#page=2", 2)
    assert page.locator.box == pytest.approx((0.05, 0.02, 0.35, 0.08), abs=0.06)
    assert document.remarks == ()


@pytest.mark.slow
def test_a_scanned_slide_is_a_slide(tmp_path: Path, read: Read) -> None:
    size = landscape(A4)

    (slide,) = read(
        printed(tmp_path / "a.pdf", lambda canvas: scanned(canvas, "Pop-up stores", page=size), pagesize=size)
    ).pieces

    assert (slide.text, slide.modality) == ("Pop-up stores", "slide")
    assert slide.media


def test_a_screenshot_on_a_page_is_read_besides_its_text_which_is_not_said_twice(tmp_path: Path, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 18)
        canvas.drawString(72, 780, "The board of a shop")
        canvas.drawImage(ImageReader(drawn("Out of stock 3.1 percent", size=(900, 600), height=44)), 72, 300, 450, 300)

    texts = [piece.text for piece in read(printed(tmp_path / "a.pdf", draw)).pieces]

    assert texts == ["The board of a shop", "Out of stock 3.1 percent"]


def test_a_scan_that_carries_its_own_text_layer_is_not_read_again(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(canvas: Canvas) -> None:
        scanned(canvas, *[f"Clause {number} of the contract says so" for number in range(8)])
        layer = canvas.beginText(40, 790)
        layer.setTextRenderMode(3)
        layer.setFont("Helvetica", 20, leading=32)
        for number in range(8):
            layer.textLine(f"Clause {number} of the contract says so")
        canvas.drawText(layer)

    monkeypatch.setattr(pdf_reader, "MOST_LOOKED_AT", 0)
    document = read(printed(tmp_path / "a.pdf", draw))

    assert "Clause 7 of the contract says so" in document.pieces[0].text
    assert document.remarks == ()
