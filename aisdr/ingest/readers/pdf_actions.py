"""What a PDF may do besides being read: run scripts, start programs, carry other files. Seen, and left behind.

Nothing of it is ever carried out here: pages are only laid out and drawn. But what is published is opened by visitors,
whose viewers may run it on the company's own address.
"""

import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

_NAMES = {
    b"JavaScript": "JavaScript",
    b"JS": "JavaScript",
    b"Launch": "programs to start",
    b"EmbeddedFile": "embedded files",
    b"EmbeddedFiles": "embedded files",
    b"RichMedia": "rich media",
    b"XFA": "an XFA form",
    b"SubmitForm": "a form that sends itself",
    b"ImportData": "data to import",
    b"GoToE": "embedded files",
}
_NAME = re.compile(rb"/((?:[A-Za-z]|#[0-9A-Fa-f]{2}){2,40})")
_OBJECTS = re.compile(rb"/(?:ObjStm|#4[fF]bjStm)\b[^>]{0,400}>>\s*stream\r?\n")
_STREAM = re.compile(rb"(<<(?:[^<>]|<<[^<>]*>>){0,600}>>)\s*stream\r?\n")
_MOST_UNPACKED = 32_000_000
"""Of one stream of objects. One that holds more is taken for the worst."""
_PIECE = 1 << 24
_OVERLAP = 4096


def carried(path: Path, pdf: pypdfium2.PdfDocument) -> list[str]:
    """What the file carries that could act, in words. Doubt counts as a yes: the price is only a plainer copy."""
    found = set()
    if pdfium.FPDFDoc_GetJavaScriptActionCount(pdf) > 0:
        found.add("JavaScript")
    if pdf.count_attachments() > 0:
        found.add("embedded files")
    if pdfium.FPDF_GetSecurityHandlerRevision(pdf) >= 0:
        found.add("encrypted parts, which cannot be looked into")  # with an empty password it opens, but hides the rest
    for part in _parts(path):
        found |= _named(part)
        for packed in _packed_objects(part):
            if packed is None:
                found.add("objects that cannot be looked into")
            else:
                found |= _named(packed)
    return sorted(found)


def inert_copy(pdf: pypdfium2.PdfDocument) -> bytes:
    """The same pages, drawn into a new document: no script, form, link or file comes along, since none is drawn."""
    copy = pypdfium2.PdfDocument.new()
    try:
        for number in range(len(pdf)):
            page = pdf[number]
            left, bottom, right, top = page.get_cropbox()
            drawn = pdf.page_as_xobject(number, copy)
            new = copy.new_page(right - left, top - bottom)
            content = drawn.as_pageobject()
            content.transform(pypdfium2.PdfMatrix().translate(-left, -bottom))
            new.insert_obj(content)
            new.gen_content()
            new.set_rotation(page.get_rotation())
            for each in (drawn, new, page):
                each.close()
        buffer = io.BytesIO()
        copy.save(buffer)
        return buffer.getvalue()
    finally:
        copy.close()


def _parts(path: Path) -> Iterator[bytes]:
    """The file in pieces that overlap, so that no name is cut in two."""
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(_PIECE):
            yield tail + piece
            tail = piece[-_OVERLAP:]


def _named(content: bytes) -> set[str]:
    names = {match[1] for match in _NAME.finditer(content)}
    plain = {re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), name) for name in names}
    # Two letters stand in compressed pictures by chance; a script's have its text, or a reference to it, behind them.
    if b"JS" in plain and not re.search(rb"/(?:J|#4[aA])(?:S|#53)\s*[(<0-9]", content):
        plain.discard(b"JS")
    return {_NAMES[name] for name in plain & _NAMES.keys()}


def _packed_objects(content: bytes) -> Iterator[bytes | None]:
    """Streams that hold objects, unpacked; None for one that cannot be."""
    for match in _STREAM.finditer(content):
        if b"ObjStm" not in re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), match[1]):
            continue
        if b"/Filter" not in match[1]:
            continue  # it stands there as it is, and was looked at
        unpacking = zlib.decompressobj()
        try:
            unpacked = unpacking.decompress(content[match.end() :], _MOST_UNPACKED)
        except zlib.error:
            yield None
            continue
        yield unpacked if not unpacking.unconsumed_tail else None
