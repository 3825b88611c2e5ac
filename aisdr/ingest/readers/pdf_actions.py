"""What a PDF may do besides being read: run scripts, start programs, carry other files. Seen, and left behind.

Nothing of it is ever carried out here: pages are only laid out and drawn. But what is published is opened by visitors,
whose viewers may run it on the company's own address.
"""

import io
import mmap
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
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
_DRAWN_TOGETHER = 100
"""Pages. Each takes longer the more were drawn: 2,000 into one document took two minutes, so they take five seconds."""
_UNKNOWN = "objects that cannot be looked into"
_NAME = re.compile(rb"/((?:[A-Za-z]|#[0-9A-Fa-f]{2}){2,40})")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_SCRIPT = re.compile(rb"/(?:J|#4[aA])(?:S|#53)\s*[(<0-9]")
"""Two letters stand in compressed pictures by chance; those of a script have its text or its number behind them."""
_STREAM = re.compile(rb"\bstream\r?\n")
_DICTIONARY_BYTES = 2000
_MOST_UNPACKED = 32_000_000
"""Of one stream of objects. One that holds more is taken for the worst."""


def carried(path: Path, pdf: pypdfium2.PdfDocument) -> list[str]:
    """What the file carries that could act, in words. Doubt counts as a yes: the price is only a plainer copy."""
    found = set()
    if pdfium.FPDFDoc_GetJavaScriptActionCount(pdf) > 0:
        found.add("JavaScript")
    if pdf.count_attachments() > 0:
        found.add("embedded files")
    if pdfium.FPDF_GetSecurityHandlerRevision(pdf) >= 0:
        found.add("encrypted parts, which cannot be looked into")  # with an empty password it opens, but hides the rest
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found |= _named(content)
    return sorted(found)


def inert_copy(pdf: pypdfium2.PdfDocument) -> bytes:
    """The same pages, drawn into a new document: no script, form, link or file comes along, since none is drawn."""
    copy = pypdfium2.PdfDocument.new()
    try:
        for first in range(0, len(pdf), _DRAWN_TOGETHER):
            with _drawn(pdf, range(first, min(first + _DRAWN_TOGETHER, len(pdf)))) as part:
                copy.import_pages(part)
        buffer = io.BytesIO()
        copy.save(buffer)
        return buffer.getvalue()
    finally:
        copy.close()


@contextmanager
def _drawn(pdf: pypdfium2.PdfDocument, numbers: range) -> Iterator[pypdfium2.PdfDocument]:
    part = pypdfium2.PdfDocument.new()
    try:
        for number in numbers:
            page = pdf[number]
            drawn = pdf.page_as_xobject(number, part)  # cropped and turned already
            new = part.new_page(*page.get_size())
            new.insert_obj(drawn.as_pageobject())
            new.gen_content()
            for each in (drawn, new, page):
                each.close()
        yield part
    finally:
        part.close()


def _named(content: bytes | mmap.mmap) -> set[str]:
    """What its names speak of, also of those in packed objects."""
    found = set()
    for match in _NAME.finditer(content):
        name = _ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), match[1])
        if name == b"ObjStm":
            found |= _packed(content, match.end())
        elif name in _NAMES and (name != b"JS" or _SCRIPT.match(content, match.start())):
            found.add(_NAMES[name])
    return found


def _packed(content: bytes | mmap.mmap, place: int) -> set[str]:
    """What the stream of objects speaks of whose dictionary is at this place."""
    begin = _STREAM.search(content, place, place + _DICTIONARY_BYTES)
    if begin is None:
        return set()
    end = content.find(b"endstream", begin.end())
    packed = content[begin.end() : end if end >= 0 else len(content)]
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(packed, _MOST_UNPACKED)
    except zlib.error:
        return {_UNKNOWN}
    # What ends too soon may go on behind a word that only looks like the end.
    return (_named(unpacked) if b"ObjStm" not in unpacked else {_UNKNOWN}) | (set() if unpacking.eof else {_UNKNOWN})
