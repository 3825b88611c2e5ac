"""Kinds of files that people will try, and that are not read: each with the reason and what to do."""

from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile

_MACROS = "it can carry macros: save it as {0} without them"
_OLD = "it is in the format of before 2007: save it as {0}"
_ALONE = "{0} belong beside a file of the same name, and there is none: was it renamed, or left out?"
_REASONS = {
    ".vtt": _ALONE.format("captions"),
    ".srt": _ALONE.format("captions"),
    ".toml": _ALONE.format("labels"),
    ".svg": "an SVG is a program as much as a picture and could run scripts where it is opened: save it as PNG or WebP",
    ".doc": _OLD.format(".docx"),
    ".ppt": _OLD.format(".pptx"),
    ".xls": _OLD.format(".xlsx"),
    ".docm": _MACROS.format(".docx"),
    ".pptm": _MACROS.format(".pptx"),
    ".xlsm": _MACROS.format(".xlsx"),
    ".odt": "save it as .docx, or as PDF",
    ".odp": "save it as .pptx, or as PDF",
    ".ods": "save it as .xlsx, or as CSV",
    ".rtf": "save it as .docx, or as PDF",
}


class UnreadReader:
    endings: tuple[str, ...] = tuple(_REASONS)
    companion_endings: tuple[str, ...] = ()

    def read(self, file: SourceFile) -> Document:
        raise NothingToRead(_REASONS[file.path.suffix.lower()])
