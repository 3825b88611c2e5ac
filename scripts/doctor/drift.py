"""What differs between a company's sources and its documents at Tavus: each kind with an example and what ends it."""

from collections import Counter
from collections.abc import Iterator

from aisdr.company import Company
from aisdr.index.base import SourceRecord
from aisdr.ingest.chunks import VERSION_DIGITS
from aisdr.ingest.storing import TAVUS_TAGS
from aisdr.live.tavus_drift import DriftKind, MarkedSource, drift
from aisdr.services import Services
from scripts.doctor.finding import Finding, look

MOST_NAMED = 3
TOLD: dict[DriftKind, str] = {
    "missing": "source marked `tavus` without a document",
    "gone": "not at Tavus any more",
    "failed": "failed",
    "outdated": "made of an older version of its source",
    "changed": "with another name or other tags than ours",
    "moved": "with another address than ours",
    "forgotten": "of our sources that our notes have lost",
    "orphan": "at Tavus that no source has",
}


def documents(services: Services, company: Company, remedy: str) -> Iterator[Finding]:
    """One finding when all is in step, else one for each kind of difference."""
    what = f"{company.slug}: documents"
    found: dict[DriftKind, list[tuple[str, str]]] = {}

    def compare() -> str:
        records = services.place(company.operator_scope).index.sources(company.operator_scope)
        registered = services.documents.all(company.operator_scope)
        there = services.documents.there(company.operator_scope)
        again = f"`aisdr ingest --tavus` {company.slug}'s folder"
        for each in drift([_marked(record) for record in records if _is_marked(record)], registered, there, again):
            found.setdefault(each.kind, []).append((each.what, each.remedy))
        counted = Counter(document.state for document in registered)
        return ", ".join(f"{number} {state}" for state, number in counted.items()) or "none registered"

    looked = look(what, compare, remedy)
    if not found:
        yield looked
    for kind, differences in found.items():
        named = ", ".join(name for name, _ in differences[:MOST_NAMED])
        more = f" and {len(differences) - MOST_NAMED} more" if len(differences) > MOST_NAMED else ""
        told = f"{len(differences)} {TOLD[kind]}: {named}{more}"
        remedies = dict.fromkeys(remedy for _, remedy in differences)
        yield Finding(f"{what}: {kind}", "failed", told, "; ".join(remedies))


def _is_marked(record: SourceRecord) -> bool:
    return TAVUS_TAGS in record.extra


def _marked(record: SourceRecord) -> MarkedSource:
    version = record.content_hash.rsplit(" ", 1)[-1][:VERSION_DIGITS]
    return MarkedSource(record.source_id, version, record.tavus_document_id)
