"""What becomes of a source that was read: published, embedded and stored, or not."""

from collections.abc import Mapping
from dataclasses import replace

from aisdr.errors import AisdrError, InvalidInput
from aisdr.index.base import SourceRecord
from aisdr.ingest.chunks import chunks_of
from aisdr.ingest.fingerprint import MANNER, fingerprint
from aisdr.ingest.kinds import reader_for
from aisdr.ingest.leaving_out import kept_back, skip
from aisdr.ingest.perception.base import Perception
from aisdr.ingest.perception.complete import complete
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile
from aisdr.ingest.report import Action, Outcome, failure
from aisdr.ingest.run import Reading, Run
from aisdr.ingest.sandbox.messages import Finished
from aisdr.ingest.storing import check_publications, outcome_of, published
from aisdr.ingest.tavus_limits import within_limits
from aisdr.ingest.visibility import where_it_is_seen

PAGE = ".html"


class Finishing:
    """Takes what a reader made of a source."""

    def __init__(self, perception: Perception) -> None:
        self._perception = perception

    def finish(self, run: Run, reading: Reading, finished: Finished) -> None:
        found, document = reading.found, finished.document
        if document is None:
            if finished.kind == "nothing":
                skip(run, found, finished.reason)
            else:
                action: Action = "waiting" if finished.kind == "elsewhere" else "failed"
                run.end(Outcome(source_id=found.source_id, action=action, reason=finished.reason))
        elif (refusal := kept_back(document.labels, run.today)) is not None:
            skip(run, found, refusal)
        else:
            run.end(self._store(run, reading, document))

    def _store(self, run: Run, reading: Reading, document: Document) -> Outcome:
        file, record = reading.file, reading.record
        reader = reader_for(file.path)
        assert reader
        try:
            check_publications(file, reading.spool, document.publications)
            _claim_pages(run, file, document)
            content_hash = fingerprint(file, reader, document.companions)
            if run.dry_run:  # spends no money either
                return outcome_of(file.source_id, document, chunks_of(file.source_id, document, content_hash), record)
            completed = complete(replace(file, spool=reading.spool), document, self._perception)
            run.storing.counts.money += completed.money
            document = where_it_is_seen(run.scope, within_limits(file, completed.document))
            run.in_bucket |= {publication.name for publication in document.publications}
            return run.storing.store(file, content_hash, document, record, {**reading.found.extra, MANNER: run.manner})
        except NothingToRead as nothing:
            return Outcome(source_id=file.source_id, action="skipped", reason=str(nothing))
        except (AisdrError, OSError) as error:
            return failure(file.source_id, error)


def pages_of(records: Mapping[str, SourceRecord]) -> dict[str, str]:
    return {path: source_id for source_id, each in records.items() for path in published([each]) if path.endswith(PAGE)}


def _claim_pages(run: Run, file: SourceFile, document: Document) -> None:
    """Raises: InvalidInput: `guide.md` and `guide.html` would both be opened as `guide.html`."""
    for publication in document.publications:
        if publication.path.endswith(PAGE):
            other = run.pages.get(publication.path, file.source_id)
            if other != file.source_id and (file.root / other).is_file():
                raise InvalidInput(f"it would be opened at {publication.path}, as {other} is: rename one of them")
            run.pages[publication.path] = file.source_id
