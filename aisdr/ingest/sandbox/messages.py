"""What the two sides of the sandbox say to each other: one JSON object a line, never a pickle, which could run code."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from aisdr.ingest.labels import Labels
from aisdr.ingest.perception.base import Senses
from aisdr.ingest.readers.base import Document, SourceFile

Kind = Literal["document", "unreadable", "nothing", "invalid", "elsewhere"]
"""How a reading ends. `elsewhere`: what reads such a file is not installed on this machine."""


@dataclass(frozen=True)
class Limits:
    """What one reader may use."""

    memory_bytes: int = 1_536 * 1024 * 1024
    """Of data, whatever is mapped. The recogniser of text in pictures needs 600 MB, a large page its own pixels."""
    silent_seconds: float = 120.0
    """Without a word of progress or an end it is taken for stuck."""
    total_seconds: float = 6 * 3600.0
    """However often it says something. A recording of two hours is written down within the sixth part of that."""
    file_bytes: int = 2 * 1024**3
    """What it may write."""


class Job(BaseModel):
    """A file to read, as the child is told of it."""

    root: Path
    path: Path
    base_url: str
    labels: Labels
    pictures_seen: bool
    address: str | None
    spool: Path
    senses: Senses

    @classmethod
    def of(cls, file: SourceFile, spool: Path) -> "Job":
        return cls(
            root=file.root,
            path=file.path,
            base_url=file.base_url,
            labels=file.labels,
            pictures_seen=file.pictures_seen,
            address=file.address,
            spool=spool,
            senses=file.senses,
        )


class Progress(BaseModel):
    kind: Literal["progress"] = "progress"
    done: int
    total: int


class Read(BaseModel):
    """The end of a reading: what the file says, or why it says nothing."""

    kind: Kind
    reason: str = ""


DOCUMENT = TypeAdapter(Document)


@dataclass(frozen=True)
class Finished:
    """A reading that came to an end, in the parent."""

    document: Document | None
    kind: Kind
    reason: str = ""
    spool: Path = field(default_factory=Path)
