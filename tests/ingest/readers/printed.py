"""PDFs for tests: printed, scanned, or written byte by byte."""

from collections.abc import Callable
from pathlib import Path

from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from aisdr.ingest.readers.base import Document
from tests.ingest.recordings import drawn


def printed(path: Path, draw: Callable[[Canvas], None], **how: object) -> Path:
    """One page, or as many as `draw` shows."""
    canvas = Canvas(str(path), **{"pagesize": A4} | how)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return path


def scanned(canvas: Canvas, *lines: str, page: tuple[float, float] = A4) -> None:
    """A whole page that is a picture of text."""
    picture = drawn(*lines, size=(round(page[0] * 2), round(page[1] * 2)), height=40)
    canvas.drawImage(ImageReader(picture), 0, 0, *page)


def content_of(document: Document, place: int = 0) -> bytes:
    content = document.publications[place].content
    return content if isinstance(content, bytes) else content.read_bytes()
