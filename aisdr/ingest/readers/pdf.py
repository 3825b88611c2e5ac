"""Reads a PDF page by page; a landscape page is taken for a slide and is also kept as a picture."""

import io
import re

import pypdfium2  # type: ignore[import-untyped]

from aisdr.index.base import Locator, Media
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile, Unreadable
from aisdr.ingest.split import Block, split

SLIDE_RATIO = 1.2
"""A page this much wider than high is a slide; an office page is higher than wide."""

SLIDE_PIXELS = 1280
_SOFT_BREAK = "\ufffe"
"""How pdfium marks a word that was hyphenated at the end of a line."""


class PdfReader:
    endings: tuple[str, ...] = (".pdf",)
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        try:
            with pypdfium2.PdfDocument(file.path) as pdf:
                return _read(file, pdf)
        except pypdfium2.PdfiumError as error:
            raise Unreadable(f"not a readable PDF ({error})") from error


def _read(file: SourceFile, pdf: pypdfium2.PdfDocument) -> Document:
    address, publications = file.opened_at("application/pdf")
    title = file.labels.title or pdf.get_metadata_value("Title").strip() or file.title
    pieces: list[Piece] = []
    slides: list[Publication] = []
    empty: list[int] = []
    for number in range(1, len(pdf) + 1):
        page = pdf[number - 1]
        is_slide = page.get_width() >= SLIDE_RATIO * page.get_height()
        blocks = [Block(part) for part in (_lines(page) if is_slide else _paragraphs(page))]
        if not blocks and not (is_slide and file.pictures_seen):
            empty.append(number)
            continue
        url, locator = f"{address}#page={number}", Locator(page=number)
        if is_slide:
            slide = _picture(file, page)
            slides.append(slide[0])
            media = Media(
                kind="image",
                url=file.url(slide[0].path),
                alt=_alt(number, title, blocks),
                width=slide[1],
                height=slide[2],
            )
            text = "\n".join(block.text for block in blocks) or media.alt
            pieces.append(Piece(text, url, "slide", locator, media))
        else:
            pieces += [Piece(text, url, "text", locator) for text in split(blocks)]
    if not pieces:
        raise NothingToRead("the PDF has no text: its pages are pictures")
    pages = ", ".join(map(str, empty))
    remarks = (f"no text on page {pages}: what is there cannot be found",) if empty else ()
    tavus_path = publications[0].path if publications else None
    return Document(title, file.labels, tuple(pieces), (*publications, *slides), tavus_path, remarks)


def _lines(page: pypdfium2.PdfPage) -> list[str]:
    """A slide's lines are its thoughts: bullets, labels, cells. One that begins small goes on with the line before."""
    lines: list[str] = []
    for line in (" ".join(line.split()) for line in _text(page).splitlines()):
        if lines and line[:1].islower():
            lines[-1] += f" {line}"
        elif line:
            lines.append(line)
    return lines


def _paragraphs(page: pypdfium2.PdfPage) -> list[str]:
    """A written page's lines end where the paper does: only an empty line ends a paragraph."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", _text(page)))
    return [paragraph for paragraph in paragraphs if paragraph]


def _text(page: pypdfium2.PdfPage) -> str:
    text_page = page.get_textpage()
    try:
        text: str = text_page.get_text_bounded()
    finally:
        text_page.close()
    return re.sub(rf"{_SOFT_BREAK}\s*", "", text.replace("\r\n", "\n"))


def _picture(file: SourceFile, page: pypdfium2.PdfPage) -> tuple[Publication, int, int]:
    picture = page.render(scale=SLIDE_PIXELS / page.get_width()).to_pil()
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=82)
    return file.made(buffer.getvalue(), "image/webp", ".webp"), picture.width, picture.height


def _alt(number: int, title: str, blocks: list[Block]) -> str:
    words = blocks[0].text.split() if blocks else []
    first_line = " ".join(words[:12]) + ("…" if len(words) > 12 else "")
    return f"Slide {number} of {title}" + (f": {first_line}" if first_line else "")
