"""Pages of a PDF among each other: what all of them repeat, how many are read, which are slides."""

from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from aisdr.ingest.perception.base import Senses
from aisdr.ingest.readers import pdf as pdf_reader
from tests.ingest.material import print_pdf
from tests.ingest.readers.conftest import Read
from tests.ingest.readers.printed import printed, scanned


def test_pages_beyond_the_cap_are_told_and_so_are_pictures(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "The first page is text, and it goes on for a while.")
        canvas.showPage()
        scanned(canvas, "Notice is ninety days.")
        canvas.showPage()
        canvas.drawString(72, 700, "The third page.")

    path = printed(tmp_path / "a.pdf", draw)
    monkeypatch.setattr(pdf_reader, "MOST_PAGES", 2)
    monkeypatch.setattr(pdf_reader, "MOST_LOOKED_AT", 0)

    document = read(path)

    assert len(document.pieces) == 1
    assert "pictures on page 2 were not read" in document.remarks[1]
    assert "only the first 2 of 3 pages" in document.remarks[2]


def test_what_is_made_of_a_long_pdf_goes_to_the_spool_and_progress_is_told(tmp_path: Path, read: Read) -> None:
    spool, told = tmp_path / "spool", []
    spool.mkdir()
    path = print_pdf(tmp_path / "deck.pdf", "One", "Two", "Three", wide=True)

    document = read(path, spool=spool, tell=lambda done, total: told.append((done, total)))

    assert all(isinstance(each.content, Path) and each.content.is_file() for each in document.publications)
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_slides_with_few_words_are_left_to_be_described(tmp_path: Path, read: Read) -> None:
    many = "\n".join(f"Thought {number} has several words of its own" for number in range(5))
    path = print_pdf(tmp_path / "deck.pdf", "Growth", many, wide=True)

    (asked,) = read(path, senses=Senses(describing=True)).undescribed

    assert asked.piece == 0


def test_what_stands_at_the_edge_of_every_page_is_left_out(tmp_path: Path, read: Read) -> None:
    canvas = Canvas(str(tmp_path / "handbook.pdf"), pagesize=A4)
    for number in range(1, 5):
        canvas.drawString(72, 800, "Acme A/S Handbook")
        for line in range(4):
            canvas.drawString(72, 500 - 14 * line, f"Pallet {number + 10 * line} weighs {number + 60} kg,")
        canvas.drawString(72, 40, f"Page {number} of 4")
        canvas.showPage()
    canvas.save()

    texts = [piece.text for piece in read(tmp_path / "handbook.pdf").pieces]

    assert len(texts) == 4
    assert texts[1] == "Pallet 2 weighs 62 kg, Pallet 12 weighs 62 kg, Pallet 22 weighs 62 kg, Pallet 32 weighs 62 kg,"
    assert not any("Handbook" in text or "Page" in text for text in texts)


def test_forms_that_differ_in_their_numbers_keep_them(tmp_path: Path, read: Read) -> None:
    texts = [f"Weight {number * 7} kg" for number in range(30, 36)]

    document = read(print_pdf(tmp_path / "tickets.pdf", *(f"Ticket\n\n{text}" for text in texts)))

    assert all(text in piece.text for text, piece in zip(texts, document.pieces, strict=True))


def test_a_page_that_says_only_what_others_say_keeps_it(tmp_path: Path, read: Read) -> None:
    document = read(print_pdf(tmp_path / "notes.pdf", "Notes", "Notes", "Notes"))

    assert [piece.text for piece in document.pieces] == ["Notes", "Notes", "Notes"]


@pytest.mark.parametrize("title", ["untitled", "Microsoft Word - offer final.docx", "scan0001", "C:\\x\\offer.docx"])
def test_a_title_that_a_program_gave_is_none(tmp_path: Path, read: Read, title: str) -> None:
    assert read(print_pdf(tmp_path / "winter-offer.pdf", "Half price.", title=title)).title == "Winter offer"
