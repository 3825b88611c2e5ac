"""What a reader is given and what it returns: a file of the company's in, pieces and things to publish out."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from aisdr.index.base import Locator, Media, Modality
from aisdr.ingest.labels import Labels
from aisdr.ingest.perception.base import Senses, Undescribed, Unheard

MADE = "made"
"""Where published things stand that were made from files; each is named by its content, so it stands there once."""


class Unreadable(Exception):
    """This file cannot be read; the message says why, in words for the operator."""


class NothingToRead(Exception):
    """This file is in order but holds no knowledge of its own; the message says what would give it some."""


@dataclass(frozen=True)
class Publication:
    """Something visitors' browsers may fetch: a file of the folder, or something that was made from one."""

    path: str
    """Below the company's prefix; of a file the same as in the knowledge folder."""
    content_type: str
    content: Path | bytes
    private: bool = False
    """For visitors only: it stands where addresses need a signature (`aisdr.media_links`)."""

    @property
    def name(self) -> str:
        """What our notes call it: no path begins with a slash, so that of a private one does."""
        return f"/{self.path}" if self.private else self.path


@dataclass(frozen=True)
class SourceFile:
    """A file of the knowledge folder, or a page of a website that was fetched."""

    root: Path
    path: Path
    base_url: str
    """Where the folder's files are published: `/media/{company_id}`."""
    labels: Labels
    pictures_seen: bool = False
    """Whether pictures get vectors of what they show: then one that nobody has described is worth keeping."""
    address: str | None = None
    """Where it stands on the web, for a source that was fetched from there: citations open it there."""
    spool: Path | None = None
    """A folder for what is made while reading; it is kept until that is published. Without one it is kept in memory."""
    tell: Callable[[int, int], None] = field(default=lambda done, total: None, compare=False)
    """Long readings say how many pages or seconds are done, of how many: one that says nothing is taken for stuck."""

    senses: Senses = field(default_factory=Senses)
    """What of sound and pictures is perceived while reading, and what is put aside for a vendor."""

    @property
    def source_id(self) -> str:
        return self.address or self.path.relative_to(self.root).as_posix()

    @property
    def title(self) -> str:
        """The given title, or the file's name in words."""
        words = self.path.stem.replace("_", " ").replace("-", " ").strip()
        return self.labels.title or words[:1].upper() + words[1:]

    def url(self, published_path: str) -> str:
        return f"{self.base_url}/{quote(published_path)}"

    def beside(self, ending: str) -> Path | None:
        """The file that accompanies this one: `tour.vtt` or `tour.webm.vtt` beside `tour.webm`."""
        if self.address:
            return None
        for name in (f"{self.path.stem}{ending}", f"{self.path.name}{ending}"):
            file = self.path.with_name(name)
            if file.is_file():
                return file
        return None

    def publication(self, file: Path, content_type: str) -> Publication:
        """A file of the folder as it is, at its own path: addresses that people wrote down stay true."""
        return Publication(file.relative_to(self.root).as_posix(), content_type, file)

    def opened_at(self, content_type: str) -> tuple[str, tuple[Publication, ...]]:
        """The address that opens this source as it is, and what has to be published for that."""
        if self.address:
            return self.address, ()
        original = self.publication(self.path, content_type)
        return self.url(original.path), (original,)

    def made(self, content: bytes, content_type: str, ending: str) -> Publication:
        """Something that was made from this file, such as the picture of a page."""
        digest = hashlib.sha256(content).hexdigest()[:32]
        name = f"{digest}{ending}"
        if self.spool is None:
            return Publication(f"{MADE}/{name}", content_type, content)
        (self.spool / name).write_bytes(content)
        return Publication(f"{MADE}/{name}", content_type, self.spool / name)


@dataclass(frozen=True)
class Piece:
    """A chunk in the making: what a reader knows, without ids and hashes."""

    text: str
    url: str
    modality: Modality = "text"
    locator: Locator = field(default_factory=Locator)
    media: Media | None = None


@dataclass(frozen=True)
class Document:
    """What one file says."""

    title: str
    labels: Labels
    pieces: tuple[Piece, ...]
    publications: tuple[Publication, ...] = ()
    tavus_path: str | None = None
    """The publication that Tavus can read; None when it knows no such kind of file."""
    remarks: tuple[str, ...] = ()
    """What the operator should know although the file was read."""
    companions: tuple[str, ...] = ()
    """Paths below the root of other files that were read or looked for: when one changes or comes, this is read again.
    Those with one of the reader's `companion_endings` need not be named."""
    unheard: Unheard | None = None
    undescribed: tuple[Undescribed, ...] = ()
    """Both are seen to by `perception.complete`, before chunks are made."""

    @property
    def is_for_tavus(self) -> bool:
        return self.labels.tavus and self.tavus_path is not None


class Reader(Protocol):
    """Reads one kind of file. It runs in a process of its own, with bounds on memory and time.

    Raises:
        Unreadable: the file is broken, or hostile.
        NothingToRead: it holds nothing to be found by.
    """

    endings: tuple[str, ...]
    companion_endings: tuple[str, ...]
    """`.vtt`: a file of that name beside this one belongs to it and is no source of its own."""

    def read(self, file: SourceFile) -> Document: ...
