"""Which files of a knowledge folder are sources, and who reads them."""

from pathlib import Path

from aisdr.ingest.labels import META
from aisdr.ingest.readers.audio import AudioReader
from aisdr.ingest.readers.base import Reader
from aisdr.ingest.readers.csv import CsvReader
from aisdr.ingest.readers.docx import DocxReader
from aisdr.ingest.readers.faq import FaqReader
from aisdr.ingest.readers.html import HtmlReader
from aisdr.ingest.readers.markdown import MarkdownReader
from aisdr.ingest.readers.pdf import PdfReader
from aisdr.ingest.readers.picture import PictureReader
from aisdr.ingest.readers.pptx import PptxReader
from aisdr.ingest.readers.sheet import SheetReader
from aisdr.ingest.readers.text import TextReader
from aisdr.ingest.readers.unread import UnreadReader
from aisdr.ingest.readers.video import VideoReader

READERS: tuple[Reader, ...] = (
    MarkdownReader(),
    HtmlReader(),
    TextReader(),
    PdfReader(),
    DocxReader(),
    PptxReader(),
    SheetReader(),
    CsvReader(),
    FaqReader(),
    PictureReader(),
    VideoReader(),
    AudioReader(),
    UnreadReader(),
)


def sources_in(root: Path) -> list[Path]:
    """The sources of a folder in a stable order: nothing hidden, nothing from outside, no companions of other files."""
    files = sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and path.name != META
        and not any(part.startswith(".") for part in path.relative_to(root).parts)
        and path.resolve().is_relative_to(root.resolve())
    )
    companions = {
        path.with_name(name + ending)
        for path in files
        if (reader := reader_for(path))
        for ending in reader.companion_endings
        for name in (path.stem, path.name)
    }
    return [path for path in files if path not in companions]


def reader_for(path: Path) -> Reader | None:
    return next((reader for reader in READERS if path.suffix.lower() in reader.endings), None)
