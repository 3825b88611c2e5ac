"""What each reader makes of its kind of file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aisdr.errors import InvalidInput
from aisdr.ingest.kinds import reader_for, sources_in
from aisdr.ingest.labels import labels_of
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile, Unreadable
from tests.ingest.material import GUIDE, draw, film, write

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
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\0\0", "no text"),
        (b"---\ntitle: [\n---\ntext", "front matter"),
        (b"---\nvisibility: internal\n\n# Margins\n\nOurs are high.", "no end"),
        (b"---\n- visibility\n- internal\n---\ntext", "no labels"),
    ],
)
def test_a_broken_page_is_unreadable(tmp_path: Path, read: Read, content: bytes, reason: str) -> None:
    path = tmp_path / "page.md"
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=reason):
        read(path)


def test_a_wrong_label_is_named_with_its_remedy(tmp_path: Path, read: Read) -> None:
    with pytest.raises(InvalidInput, match=r"page\.md.*'tavus' must be true or false, not 'yes please'"):
        read(write(tmp_path / "page.md", "---\ntavus: yes please\n---\ntext"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_page_is_read_in_whatever_encoding_it_is(tmp_path: Path, read: Read, encoding: str) -> None:
    text = "Die Säge wiegt für gewöhnlich 77 Kilogramm und mißt über zwei Meter."
    (tmp_path / "page.md").write_bytes(f"---\r\ntitle: Größe\r\n---\r\n# Größe\r\n\r\n{text}".encode(encoding))

    document = read(tmp_path / "page.md")

    assert document.title == "Größe"
    assert document.pieces[0].text == text


def test_a_rule_at_the_top_of_a_page_is_no_front_matter(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "page.md", "---\n\nAn opening word.\n\n---\n\nThe text."))

    assert "An opening word." in document.pieces[0].text


def test_a_label_that_is_misspelt_by_a_letter_does_not_publish_what_is_internal(tmp_path: Path, read: Read) -> None:
    with pytest.raises(InvalidInput, match=r"'visibilty' is unknown; write 'visibility'"):
        read(write(tmp_path / "page.md", "---\nvisibilty: internal\nauthor: Sales\n---\ntext"))


def test_a_label_that_grows_without_end_is_told_in_short(tmp_path: Path, read: Read) -> None:
    lines = [f"{each}: &{each} [{', '.join([f'*{chr(ord(each) - 1)}'] * 9)}]" for each in "bcdefghijk"]
    bomb = "\n".join(["---", "a: &a [x]", *lines, "title: *k", "---", "text"])

    with pytest.raises(InvalidInput, match="'title' must be text in quotes") as refused:
        read(write(tmp_path / "page.md", bomb))

    assert len(refused.value.message) < 1000


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
    [
        ("tavos = true", "'tavos' is unknown"),
        ("tavus = 1", "true or false"),
        ("tags = 'a'", "list"),
        ("a = [", "TOML"),
        ("language = 'german'", "a code such as"),
        ("tags = " + "[" * 20_000, "nested deeper"),
        ("#" * 300_000, "longer than 256 kB"),
    ],
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


def test_what_programs_leave_for_themselves_is_no_source(tmp_path: Path) -> None:
    for name in ("~$prices.docx", "Thumbs.db", "desktop.ini", "__MACOSX/prices.md", ".~lock.prices.odt#", "prices.md"):
        write(tmp_path / name, "x")

    assert sources_in(tmp_path) == [tmp_path / "prices.md"]


def test_captions_and_labels_without_their_file_are_told_where_they_belong(tmp_path: Path, read: Read) -> None:
    for name in ("tour.vtt", "tour.srt", "prices.toml"):
        with pytest.raises(NothingToRead, match="beside a file of the same name"):
            read(write(tmp_path / name, ""))
