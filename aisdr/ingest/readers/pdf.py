"""Reads a PDF page by page; a landscape page is taken for a slide and is also kept as a picture.

What pages show as pictures, such as a scanned letter or a screenshot on a slide, is read by OCR.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from aisdr.index.base import Locator, Media
from aisdr.ingest.perception import ocr
from aisdr.ingest.perception.base import Undescribed
from aisdr.ingest.perception.layout import TextBlock, blocks, packed
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile, Unreadable
from aisdr.ingest.readers.pdf_actions import carried, inert_copy
from aisdr.ingest.readers.pdf_page import Page
from aisdr.ingest.readers.pdf_running import without_running_lines
from aisdr.ingest.readers.picture import PIECE_WORDS, first_words, webp
from aisdr.ingest.split import Block, split

SLIDE_RATIO = 1.2
"""A page this much wider than high is a slide; an office page is higher than wide."""
SLIDE_PIXELS = 1280
MOST_PAGES = 5000
"""A reference manual has 2,000. What is longer is no document that a visitor asks about."""
MOST_LOOKED_AT = 500
"""Pages that OCR reads, at three to five seconds each: enough for a scanned book."""
PATH_MARK = " › "

_FEW_WORDS = 20
"""A page that has fewer, and a picture, may say everything in that picture."""
_SOME_WORDS = 120
_LARGE_PICTURE = 0.2
"""Of a page: a screenshot. Logos and photographs in the text are smaller."""
_MOST_BOOKMARKS = 5000
_NO_TITLE = re.compile(r"untitled|unnamed|.*\.(docx?|pptx?|xlsx?|odt|indd|pdf|tex|rtf)|scan\W?\d*", re.IGNORECASE)


class PdfReader:
    endings: tuple[str, ...] = (".pdf",)
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        try:
            with pypdfium2.PdfDocument(file.path) as pdf:
                return _Reading(file, pdf).document()
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
                raise Unreadable("the PDF asks for a password: save it without one") from error
            raise Unreadable(f"not a readable PDF ({error}): open it in another program and save it anew") from error


@dataclass
class _Reading:
    """One PDF, as far as it has been read."""

    file: SourceFile
    pdf: pypdfium2.PdfDocument
    pieces: list[Piece] = field(default_factory=list)
    pictures: list[Publication] = field(default_factory=list)
    undescribed: list[Undescribed] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    unlooked: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    looked_at: int = 0

    def document(self) -> Document:
        published: tuple[Publication, ...]
        acting = carried(self.file.path, self.pdf)
        if acting and not self.file.address:
            copy = self.file.made(inert_copy(self.pdf), "application/pdf", ".pdf")
            self.address, published = self.file.url(copy.path), (copy,)
        else:
            self.address, published = self.file.opened_at("application/pdf")
        self.title = self.file.labels.title or _told(self.pdf.get_metadata_value("Title")) or self.file.title
        pages = min(len(self.pdf), MOST_PAGES)
        headings = _headings(self.pdf)
        for number in range(1, pages + 1):
            self.file.tell(number - 1, pages)
            page = Page(self.pdf, number)
            try:
                self._read(page, number, headings.get(number))
            finally:
                page.close()
        if not self.pieces:
            raise NothingToRead("the PDF has no text, and none was found in its pictures")
        return Document(
            self.title,
            self.file.labels,
            tuple(without_running_lines(self.pieces)),
            tuple({each.path: each for each in (*published, *self.pictures)}.values()),
            published[0].path if published else None,
            tuple(self._remarks(acting)),
            undescribed=tuple(self.undescribed),
        )

    def _read(self, page: Page, number: int, heading: str | None) -> None:
        is_slide = page.width >= SLIDE_RATIO * page.height
        written = page.thoughts() if is_slide else page.blocks()
        seen = self._look(page, number)
        if page.hidden:
            self.hidden.append(number)
        url, locator = f"{self.address}#page={number}", Locator(heading=heading, page=number)
        worth_showing = written or seen or self.file.pictures_seen or self.file.senses.describing
        if is_slide and worth_showing and page.is_drawable:
            self._add_slide(page, number, [*written, *(Block(block.text) for block in seen)], url, locator)
            return
        if not (written or seen):
            self.empty.append(number)
        self.pieces += [Piece(text, url, "text", locator) for text in split(written)]
        for group in packed(seen, PIECE_WORDS):
            box = ocr.union([block.box for block in group])
            text = "\n".join(block.text for block in group)
            self.pieces.append(Piece(text, url, "text", locator.model_copy(update={"box": box})))

    def _add_slide(self, page: Page, number: int, said: Sequence[Block], url: str, locator: Locator) -> None:
        picture = page.draw(SLIDE_PIXELS)
        publication = self.file.made(webp(picture), "image/webp", ".webp")
        self.pictures.append(publication)
        first = f": {first_words(said[0].text)}" if said else ""
        media = Media(
            kind="image",
            url=self.file.url(publication.path),
            alt=f"Slide {number} of {self.title}{first}",
            width=picture.width,
            height=picture.height,
        )
        if self.file.senses.describing and sum(len(block.text.split()) for block in said) < _FEW_WORDS:
            self.undescribed.append(Undescribed(len(self.pieces), publication.content))
        self.pieces += [Piece(text, url, "slide", locator, media) for text in split(said) or [media.alt]]

    def _look(self, page: Page, number: int) -> list[TextBlock]:
        """What OCR reads on a page whose text leaves room for it, without what the text says already."""
        few = page.words < _FEW_WORDS and (page.picture_share > 0 or page.words == 0)
        some = page.words < _SOME_WORDS and page.picture_share >= _LARGE_PICTURE
        if page.is_empty or page.has_layer or not (few or some):
            return []
        if not page.is_drawable or self.looked_at == MOST_LOOKED_AT:
            self.unlooked.append(number)
            return []
        self.looked_at += 1
        known = "".join(_letters(line.text) for line in page.lines)
        return blocks([line for line in ocr.read(page.draw()) if _letters(line.text) not in known])

    def _remarks(self, acting: Sequence[str]) -> list[str]:
        remarks = []
        if acting and self.file.address:
            remarks.append(
                f"the PDF carries {', '.join(acting)}: nothing of it was run, but citations open the original"
            )
        elif acting:
            remarks.append(f"the PDF carries {', '.join(acting)}: visitors get a copy with the pages alone")
        if self.hidden:
            remarks.append(f"text that nobody can see was left out on page {_listed(self.hidden)}")
        if self.empty:
            remarks.append(f"no text on page {_listed(self.empty)}: what is there cannot be found")
        if self.unlooked:
            why = f"too large, or more than {MOST_LOOKED_AT}"
            remarks.append(f"pictures on page {_listed(self.unlooked)} were not read ({why})")
        if len(self.pdf) > MOST_PAGES:
            remarks.append(f"only the first {MOST_PAGES} of {len(self.pdf)} pages were read: cut the PDF into parts")
        return remarks


def _headings(pdf: pypdfium2.PdfDocument) -> dict[int, str]:
    """Page → path of the bookmark that begins on it, or else of the last one before."""
    begins: dict[int, str] = {}
    path: list[tuple[int, str]] = []
    for count, bookmark in enumerate(pdf.get_toc()):
        if count == _MOST_BOOKMARKS:
            break
        title, target = _clean(bookmark.get_title())[:200], bookmark.get_dest()
        path = [*(above for above in path if above[0] < bookmark.level), (bookmark.level, title)]
        page = target.get_index() if target else None
        if page is not None and title:
            begins.setdefault(page + 1, PATH_MARK.join(words for _, words in path if words))
    headings: dict[int, str] = {}
    current: str | None = None
    for number in range(1, min(len(pdf), MOST_PAGES) + 1):
        current = begins.get(number, current)
        if current:
            headings[number] = current
    return headings


def _clean(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _told(title: str) -> str:
    """A title that somebody gave. Programs put in words of their own, or the name of the file they came from."""
    cleaned = _clean(title)
    return "" if _NO_TITLE.fullmatch(cleaned) else cleaned


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _listed(pages: Sequence[int]) -> str:
    return ", ".join(map(str, pages[:20])) + (f" and {len(pages) - 20} more" if len(pages) > 20 else "")
