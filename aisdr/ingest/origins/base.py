"""What an origin tells the pipeline, one source after another: found, unchanged, gone, or not to be had just now."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aisdr.index.base import SourceRecord


@dataclass(frozen=True)
class Found:
    """A source that stands on this machine, for now or for good."""

    source_id: str
    root: Path
    path: Path
    address: str | None = None
    """Where it stands on the web, for one that was fetched."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """What the origin wants to know again the next time; it is kept in the source's record."""
    borrowed: bool = True
    """False for a file that was made for us and is to be deleted when it was read."""


@dataclass(frozen=True)
class Unchanged:
    """A source that the origin knows to be as it was, without a look at its bytes."""

    source_id: str


@dataclass(frozen=True)
class Gone:
    """A source that is no longer there: it leaves the index."""

    source_id: str
    reason: str = ""


@dataclass(frozen=True)
class Failed:
    """A source that may still be there and could not be looked at: what the index has of it stays."""

    source_id: str
    reason: str
    waits: bool = False
    """Nothing is wrong with it: a machine with more room can take it."""


Finding = Found | Unchanged | Gone | Failed
Findings = Generator[Finding, None, None]


class Origin(Protocol):
    """One place that sources come from. A company may have several, and none of them removes what another brought."""

    name: str
    """For people: a folder's path, a site's address."""

    def owns(self, source_id: str) -> bool:
        """Whether a source of this id comes from here."""
        ...

    def expected(self) -> int | None:
        """How many sources there are as far as is known now, for a progress bar."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the operator should know of the whole once it was gone through."""
        ...

    def discover(self, known: Mapping[str, SourceRecord], spool: Path) -> Findings:
        """Every source once. Lazily: what is not asked for is not fetched yet.

        Args:
            known: what the index has of this origin, by source id. One without a hash is to be had again, even if it is
                as it was: it was read in another way, or something of it is missing where it belongs.
            spool: a folder for files that are made or fetched.

        Raises:
            InvalidInput: there is no such place.
            VendorError: it cannot be reached.
        """
        ...
