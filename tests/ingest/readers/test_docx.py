"""Word documents: headings, lists, tables and pictures are read; what their author hid or deleted is not."""

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor
from PIL import Image

from aisdr.ingest.readers.base import Document, NothingToRead
from tests.ingest.readers.conftest import Read

VISIBLE = "What everybody may read."


def drawn(size: tuple[int, int] = (200, 100), kind: str = "PNG", colour: str = "navy") -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, kind)
    buffer.seek(0)
    return buffer


def save(path: Path, document: WordDocument) -> Path:
    document.save(str(path))
    return path


def html_of(document: Document) -> str:
    content = document.publications[0].content
    assert isinstance(content, bytes)
    return content.decode()


@pytest.fixture
def word() -> WordDocument:
    return docx.Document()


def add_table(word: WordDocument, *rows: tuple[str, ...]) -> Any:
    table = word.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    return table


def test_each_heading_is_a_piece_that_its_link_opens(tmp_path: Path, read: Read, word: WordDocument) -> None:
    word.add_heading("Handbook", 0)
    word.add_paragraph("For shops.")
    word.add_heading("Plans", 1)
    for text, style in (
        ("Team", "List Bullet"),
        ("Chain", "List Bullet"),
        ("Sign", "List Number"),
        ("Pay", "List Number"),
    ):
        word.add_paragraph(text, style=style)
    word.add_heading("Terms", 2)
    word.add_paragraph("Thirty days.")
    word.add_heading("Terms", 1)
    word.add_paragraph("Others.")

    document = read(save(tmp_path / "guide.docx", word))

    assert document.title == "Handbook"
    found = [
        (piece.locator.heading, piece.url.removeprefix("/media/acme/guide.docx.html"), piece.text)
        for piece in document.pieces
    ]
    assert found == [
        (None, "#handbook", "For shops."),
        ("Plans", "#plans", "- Team\n- Chain\n1. Sign\n2. Pay"),
        ("Plans › Terms", "#terms", "Thirty days."),
        ("Terms", "#terms-2", "Others."),
    ]
    html = html_of(document)
    assert all(f'id="{piece.url.split("#")[1]}"' in html for piece in document.pieces)
    assert ([each.path for each in document.publications], document.tavus_path) == (
        ["guide.docx.html"],
        "guide.docx.html",
    )


def test_a_table_is_read_with_the_names_of_its_columns(tmp_path: Path, read: Read, word: WordDocument) -> None:
    add_table(word, ("Plan", "Price", "Seats"), ("Team", "49", "10"), ("Chain", "99", ""))
    merged = add_table(word, ("Country", "Parcel", "Letter"), ("Austria", "0", "0"), ("", "9", "4"))
    merged.cell(1, 0).merge(merged.cell(2, 0))
    named = add_table(word, ("Key", "Value"), ("Phone", "555"))
    for cell in named.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True

    document = read(save(tmp_path / "guide.docx", word))

    assert document.pieces[0].text.splitlines() == [
        "Plan: Team; Price: 49; Seats: 10.",
        "Plan: Chain; Price: 99.",
        "Country: Austria; Parcel: 0; Letter: 0.",
        "Country: Austria; Parcel: 9; Letter: 4.",
        "Key: Phone; Value: 555.",
    ]


def test_a_picture_is_published_with_its_alternative_text(tmp_path: Path, read: Read, word: WordDocument) -> None:
    word.add_heading("The till", 1)
    word.add_picture(drawn())._inline.docPr.set("descr", "A till with a basket")
    word.add_picture(drawn(colour="red"))
    word.add_picture(drawn((8, 8)))._inline.docPr.set("descr", "a bullet")
    word.add_picture(drawn(kind="BMP", colour="green"))._inline.docPr.set("descr", "The old till")

    document = read(save(tmp_path / "guide.docx", word))

    pictures = [piece for piece in document.pieces if piece.modality == "image"]
    assert [(piece.text, piece.url.split("#")[1]) for piece in pictures] == [
        ("A till with a basket", "the-till"),
        ("The old till", "the-till"),
    ]
    assert pictures[0].media
    assert (pictures[0].media.width, pictures[0].media.height) == (200, 100)
    assert [each.content_type for each in document.publications[1:]] == ["image/png", "image/webp"]
    assert all(piece.media and piece.media.url in html_of(document) for piece in pictures)
    assert document.remarks == ("1 picture has no description: write alternative texts where the file was made",)


def hide_by_vanish(word: WordDocument) -> None:
    word.add_paragraph().add_run("secret").font.hidden = True


def hide_by_style(word: WordDocument) -> None:
    style = word.styles.add_style("Ghost", 1)
    style.font.hidden = True
    word.add_paragraph("secret", style="Ghost")


def hide_by_colour(word: WordDocument) -> None:
    word.add_paragraph().add_run("secret").font.color.rgb = RGBColor(255, 255, 255)


def hide_by_shade(word: WordDocument) -> None:
    run = word.add_paragraph().add_run("secret")
    run.font.color.rgb = RGBColor(0x33, 0x33, 0x33)
    run._r.get_or_add_rPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="333333"/>'))


