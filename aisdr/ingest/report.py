"""What an ingestion did, file by file."""

from collections import Counter
from typing import Literal

from pydantic import Field

from aisdr.wire import Wire

Action = Literal["added", "changed", "unchanged", "removed", "skipped", "failed"]


class Outcome(Wire):
    """What happened to one source."""

    source_id: str
    action: Action
    chunks: dict[str, int] = Field(default_factory=dict)
    """How many of each modality."""
    reason: str = ""
    """Why it failed or was skipped, and what helps."""
    remarks: tuple[str, ...] = ()


class IngestReport(Wire):
    """The whole run, in the order of the sources."""

    company_id: str
    outcomes: tuple[Outcome, ...]
    embedded: int = 0
    """Chunks that were turned into vectors."""
    uploaded: int = 0
    """Files that had to be sent to the media bucket."""
    dry_run: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.action == "failed")

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
