"""What a run does with each thing that its origin found: most of it has not changed, and ends here."""

import tempfile
from pathlib import Path

from aisdr.company import Company
from aisdr.configuration import primary
from aisdr.errors import AisdrError
from aisdr.index.base import SourceRecord
from aisdr.ingest.fingerprint import companions_of, fingerprint, twin_fingerprint
from aisdr.ingest.kinds import reader_for
from aisdr.ingest.labels import Labels, labels_of
from aisdr.ingest.leaving_out import give_back, kept_back, remove, skip
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.base import Failed, Finding, Found, Gone, Unchanged
from aisdr.ingest.perception.base import Senses
from aisdr.ingest.readers.base import SourceFile
from aisdr.ingest.report import Outcome, failure
from aisdr.ingest.run import Reading, Run


class Looking:
    """Tells what has to be read."""

    def __init__(self, media: MediaLibrary, senses: Senses) -> None:
        self._media = media
        self._senses = senses

    def look(self, run: Run, finding: Finding) -> Reading | None:
        """Ends what needs no reading; None then."""
        match finding:
            case Unchanged(source_id):
                run.end(Outcome(source_id=source_id, action="unchanged"))
            case Failed(source_id, reason, waits):
                run.end(Outcome(source_id=source_id, action="waiting" if waits else "failed", reason=reason))
            case Gone(source_id, reason):
                remove(run, source_id, reason)
            case Found():
                try:
                    return self._changed(run, finding)
                except (AisdrError, OSError) as error:
                    run.end(failure(finding.source_id, error))
                give_back(finding)
        return None

    def _changed(self, run: Run, found: Found) -> Reading | None:
        """What has to be read; None for a source that ends here."""
        labels = _labels(run, found)
        file = SourceFile(
            found.root,
            found.path,
            self._media.base_url(run.scope),
            labels,
            run.pictures_seen,
            found.address,
            senses=self._senses,
        )
        reader = reader_for(found.path)
        record = run.before.get(found.source_id)
        if reader is None:
            reason = f"there is no reader for files that end in '{found.path.suffix}'"
        elif (refusal := kept_back(labels, run.today)) is not None:
            reason = refusal
        elif (first := run.same.setdefault(twin_fingerprint(file, reader), found.source_id)) != found.source_id:
            reason = f"it is the same as {first}"
        elif record and _is_unchanged(run, file, record):
            if not run.dry_run:
                run.storing.remember(record, found.extra)
            run.end(Outcome(source_id=found.source_id, action="unchanged"))
            give_back(found)
            return None
        else:
            spool = Path(tempfile.mkdtemp(dir=run.spool))
            return Reading(found, file, record, spool)
        skip(run, found, reason)
        return None


def language_of(company: Company) -> str:
    """Of a source of which nothing is said."""
    return primary(next(iter(company.languages), "en"))


def _labels(run: Run, found: Found) -> Labels:
    language = language_of(run.company)
    return Labels(language=language) if found.address else labels_of(found.root, found.path, language)


def _is_unchanged(run: Run, file: SourceFile, record: SourceRecord) -> bool:
    reader = reader_for(file.path)
    same = reader is not None and record.content_hash == fingerprint(file, reader, companions_of(record))
    return same and run.storing.is_complete(record, run.in_bucket, run.registered)
