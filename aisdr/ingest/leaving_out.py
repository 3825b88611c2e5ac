"""Sources that are not to be found: kept back by their labels, empty, or gone."""

from datetime import date

from aisdr.ingest.labels import Labels
from aisdr.ingest.origins.base import Finding, Found
from aisdr.ingest.report import Outcome
from aisdr.ingest.run import Run


def kept_back(labels: Labels, today: date) -> str | None:
    """Why a source may not be found, by its labels."""
    if labels.visibility == "internal":
        return "it is internal: for the company's own people"
    if labels.expires is not None and labels.expires < today:
        return f"it expired on {labels.expires.isoformat()}"
    return None


def skip(run: Run, found: Found, reason: str) -> None:
    record = run.before.get(found.source_id)
    outcome = Outcome(source_id=found.source_id, action="skipped", reason=reason)
    if record and not run.dry_run:
        removed = run.storing.remove(record, reason)
        # What is still there must not look as if it were gone: it may be for the company's own people.
        outcome = removed if removed.action == "failed" else outcome.model_copy(update={"remarks": removed.remarks})
    run.end(outcome)
    give_back(found)


def remove(run: Run, source_id: str, reason: str) -> None:
    record = run.before.get(source_id)
    if record is None:
        return
    if run.dry_run:
        run.end(Outcome(source_id=source_id, action="removed", reason=reason))
    else:
        run.end(run.storing.remove(record, reason))


def give_back(finding: Finding) -> None:
    """A file that was fetched for us has had its time."""
    if isinstance(finding, Found) and not finding.borrowed:
        finding.path.unlink(missing_ok=True)