def hide_by_size(word: WordDocument) -> None:
    word.add_paragraph().add_run("secret").font.size = Pt(1)


def hide_row(word: WordDocument) -> None:
    row = add_table(word, ("a", "b"), ("secret", "secret"), ("c", "d")).rows[1]
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:hidden {nsdecls('w')}/>"))


@pytest.mark.parametrize(
    "hide",
    [hide_by_vanish, hide_by_style, hide_by_colour, hide_by_shade, hide_by_size, hide_row],
    ids=lambda hide: hide.__name__,
)
def test_what_nobody_sees_is_neither_read_nor_published(
    tmp_path: Path, read: Read, word: WordDocument, hide: Any
) -> None:
    word.add_paragraph(VISIBLE)
    hide(word)

    document = read(save(tmp_path / "guide.docx", word))

    assert document.pieces[0].text.startswith(VISIBLE)
    assert "secret" not in html_of(document) + str(document.pieces)
    assert document.remarks == ("1 hidden passage was taken out",)


def test_white_letters_on_a_dark_ground_are_seen(tmp_path: Path, read: Read, word: WordDocument) -> None:
    cell = add_table(word, ("", "x"), ("a", "b")).cell(0, 0)
    cell.paragraphs[0].add_run("Seen").font.color.rgb = RGBColor(255, 255, 255)
    cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="000080"/>'))
    marked = word.add_paragraph().add_run("Marked")
    marked.font.color.rgb, marked.font.highlight_color = RGBColor(255, 255, 255), 1  # type: ignore[assignment]

    document = read(save(tmp_path / "guide.docx", word))

    assert ("Seen" in document.pieces[0].text, "Marked" in document.pieces[0].text) == (True, True)
    assert document.remarks == ()


def test_what_was_deleted_is_gone_and_what_was_inserted_is_there(
    tmp_path: Path, read: Read, word: WordDocument
) -> None:
    paragraph = word.add_paragraph("Price: ")
    paragraph._p.append(parse_xml(f'<w:del {nsdecls("w")} w:id="1"><w:r><w:delText>49</w:delText></w:r></w:del>'))
    paragraph._p.append(parse_xml(f'<w:ins {nsdecls("w")} w:id="2"><w:r><w:t>59 euros</w:t></w:r></w:ins>'))
    word.add_comment(paragraph.runs, text="we would take 40", author="x", initials="x")

    document = read(save(tmp_path / "guide.docx", word))

    assert document.pieces[0].text == "Price: 59 euros"
    assert "we would take" not in html_of(document)


def test_what_stands_in_a_control_or_a_text_box_is_read(tmp_path: Path, read: Read, word: WordDocument) -> None:
    box = (
        f'<w:p {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:r><w:pict><v:shape><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    control = (
        f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    for xml in (control, box):
        word.element.body.insert(0, parse_xml(xml))

    assert read(save(tmp_path / "guide.docx", word)).pieces[0].text == "In a box.\nIn a control."


def test_markup_in_a_document_is_only_text_and_hidden_characters_are_counted(
    tmp_path: Path, read: Read, word: WordDocument
) -> None:
    word.add_heading("<script>x()</script>", 1)
    word.add_paragraph("fr\u200bee <img src=x onerror=x()>")

    document = read(save(tmp_path / "guide.docx", word))

    assert document.pieces[0].text == "free <img src=x onerror=x()>"
    assert document.remarks == ("1 hidden character was taken out",)
    assert not any(tag in html_of(document) for tag in ("<script", "<img"))


def test_a_linked_picture_is_not_fetched(tmp_path: Path, read: Read, word: WordDocument) -> None:
    inline = word.add_picture(drawn())._inline
    inline.docPr.set("descr", "A till")
    blip = next(inline.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"))
    relation = word.part.relate_to("http://127.0.0.1:9/x.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)
    blip.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed", relation)
    word.add_paragraph(VISIBLE)

    document = read(save(tmp_path / "guide.docx", word))

    assert [piece.modality for piece in document.pieces] == ["text"]
    assert "left out" in document.remarks[0]


def test_a_style_that_is_based_on_itself_ends_somewhere(tmp_path: Path, read: Read, word: WordDocument) -> None:
    for name in ("One", "Two"):
        word.styles.add_style(name, 1)
    word.styles["One"].base_style = word.styles["Two"]
    word.styles["Two"].base_style = word.styles["One"]
    word.add_paragraph(VISIBLE, style="One")

    assert read(save(tmp_path / "guide.docx", word)).pieces[0].text == VISIBLE


def test_an_empty_document_holds_nothing(tmp_path: Path, read: Read, word: WordDocument) -> None:
    with pytest.raises(NothingToRead):
        read(save(tmp_path / "empty.docx", word))


def test_a_document_of_the_web_is_cited_where_it_stands(tmp_path: Path, read: Read, word: WordDocument) -> None:
    word.add_heading("Plans", 1)
    word.add_paragraph(VISIBLE)

    document = read(save(tmp_path / "a.docx", word), address="https://shop.example/a.docx")

    assert (document.pieces[0].url, document.publications) == ("https://shop.example/a.docx", ())
