"""What each reader makes of its kind of file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aisdr.errors import InvalidInput
from aisdr.ingest.kinds import reader_for, sources_in
from aisdr.ingest.labels import labels_of
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile, Unreadable
from tests.ingest.material import CAPTIONS, GUIDE, draw, film, print_pdf, write

Read = Callable[[Path], Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_file(path: Path) -> Document:
        reader = reader_for(path)
        assert reader
        return reader.read(SourceFile(tmp_path, path, "/media/acme", labels_of(tmp_path, path)))

    return read_file


def html_of(document: Document) -> str:
    content = document.publications[0].content
    assert isinstance(content, bytes)
    return content.decode()


# Markdown


def test_each_heading_is_a_piece_that_its_link_opens(tmp_path: Path, read: Read) -> None:
    draw(tmp_path / "pictures/board.png")

    document = read(write(tmp_path / "guide.md", GUIDE))

    found = [
        (piece.locator.heading, piece.url.removeprefix("/media/acme/"), piece.modality) for piece in document.pieces
    ]
    assert found == [
        (None, "guide.html", "text"),
        ("Plans", "guide.html#plans", "text"),
        ("Plans › Plans", "guide.html#plans-2", "text"),
        ("The dashboard", "guide.html#the-dashboard", "text"),
        ("The dashboard", "guide.html#the-dashboard", "image"),
    ]
    html = html_of(document)
    assert all(f'id="{piece.url.split("#")[1]}"' in html for piece in document.pieces if "#" in piece.url)


def test_a_table_says_the_name_of_each_column_beside_each_value(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "guide.md", GUIDE))

    plans = document.pieces[1].text
    assert plans == (
        "There are three plans:\n- Team for small shops\n- Chain for large ones\n"
        "Plan: Team; Price: 49 euros; Seats: 10.\nPlan: Chain; Price: 99 euros."
    )


def test_front_matter_labels_the_document(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "guide.md", GUIDE))

    assert (document.title, document.labels.tags, document.labels.tavus) == ("The guide", ("sales",), True)
    assert document.tavus_path == "guide.html"


def test_a_picture_in_the_text_is_a_piece_with_its_size(tmp_path: Path, read: Read) -> None:
    draw(tmp_path / "pictures/board.png", (64, 40))

    piece = read(write(tmp_path / "guide.md", GUIDE)).pieces[-1]

    assert piece.text == "The dashboard with revenue by month\nRevenue on the left"
    assert piece.media
    assert (piece.media.url, piece.media.width, piece.media.height) == ("/media/acme/pictures/board.png", 64, 40)


@pytest.mark.parametrize("source", ["missing.png", "../outside.png", "https://example.com/a.png", "/etc/a.png"])
def test_a_picture_from_elsewhere_is_left_out_with_a_remark(tmp_path: Path, read: Read, source: str) -> None:
    draw(tmp_path.parent / "outside.png")

    document = read(write(tmp_path / "page.md", f"Text. ![a picture]({source})"))

    assert [piece.modality for piece in document.pieces] == ["text"]
    assert len(document.publications) == 1
    assert source in document.remarks[0]


def test_the_published_page_holds_no_foreign_html(tmp_path: Path, read: Read) -> None:
    text = "# <img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\n[go](javascript:alert(1)) <!-- secret -->\n"

    html = html_of(read(write(tmp_path / "page.md", text)))

    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "secret" not in html
    assert "default-src 'none'" in html


def test_links_between_sources_lead_to_their_pages(tmp_path: Path, read: Read) -> None:
    assert 'href="terms.html#notice"' in html_of(read(write(tmp_path / "guide.md", GUIDE)))


def test_a_page_without_front_matter_takes_its_first_heading_for_a_title(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "a-file.md", "# Über uns & mehr\n\nText."))

    assert document.title == "Über uns & mehr"
    assert document.pieces[0].url == "/media/acme/a-file.html#über-uns-mehr"
    assert document.pieces[0].locator.heading is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"caf\xe9", "UTF-8"), (b"---\ntitle: [\n---\ntext", "front matter")],
)
def test_a_broken_page_is_unreadable(tmp_path: Path, read: Read, content: bytes, reason: str) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=reason):
        read(path)


def test_a_wrong_label_is_named_with_its_remedy(tmp_path: Path, read: Read) -> None:
    with pytest.raises(InvalidInput, match=r"page\.md.*'tavus' must be true or false, not 'yes please'"):
        read(write(tmp_path / "page.md", "---\ntavus: yes please\n---\ntext"))


# PDF


def test_each_page_is_a_piece_that_its_link_opens(tmp_path: Path, read: Read) -> None:
    document = read(print_pdf(tmp_path / "terms.pdf", "Notice is\n30 days.", "Refunds take a week.", title="Our terms"))

    assert document.title == "Our terms"
    assert [(piece.text, piece.locator.page, piece.url, piece.modality) for piece in document.pieces] == [
        ("Notice is 30 days.", 1, "/media/acme/terms.pdf#page=1", "text"),
        ("Refunds take a week.", 2, "/media/acme/terms.pdf#page=2", "text"),
    ]
    assert [publication.path for publication in document.publications] == ["terms.pdf"]


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
    assert document.publications[1].content[:4] == b"RIFF"  # type: ignore[index]
    assert document.remarks == ("no text on page 2: what is there cannot be found",)


def test_a_pdf_without_text_holds_nothing(tmp_path: Path, read: Read) -> None:
    with pytest.raises(NothingToRead, match="no text"):
        read(print_pdf(tmp_path / "scan.pdf", "", ""))


def test_a_broken_pdf_is_unreadable(tmp_path: Path, read: Read) -> None:
    whole = print_pdf(tmp_path / "whole.pdf", "text").read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[:200])
    (tmp_path / "text.pdf").write_bytes(b"this is no PDF")

    for name in ("cut.pdf", "text.pdf"):
        with pytest.raises(Unreadable, match="not a readable PDF"):
            read(tmp_path / name)


# Pictures


@pytest.mark.parametrize(
    ("name", "text", "alt", "caption"),
    [
        ("chart.caption.md", "---\ntitle: Growth\nalt: A chart\n---\nSales\ngrew.", "A chart", "Sales grew."),
        ("chart.caption.txt", "Sales grew.", "Sales grew.", "Sales grew."),
        ("chart.png.caption.md", "Sales grew.", "Sales grew.", "Sales grew."),
        ("chart.txt", "Sales grew.", "Sales grew.", "Sales grew."),
        ("chart.toml", 'alt = "A chart"\ncaption = "Sales grew."', "A chart", "Sales grew."),
    ],
)
def test_a_picture_is_found_by_what_is_written_beside_it(
    tmp_path: Path, read: Read, name: str, text: str, alt: str, caption: str
) -> None:
    write(tmp_path / name, text)

    document = read(draw(tmp_path / "chart.png", (30, 20)))

    (piece,) = document.pieces
    assert piece.media
    assert (piece.media.alt, piece.media.caption, piece.media.width) == (alt, caption, 30)
    assert caption in piece.text
    assert (piece.modality, piece.url) == ("image", "/media/acme/chart.png")
    assert document.title == ("Growth" if "Growth" in text else "Chart")


def test_a_picture_that_nobody_described_holds_nothing(tmp_path: Path, read: Read) -> None:
    with pytest.raises(NothingToRead, match=r"chart\.caption\.md"):
        read(draw(tmp_path / "chart.png"))


def test_a_broken_picture_is_unreadable(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "chart.txt", "A chart")
    (tmp_path / "chart.png").write_bytes(draw(tmp_path / "whole.png").read_bytes()[:40])

    with pytest.raises(Unreadable, match="broken"):
        read(tmp_path / "chart.png")


# Clips


def test_captions_become_spans_that_open_the_clip_at_their_second(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "tour.vtt", CAPTIONS)
    write(tmp_path / "tour.toml", 'title = "The tour"')
    draw(tmp_path / "tour.poster.webp", (160, 90))

    document = read(film(tmp_path / "tour.webm"))

    found = [(piece.text, piece.locator.start, piece.locator.end, piece.url) for piece in document.pieces]
    assert found == [
        ("Welcome to the tour. First you open the editor and choose a price.", 0, 20.25, "/media/acme/tour.webm#t=0"),
        ("Undo takes the change back.", 42, 50, "/media/acme/tour.webm#t=42"),
    ]
    media = document.pieces[0].media
    assert media
    assert (media.poster, media.captions_url) == ("/media/acme/tour.poster.webp", "/media/acme/tour.vtt")
    assert (media.width, media.height) == (160, 90)
    assert document.title == "The tour"
    assert {each.path: each.content_type for each in document.publications} == {
        "tour.webm": "video/webm",
        "tour.vtt": "text/vtt; charset=utf-8",
        "tour.poster.webp": "image/webp",
    }


def test_no_span_is_longer_than_half_a_minute(tmp_path: Path, read: Read) -> None:
    cues = "\n".join(f"00:00:{n:02d}.000 --> 00:00:{n + 7:02d}.000\nand so on\n" for n in range(0, 50, 7))
    write(tmp_path / "tour.vtt", f"WEBVTT\n\n{cues}")

    spans = [(piece.locator.start, piece.locator.end) for piece in read(film(tmp_path / "tour.mp4")).pieces]

    assert spans == [(0, 28), (28, 56)]


def test_a_clip_without_captions_is_known_by_its_description_or_not_at_all(tmp_path: Path, read: Read) -> None:
    clip = film(tmp_path / "tour.webm")
    with pytest.raises(NothingToRead, match=r"tour\.vtt"):
        read(clip)

    write(tmp_path / "tour.toml", 'caption = "A tour of the editor"\ntavus = true')

    document = read(clip)
    assert [(piece.text, piece.locator.start) for piece in document.pieces] == [("A tour of the editor", 0)]
    assert not document.is_for_tavus
    assert "Tavus cannot read clips" in document.remarks[0]


def test_broken_captions_are_unreadable(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "tour.vtt", "these are no captions")

    with pytest.raises(Unreadable, match=r"tour\.vtt"):
        read(film(tmp_path / "tour.webm"))


# Labels and folders


def test_the_nearest_label_wins(tmp_path: Path) -> None:
    write(tmp_path / "meta.toml", 'tavus = true\ntags = ["all"]\nlanguage = "de"')
    write(tmp_path / "deep/meta.toml", 'language = "fr"\n["deck.pdf"]\ntitle = "The deck"\ntavus = false')
    write(tmp_path / "deep/deck.toml", 'title = "The best deck"')

    deck, other = labels_of(tmp_path, tmp_path / "deep/deck.pdf"), labels_of(tmp_path, tmp_path / "deep/other.pdf")

    assert (deck.title, deck.language, deck.tags, deck.tavus) == ("The best deck", "fr", ("all",), False)
    assert (other.title, other.language, other.tags, other.tavus) == ("", "fr", ("all",), True)


@pytest.mark.parametrize(
    ("toml", "problem"),
    [("tavos = true", "'tavos' is unknown"), ("tavus = 1", "true or false"), ("tags = 'a'", "list"), ("a = [", "TOML")],
)
def test_a_wrong_label_file_is_named(tmp_path: Path, toml: str, problem: str) -> None:
    write(tmp_path / "meta.toml", toml)

    with pytest.raises(InvalidInput, match=rf"meta\.toml.*{problem}"):
        labels_of(tmp_path, tmp_path / "page.md")


def test_companions_hidden_files_and_files_from_outside_are_no_sources(tmp_path: Path) -> None:
    root = tmp_path / "knowledge"
    for name in ("page.md", "notes.txt", "tour.vtt", "tour.toml", "chart.caption.md", "chart.txt", "meta.toml"):
        write(root / name, "text")
    write(root / ".git/page.md", "text")
    film(root / "tour.webm")
    draw(root / "tour.poster.png")
    draw(root / "chart.png")
    (root / "link.md").symlink_to(write(tmp_path / "secret.md", "text"))

    assert [path.name for path in sources_in(root)] == ["chart.png", "notes.txt", "page.md", "tour.webm"]
