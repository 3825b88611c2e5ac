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


_LOCK = "~$"
"""How the file begins that an office program puts beside one that is open."""
_SYSTEMS_OWN = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def sources_in(root: Path) -> list[Path]:
    """The sources of a folder in a stable order: nothing hidden, nothing that a program left behind for itself, nothing
    from outside, no companions of other files.
    """
    files = sorted(
        path
        for path in root.rglob("*")
        if path.is_file()
        and path.name != META
        and not _is_hidden(path.relative_to(root))
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


def links_in(root: Path) -> list[Path]:
    """Links of a folder that are not followed: to another folder, or out of this one."""
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_symlink()
        and not _is_hidden(path.relative_to(root))
        and (path.is_dir() or not path.resolve().is_relative_to(root.resolve()))
    )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", _LOCK)) or part.lower() in _SYSTEMS_OWN for part in path.parts)


def reader_for(path: Path) -> Reader | None:
    return next((reader for reader in READERS if path.suffix.lower() in reader.endings), None)
