"""Reads slides: what stands on each, what its author noted, and a picture of it where LibreOffice can draw one."""

import io
from collections.abc import Iterator
from html import escape

import pptx
import pypdfium2  # type: ignore[import-untyped]
from pptx.exc import PythonPptxError

from aisdr.index.base import Locator, Media
from aisdr.ingest.archive import MALFORMED, check
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.embedded_pictures import EmbeddedPictures
from aisdr.ingest.readers.base import Document, Piece, Publication, SourceFile, Unreadable
from aisdr.ingest.rendered import address_of, rendered
from aisdr.ingest.slides import Slide, slides_of
from aisdr.ingest.soffice import NotDrawn, drawn
from aisdr.ingest.split import Block, split

SLIDE_PIXELS = 1280
_NO_TITLES = ("", "PowerPoint Presentation", "PowerPoint-Präsentation")


class PptxReader:
    endings: tuple[str, ...] = (".pptx",)
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        check(file.path)
        try:
            presentation = pptx.Presentation(str(file.path))
            slides = list(slides_of(presentation))
            own = strip_hidden(presentation.core_properties.title or "")[0].strip()
        except (PythonPptxError, *MALFORMED) as error:
            raise Unreadable(f"it is no readable deck ({type(error).__name__}: {str(error)[:200]})") from error
        title = file.labels.title or ("" if own in _NO_TITLES else own) or file.title
        shown = [slide for slide in slides if slide is not None]
        drawings, remarks = _drawings(file, shown)
        deck = _Deck(file, title, drawings)
        for slide in shown:
            deck.add(slide)
        hidden = remarks_on(sum(each.hidden_characters for each in shown), sum(each.hidden_passages for each in shown))
        count = len(slides) - len(shown)
        left_out = (f"{count} hidden slide{' was' if count == 1 else 's were'} left out",) if count else ()
        empty = (
            (f"no text on slide {', '.join(map(str, deck.empty))}: what is there cannot be found",)
            if deck.empty
            else ()
        )
        remarks = (*hidden, *left_out, *empty, *remarks, *deck.embedded.remarks())
        published = {**{each.path: each for each, _ in drawings.values()}, **deck.embedded.publications}
        return rendered(file, title, "\n".join(deck.body), deck.pieces, remarks, pictures=tuple(published.values()))


class _Deck:
    """Pieces and page of a deck, slide by slide."""

    def __init__(self, file: SourceFile, title: str, drawings: "_Drawings") -> None:
        self.embedded = EmbeddedPictures(file)
        self.pieces: list[Piece] = []
        self.body: list[str] = []
        self.empty: list[int] = []
        self._file = file
        self._title = title
        self._drawings = drawings

    def add(self, slide: Slide) -> None:
        anchor = f"slide-{slide.number}"
        url = self._file.address or f"{address_of(self._file)}#{anchor}"
        locator = Locator(heading=slide.title or None, page=slide.number)
        drawing = self._drawings.get(slide.number)
        embedded = list(self._embedded(slide)) if drawing is None else []
        alts = [alt for _, alt in slide.pictures if alt] if drawing else []
        notes = [f"Notes: {slide.notes}"] if slide.notes else []
        blocks = [*slide.blocks, *(Block(line) for line in dict.fromkeys([*alts, *notes]))]
        media = self._media(slide, drawing) if drawing else None
        texts = split(blocks) or ([slide.title] if slide.title else [])
        if media and not texts and self._file.pictures_seen:
            texts = [media.alt]
        if not texts and not embedded:
            self.empty.append(slide.number)
        self.pieces += [Piece(text, url, "slide" if media else "text", locator, media) for text in texts]
        for picture in embedded:
            text = "\n".join(dict.fromkeys((picture.alt, picture.caption))).strip()
            self.pieces.append(Piece(text, url, "image", locator, picture))
        self._write(slide, anchor, [media] if media else embedded, [*slide.blocks, *map(Block, notes)])

    def _media(self, slide: Slide, drawing: "Drawing") -> Media:
        alt = f"Slide {slide.number} of {self._title}" + (f": {slide.title}" if slide.title else "")
        publication, (width, height) = drawing
        return Media(kind="image", url=self._file.url(publication.path), alt=alt, width=width, height=height)

    def _embedded(self, slide: Slide) -> Iterator[Media]:
        for content, alt in slide.pictures:
            if media := self.embedded.media(content, alt, fallback=f"Picture on slide {slide.number} of {self._title}"):
                yield media

    def _write(self, slide: Slide, anchor: str, pictures: list[Media], blocks: list[Block]) -> None:
        self.body.append(f'<section id="{anchor}">\n<h2>{escape(slide.title or f"Slide {slide.number}")}</h2>')
        self.body += [f'<p><img src="{escape(each.url)}" alt="{escape(each.alt)}"></p>' for each in pictures]
        self.body += [f"<p>{escape(block.text).replace(chr(10), '<br>')}</p>" for block in blocks]
        self.body.append("</section>")


Drawing = tuple[Publication, tuple[int, int]]
_Drawings = dict[int, Drawing]


def _drawings(file: SourceFile, slides: list[Slide]) -> tuple[_Drawings, tuple[str, ...]]:
    """A picture of every slide by its number, or a remark on why there are none."""
    drawings: _Drawings = {}
    try:
        with drawn(file.path, lambda: file.tell(0, len(slides))) as path, pypdfium2.PdfDocument(path) as pdf:
            if len(pdf) != len(
                slides
            ):  # it leaves out hidden ones, as we do; if not, no picture would be the right one
                raise NotDrawn(f"LibreOffice drew {len(pdf)} pages for {len(slides)} slides")
            for place, slide in enumerate(slides):
                file.tell(place, len(slides))
                page = pdf[place]
                picture = page.render(scale=SLIDE_PIXELS / page.get_width()).to_pil()
                page.close()
                buffer = io.BytesIO()
                picture.save(buffer, "WEBP", quality=82)
                drawings[slide.number] = file.made(buffer.getvalue(), "image/webp", ".webp"), picture.size
    except (NotDrawn, pypdfium2.PdfiumError) as reason:
        return {}, (f"its slides have no pictures: {reason}",)
    return drawings, ()
