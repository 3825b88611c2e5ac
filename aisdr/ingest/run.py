"""One run over an origin: what it knows, and how far it is."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from aisdr.company import Company
from aisdr.errors import Conflict
from aisdr.index.base import SourceRecord
from aisdr.ingest.origins.base import Found, Origin
from aisdr.ingest.readers.base import SourceFile
from aisdr.ingest.report import Outcome
from aisdr.ingest.sandbox.pool import ReaderPool
from aisdr.ingest.storing import Storing
from aisdr.tenant import TenantScope


@dataclass
class Progress:
    """How far a run is. Only the run changes it; whoever shows it looks at it when told to, or by the clock."""

    done: int = 0
    expected: int | None = None
    chunks: int = 0
    embedded: int = 0
    failed: int = 0
    reading: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Source → pages or seconds that are done, of how many; (0, 0) for a reader that does not say."""
    storing: str = ""
    embedding: tuple[int, int] = (0, 0)
    """Of the source that is stored now: chunks that are embedded, of how many."""


@dataclass
class Run:
    """What one run knows."""

    company: Company
    origin: Origin
    storing: Storing
    before: Mapping[str, SourceRecord]
    """Of this origin."""
    in_bucket: set[str]
    """What was in the media bucket as the run began, or was sent since."""
    manner: str
    """How sources are read. One that was read in another way is had again, though it be as it was."""
    registered: set[str]
    """Documents that Tavus has read or is reading."""
    pictures_seen: bool
    today: date
    dry_run: bool
    spool: Path
    readers: ReaderPool
    progress: Progress
    tell: Callable[[], None]
    lost: threading.Event
    """Set when another run has the lease by now: it would take what this one still writes for its own."""
    outcomes: list[Outcome] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)
    """Fingerprint of a file and what stands beside it → the first source that has it."""
    pages: dict[str, str] = field(default_factory=dict)
    """Path of a page that was made from a source → that source."""

    @property
    def scope(self) -> TenantScope:
        return self.company.operator_scope

    def check(self) -> None:
        """Raises: Conflict: another run has taken over."""
        if self.lost.is_set():
            raise Conflict("Another ingestion of this company has taken over; this one has stopped")

    def end(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.progress.done += 1
        self.progress.failed += outcome.action == "failed"
        self.progress.chunks += sum(outcome.chunks.values())
        self.progress.embedded = self.storing.counts.embedded
        self.progress.expected = self.origin.expected()
        self.tell()


@dataclass(frozen=True)
class Reading:
    """A source on its way through a reader."""

    found: Found
    file: SourceFile
    record: SourceRecord | None
    spool: Path
