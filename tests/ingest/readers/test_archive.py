"""Office files that are bombs, traps, locked or no office files at all are refused before a library opens them."""

import io
import struct
import zipfile
from pathlib import Path

import docx
import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from aisdr.ingest import archive
from aisdr.ingest.readers.base import Unreadable
from tests.ingest.readers.conftest import Read

TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><w>&i;</w>"
)


def pack(path: Path, parts: dict[str, str | bytes], kind: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", kind) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def word(path: Path, **more: str | bytes) -> Path:
    return pack(path, {"[Content_Types].xml": TYPES, "word/document.xml": "<w/>", **more})


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    document = docx.Document()
    document.add_paragraph("Dear shopkeeper, the till is ready.")
    document.save(str(tmp_path / "letter.docx"))
    return tmp_path / "letter.docx"


def test_an_office_file_passes(letter: Path) -> None:
    archive.check(letter)


def test_what_unpacks_to_a_thousand_times_its_size_is_refused(tmp_path: Path) -> None:
    bomb = word(tmp_path / "bomb.docx", **{"word/media/image1.png": bytes(20 << 20)})

    with pytest.raises(Unreadable, match="a bomb"):
        archive.check(bomb)


def test_what_unpacks_to_more_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNPACKED", 1 << 20)
    large = pack(
        tmp_path / "large.docx",
        {"[Content_Types].xml": TYPES, "word/document.xml": "<w/>", "word/a.bin": bytes(2 << 20)},
        zipfile.ZIP_STORED,
    )

    with pytest.raises(Unreadable, match="unpacks to 2 MB"):
        archive.check(large)


def test_a_thousand_parts_more_than_any_file_has_are_refused(tmp_path: Path) -> None:
    crowd = word(tmp_path / "crowd.docx", **{f"word/{number}.bin": b"" for number in range(archive.MAX_ENTRIES)})

    with pytest.raises(Unreadable, match=r"packed from 10002 parts"):
        archive.check(crowd)


def test_parts_that_lie_on_top_of_each_other_are_refused(tmp_path: Path, read: Read) -> None:
    """As in the bombs that unpack to petabytes: every entry of the directory leads to the same bytes."""
    path = pack(tmp_path / "overlap.docx", {"[Content_Types].xml": TYPES, "word/a.xml": "<a/>", "word/b.xml": "<b/>"})
    content = bytearray(path.read_bytes())
    directory = [place for place in range(len(content)) if content[place : place + 4] == b"PK\x01\x02"]
    for place in directory:
        content[place + 42 : place + 46] = struct.pack("<L", 0)
    path.write_bytes(content)

    with pytest.raises(Unreadable, match="broken or cut off"):
        read(path)


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "word\\..\\..\\x", "C:/x", "word/../../x"])
def test_a_part_with_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable, match="elsewhere"):
        archive.check(word(tmp_path / "trick.docx", **{name: "x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    path = word(tmp_path / "double.docx")
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("WORD/document.xml", "<other/>")

    with pytest.raises(Unreadable, match="twice"):
        archive.check(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["word/document.xml", "word/_rels/document.xml.rels", "docProps/core.xml"])
def test_a_billion_laughs_are_refused_in_whatever_encoding_and_part(tmp_path: Path, part: str, encoding: str) -> None:
    content = LAUGHS.replace('version="1.0"', f'version="1.0" encoding="{encoding}"').encode(encoding)

    with pytest.raises(Unreadable, match="document type"):
        archive.check(word(tmp_path / "laughs.docx", **{part: content}))


def test_an_entity_that_would_read_our_files_is_refused_behind_a_long_comment(tmp_path: Path) -> None:
    content = (
        f'<?xml version="1.0"?><!--{"x" * 200_000}--><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>'
    )

    with pytest.raises(Unreadable, match="document type"):
        archive.check(word(tmp_path / "files.docx", **{"word/document.xml": content}))


def test_a_file_locked_with_a_password_is_named_as_such(tmp_path: Path, letter: Path, read: Read) -> None:
    compound = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(900)
    (tmp_path / "locked.docx").write_bytes(compound)
    (tmp_path / "old.docx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(3000))
    content = bytearray(letter.read_bytes())
    for place in range(len(content)):
        if content[place : place + 4] == b"PK\x01\x02":
            content[place + 8] |= 1
    (tmp_path / "zipped.docx").write_bytes(content)

    for name, reason in (("locked", "password"), ("zipped", "password"), ("old", "before 2007")):
        with pytest.raises(Unreadable, match=reason):
            read(tmp_path / f"{name}.docx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_named_as_such(tmp_path: Path, letter: Path, read: Read, share: float) -> None:
    content = letter.read_bytes()
    letter.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(Unreadable, match="broken or cut off"):
        read(letter)


def test_a_file_of_another_kind_is_named_as_such(tmp_path: Path, read: Read) -> None:
    (tmp_path / "text.docx").write_text("I am only text")
    (tmp_path / "none.pptx").write_bytes(b"")
    pack(tmp_path / "photos.xlsx", {"a.jpg": b"x"})
    Workbook().save(tmp_path / "really-a-sheet.docx")

    for name, reason in (
        ("text.docx", "it is no DOCX file"),
        ("none.pptx", "it is no PPTX file"),
        ("photos.xlsx", "a zip archive, and no XLSX"),
        ("really-a-sheet.docx", r"is a XLSX file: name it really-a-sheet\.xlsx"),
    ):
        with pytest.raises(Unreadable, match=reason):
            read(tmp_path / name)


@pytest.mark.parametrize("name", ["plan.docx", "plan.pptx", "plan.xlsx"])
def test_a_package_without_what_it_promises_is_unreadable(tmp_path: Path, read: Read, name: str) -> None:
    folder = {"docx": "word", "pptx": "ppt", "xlsx": "xl"}[name[-4:]]

    with pytest.raises(Unreadable):
        read(pack(tmp_path / name, {"[Content_Types].xml": TYPES, f"{folder}/main.xml": "<w/>"}))


def test_any_byte_may_be_wrong_and_nothing_else_happens(tmp_path: Path, letter: Path, read: Read) -> None:
    content = letter.read_bytes()
    for place in range(0, len(content), len(content) // 60):
        broken = bytearray(content)
        broken[place] ^= 0xFF
        letter.write_bytes(broken)
        try:
            document = read(letter)
        except Unreadable:
            continue
        assert all(isinstance(piece.text, str) for piece in document.pieces)


def test_a_package_inside_a_package_is_not_opened(tmp_path: Path, read: Read, letter: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("zeros", bytes(50 << 20))
    with zipfile.ZipFile(letter, "a") as package:
        package.writestr("word/embeddings/inner.zip", inner.getvalue())

    assert read(letter).pieces[0].text == "Dear shopkeeper, the till is ready."
