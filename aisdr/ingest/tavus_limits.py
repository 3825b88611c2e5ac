"""What of a company's sources Tavus can take. Source: https://docs.tavus.io (knowledge base): kinds, 50 MB, English."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

from aisdr.configuration import primary
from aisdr.ingest.readers.base import Document, SourceFile

ENDINGS = frozenset({".pdf", ".txt", ".docx", ".doc", ".png", ".jpg", ".jpeg", ".pptx", ".csv", ".xlsx"})
WEB_PAGES = frozenset({".html", ".htm", ""})
LARGEST = 50_000_000
_KINDS = ", ".join(sorted(name[1:] for name in ENDINGS))
_ONLY_OURS = "only our own index knows it"


def within_limits(file: SourceFile, document: Document) -> Document:
    """A document that is not for Tavus, with a remark, when it was marked and Tavus cannot take it."""
    if not document.labels.tavus:
        return document
    reason = _refusal(file, document)
    if reason is None:
        return document
    return replace(document, tavus_path=None, remarks=(*document.remarks, f"not for Tavus: {reason}; {_ONLY_OURS}"))


def _refusal(file: SourceFile, document: Document) -> str | None:
    path = document.tavus_path
    if path is None:
        told = any("Tavus" in remark for remark in document.remarks)
        return None if told else f"it takes no '{file.path.suffix}': save it as one of {_KINDS}"
    language = document.labels.language
    ending = PurePosixPath(path).suffix.lower()
    size = _size(file, document, path)
    if primary(language) != "en":
        return f"it reads English only, and this is in '{language}'"
    if file.address is None and ending not in ENDINGS | WEB_PAGES:
        return f"it takes no '{ending}': save it as one of {_KINDS}"
    if size > LARGEST:
        return f"it takes at most 50 MB, and this has {size / 1e6:.0f}: split it"
    return None


def _size(file: SourceFile, document: Document, path: str) -> int:
    """Of what Tavus would fetch."""
    content: Path | bytes = next(
        (publication.content for publication in document.publications if publication.path == path), file.path
    )
    return len(content) if isinstance(content, bytes) else content.stat().st_size
