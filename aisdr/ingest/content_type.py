"""What a fetched file is: what its server says, held against its first bytes. Neither is believed alone."""

import re

HTML, PDF, TEXT, MARKDOWN, CSV = "text/html", "application/pdf", "text/plain", "text/markdown", "text/csv"
_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX, PPTX, XLSX = (
    f"{_OFFICE}.wordprocessingml.document",
    f"{_OFFICE}.presentationml.presentation",
    f"{_OFFICE}.spreadsheetml.sheet",
)
PAGES = {HTML: ".html", PDF: ".pdf", TEXT: ".txt", MARKDOWN: ".md", CSV: ".csv"} | {
    DOCX: ".docx",
    PPTX: ".pptx",
    XLSX: ".xlsx",
}
"""What a page of a site may be, and how the files of its readers end."""

PICTURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp"}
ENDINGS = PAGES | PICTURES

HEAD = 1024
"""Bytes that are looked at. PDF's own readers look for its mark so far."""

_OTHER_NAMES = {
    "application/xhtml+xml": HTML,
    "image/jpg": "image/jpeg",
    "application/csv": CSV,
    "text/x-markdown": MARKDOWN,
}
_UNSPECIFIC = ("", "application/octet-stream", "binary/octet-stream", "application/force-download", "application/zip")
_MARKS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"PK\x03\x04": "zip",
}
_HTML_BEGINS = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", re.I | re.S
)
_TEXTS = (HTML, TEXT, MARKDOWN, CSV)


class WrongType(ValueError):
    """It is not what it says, or nothing that is read; the message says which."""


def declared(header: str) -> str:
    """The type of a `Content-Type` header, as we name it; empty when it says nothing of use.

    Raises:
        WrongType: it is nothing that is read.
    """
    named = header.partition(";")[0].strip().lower()
    named = _OTHER_NAMES.get(named, named)
    if named not in ENDINGS and named not in _UNSPECIFIC:
        raise WrongType(f"it is {named[:60]!r}, which is not read")
    return "" if named in _UNSPECIFIC else named


def settled(said: str, head: bytes, path: str) -> str:
    """The type of a file.

    Args:
        said: what `declared` made of its header.
        head: its first `HEAD` bytes.
        path: of its address, whose ending tells kinds apart that look alike.

    Raises:
        WrongType: it is not what it says, or nothing that is read.
    """
    seen = _seen(head)
    ending = "." + path.rpartition("/")[2].rpartition(".")[2].lower()
    by_ending = next((kind for kind, each in PAGES.items() if each == ending), None)
    if seen == "zip":
        kind = said if said in (DOCX, PPTX, XLSX) else by_ending
        if kind not in (DOCX, PPTX, XLSX):
            raise WrongType("it is a zip archive, which is not unpacked")
        return kind
    if seen in ENDINGS and seen != HTML:
        return seen
    if said and said not in _TEXTS:
        raise WrongType(f"it says that it is {said!r}, and what comes is something else")
    if seen == "binary":
        raise WrongType("it says that it is text, and is not" if said else "it does not say what it is")
    if said == TEXT and by_ending in (MARKDOWN, CSV):
        return by_ending
    if not said and seen != HTML and by_ending not in _TEXTS:
        raise WrongType("it does not say what it is")
    return said or (HTML if seen == HTML else by_ending or TEXT)


def _seen(head: bytes) -> str:
    """What the bytes look like: a type, `zip`, `binary`, or empty for text of any kind."""
    if b"%PDF-" in head[:HEAD] and not _HTML_BEGINS.match(head):
        return PDF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    for mark, kind in _MARKS.items():
        if head.startswith(mark):
            return kind
    if _HTML_BEGINS.match(head):
        return HTML
    return "binary" if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) else ""
