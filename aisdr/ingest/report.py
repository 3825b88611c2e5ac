"""What an ingestion did, source by source."""

from collections import Counter
from typing import Literal

from pydantic import Field

from aisdr.errors import AisdrError, StoreBusy, VendorError
from aisdr.knowledge.near_duplicates import NearDuplicate
from aisdr.wire import Wire

Action = Literal["added", "changed", "unchanged", "removed", "skipped", "failed", "waiting"]
"""`waiting`: this machine has not what reads it. What the index has of it stays until another one has read it."""


class Outcome(Wire):
    """What happened to one source."""

    source_id: str
    action: Action
    chunks: dict[str, int] = Field(default_factory=dict)
    """How many of each modality."""
    reason: str = ""
    """Why it failed or was skipped, and what helps."""
    remarks: tuple[str, ...] = ()
    again: bool = False
    """It failed for a vendor's or a store's sake: trying again makes sense although nobody changes it."""


def failure(source_id: str, error: Exception) -> Outcome:
    """What an error makes of a source."""
    reason = error.message if isinstance(error, AisdrError) else str(error)
    passing = isinstance(error, StoreBusy) or (isinstance(error, VendorError) and error.retryable)
    return Outcome(source_id=source_id, action="failed", reason=reason, again=passing)


class IngestReport(Wire):
    """The whole run, in the order of the sources."""

    company_id: str
    origin: str = ""
    outcomes: tuple[Outcome, ...]
    embedded: int = 0
    """Chunks that were turned into vectors."""
    uploaded: int = 0
    """Files that had to be sent to the media bucket."""
    money: float = 0.0
    """What vendors were paid for transcripts, descriptions and vectors, in dollars: by list prices, vectors about."""
    seconds: float = 0.0
    near_duplicates: tuple[NearDuplicate, ...] = ()
    """Chunks of two sources, in the whole index, that say the same."""
    near_duplicate_count: int = 0
    """All of them, where the list was cut."""
    remarks: tuple[str, ...] = ()
    """What the operator should know of the origin as a whole."""
    stopped: bool = False
    """Somebody stopped the run; the next one goes on where this one ended."""
    dry_run: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.action == "failed")

    @property
    def settled(self) -> tuple[str, ...]:
        """Sources about which nothing is left to do."""
        return tuple(each.source_id for each in self.outcomes if each.action not in ("failed", "waiting"))

    @property
    def actions(self) -> Counter[str]:
        return Counter(outcome.action for outcome in self.outcomes)

    @property
    def chunks(self) -> Counter[str]:
        """Chunks by modality, of the sources that were read in this run."""
        total: Counter[str] = Counter()
        for outcome in self.outcomes:
            total.update(outcome.chunks)
        return total
