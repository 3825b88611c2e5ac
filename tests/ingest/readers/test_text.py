"""Plain text in any encoding becomes pieces, each with its place on a page."""

from pathlib import Path

import pytest

from aisdr.ingest import encoding
from aisdr.ingest.readers.base import NothingToRead, Unreadable
from tests.ingest.material import write
from tests.ingest.readers.conftest import Read

GERMAN = "Größere Geschäfte zahlen 49 EUR im Monat, kleinere überhaupt nichts; Rückgabe ist möglich."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-32"),
        (GERMAN, "cp1252"),
        ("Цены для магазинов действуют с марта. Возврат возможен в течение месяца.", "cp1251"),
        ("店舗向けの価格は三月から有効です。返品は一か月以内に可能です。", "shift_jis"),
        ("商店价格自三月起生效。一个月内可以退货。", "gb18030"),
    ],
)
def test_the_encoding_is_found_out(tmp_path: Path, read: Read, text: str, name: str) -> None:
    (tmp_path / "prices.txt").write_bytes(text.encode(name))

    assert [piece.text for piece in read(tmp_path / "prices.txt").pieces] == [text]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + bytes(300), b"MZ\x00\x01\x02" * 50, bytes(range(256)) * 20])
def test_what_is_no_text_is_unreadable(tmp_path: Path, read: Read, content: bytes) -> None:
    (tmp_path / "photo.txt").write_bytes(content)

    with pytest.raises(Unreadable, match="no text"):
        read(tmp_path / "photo.txt")


def test_too_much_text_is_unreadable(tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MAX_BYTES", 1 << 20)

    with pytest.raises(Unreadable, match="split it"):
        read(write(tmp_path / "dump.txt", "line\n" * 400_000))


def test_an_empty_text_holds_nothing(tmp_path: Path, read: Read) -> None:
    with pytest.raises(NothingToRead):
        read(write(tmp_path / "empty.txt", " \n\n\t\n"))


def test_paragraphs_are_pieces_that_their_links_open(tmp_path: Path, read: Read) -> None:
    text = "\n\n".join(f"Paragraph {number}: " + "word " * 98 for number in range(4))

    document = read(write(tmp_path / "long-notes.txt", text))

    assert document.title == "Long notes"
    found = [(piece.url.removeprefix("/media/acme/"), " ".join(piece.text.split()[:2])) for piece in document.pieces]
    assert found == [(f"long-notes.txt.html#part-{number + 1}", f"Paragraph {number}:") for number in range(4)]
    (page,) = document.publications
    assert isinstance(page.content, bytes)
    assert (page.path, document.tavus_path) == ("long-notes.txt.html", "long-notes.txt.html")
    assert all(f'id="part-{number}"' in page.content.decode() for number in range(1, 5))


def test_a_text_of_the_web_is_cited_where_it_stands(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "a.txt", "Prices are low."), address="https://shop.example/a.txt")

    assert [piece.url for piece in document.pieces] == ["https://shop.example/a.txt"]
    assert document.publications == ()


def test_markup_in_a_text_is_only_text_and_what_is_hidden_is_counted(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "a.txt", "<script>alert(1)</script> fr\u200bee\U000e0041\x0cpage"))

    content = document.publications[0].content
    assert isinstance(content, bytes)
    assert b"<script" not in content
    assert document.pieces[0].text == "<script>alert(1)</script> free\npage"
    assert document.remarks == ("2 hidden characters were taken out",)
