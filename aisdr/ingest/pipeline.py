"""Ingestion: what an origin has becomes the company's index, its published media and its Tavus documents.

A source that has not changed costs a look at its bytes. One that has is read in a process of its own, published,
embedded, and replaced in the index in one step, together with the hash that says so: a run that was stopped or killed
anywhere simply goes on the next time.
"""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path

from aisdr.company import Company
from aisdr.configuration import primary
from aisdr.errors import AisdrError, InvalidInput
from aisdr.index.base import Places, SourceRecord
from aisdr.ingest.chunks import chunks_of
from aisdr.ingest.fingerprint import MANNER, READING, companions_of, fingerprint, twin_fingerprint
from aisdr.ingest.kinds import reader_for
from aisdr.ingest.labels import Labels, labels_of
from aisdr.ingest.lease import Leases
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.base import Failed, Finding, Found, Gone, Origin, Unchanged
from aisdr.ingest.perception.base import Perception
from aisdr.ingest.perception.complete import complete
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile
from aisdr.ingest.report import Action, IngestReport, Outcome, failure
from aisdr.ingest.run import Progress, Reading, Run
from aisdr.ingest.runs import Runs
from aisdr.ingest.sandbox.messages import Finished, Limits
from aisdr.ingest.sandbox.pool import ReaderPool
from aisdr.ingest.storing import Storing, TavusDocuments, check_publications, outcome_of, published
from aisdr.ingest.tavus_limits import within_limits
from aisdr.ingest.visibility import where_it_is_seen
from aisdr.knowledge.near_duplicates import MOST_PAIRS, near_duplicates

PAGE = ".html"
READERS_AT_WORK = 2
"""Files that are read at the same time; the embedder takes a processor of its own."""


class Ingestion:
    """Reads a company's origins.

    Args:
        places: finds where a company's chunks belong this instant.
        public_url: where the published media can be reached from outside.
        documents: Tavus's knowledge base; None leaves sources that are meant for Tavus unregistered.
        leases: keeps a second run for the same company out; None where nobody else can come.
        runs: remembers which origins were read to the end.
        limits: of each reader.
        readers: stay at work from one run to the next, with whatever they have loaded; None: new ones for each run.
        compares: whether the report names what two sources both say, for which all of the company's are looked at.
        perception: who writes down speech and describes pictures, where readers do not.
    """

    def __init__(
        self,
        places: Places,
        media: MediaLibrary,
        *,
        public_url: str,
        documents: TavusDocuments | None = None,
        leases: Leases | None = None,
        runs: Runs | None = None,
        limits: Limits | None = None,
        readers: ReaderPool | None = None,
        perception: Perception | None = None,
        compares: bool = True,
        workers: int = READERS_AT_WORK,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._places = places
        self._media = media
        self._public_url = public_url
        self._documents = documents
        self._leases = leases
        self._runs = runs
        self._limits = limits or Limits()
        self._readers = readers
        self._compares = compares
        self._perception = perception or Perception()
        self._workers = workers
        self._clock = clock

    def run(
        self,
        company: Company,
        origin: Origin,
        *,
        dry_run: bool = False,
        only: tuple[str, ...] = (),
        progress: Progress | None = None,
        tell: Callable[[], None] = lambda: None,
    ) -> IngestReport:
        """Brings the index in line with the origin. One bad file never stops the others.

        Args:
            only: patterns such as `pricing/*`: sources that fit none of them are left as they are.
            progress: is kept up to date; `tell` is called after each change.

        Raises:
            InvalidInput: there is no such origin.
            Conflict: another run for this company is under way, or took over.
            VendorError: the origin or the media bucket cannot be reached.
        """
        began = time.monotonic()
        with ExitStack() as stack:
            lost = threading.Event()
            if self._leases and not dry_run:
                lost = stack.enter_context(self._leases.held(company.operator_scope))
            spool = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aisdr-ingest-")))
            readers = self._readers or stack.enter_context(ReaderPool(self._limits).at_work())
            run = self._begin(company, origin, readers, spool, progress or Progress(), tell, dry_run=dry_run)
            run.lost = lost
            if self._runs and not dry_run:
                self._runs.begin(run.scope, origin.name)
            stopped = self._go(run, only)
            if not dry_run:
                run.check()
                run.storing.unpublish(run.in_bucket)
                run.storing.prune_documents()
                if self._runs and not stopped and not only:
                    self._runs.complete(run.scope, origin.name)
            return self._report(run, stopped=stopped, seconds=time.monotonic() - began)

    def _begin(
        self,
        company: Company,
        origin: Origin,
        readers: ReaderPool,
        spool: Path,
        progress: Progress,
        tell: Callable[[], None],
        *,
        dry_run: bool,
    ) -> Run:
        def told(done: int, total: int) -> None:
            progress.embedding = (done, total)
            tell()

        place = self._places(company.operator_scope)
        records = {record.source_id: record for record in place.index.sources(company.operator_scope)}
        return Run(
            company,
            origin,
            Storing(company, self._places, self._media, self._public_url, self._documents, told),
            {source_id: record for source_id, record in records.items() if origin.owns(source_id)},
            self._media.names(company.operator_scope),
            json.dumps([READING, _language(company), place.pictures is not None, repr(self._perception.senses)]),
            self._registered(company, records, dry_run=dry_run),
            pictures_seen=place.pictures is not None,
            today=datetime.fromtimestamp(self._clock(), UTC).date(),
            dry_run=dry_run,
            spool=spool,
            readers=readers,
            progress=progress,
            tell=tell,
            lost=threading.Event(),
            pages=_pages(records),
        )

    def _registered(self, company: Company, before: Mapping[str, SourceRecord], *, dry_run: bool) -> set[str]:
        noted = {record.tavus_document_id for record in before.values() if record.tavus_document_id}
        if dry_run:
            return noted  # to look there is also to put right what differs
        try:
            documents = self._documents.refresh(company.operator_scope) if self._documents else ()
        except AisdrError:
            return noted  # whoever needs Tavus after all is told so source by source
        return {each.document_id for each in documents if each.state != "failed"}

    def _go(self, run: Run, only: tuple[str, ...]) -> bool:
        """Takes one source after another. Returns whether somebody stopped it."""
        pending: dict[Future[Finished], Reading] = {}
        with ThreadPoolExecutor(self._workers, thread_name_prefix="reader") as threads:
            findings = run.origin.discover(_told(run), run.spool)
            try:
                for finding in findings:
                    run.check()
                    if only and not any(fnmatch(finding.source_id, pattern) for pattern in only):
                        _give_back(finding)
                        continue
                    reading = self._look(run, finding)
                    if reading is not None:
                        pending[threads.submit(self._read, run, reading)] = reading
                    while pending and (len(pending) >= 2 * self._workers or _ready(pending)):
                        self._finish_one(run, pending)
                while pending:
                    run.check()
                    self._finish_one(run, pending)
            except KeyboardInterrupt:
                return True
            finally:
                findings.close()  # a crawl ends its threads, and leaves nothing behind
                for future in pending:
                    future.cancel()
                if pending:
                    run.readers.interrupt()  # a thread that waits for its child would keep us
        return False

    def _look(self, run: Run, finding: Finding) -> Reading | None:
        """Ends what needs no reading; None then."""
        match finding:
            case Unchanged(source_id):
                run.end(Outcome(source_id=source_id, action="unchanged"))
            case Failed(source_id, reason, waits):
                run.end(Outcome(source_id=source_id, action="waiting" if waits else "failed", reason=reason))
            case Gone(source_id, reason):
                self._remove(run, source_id, reason)
            case Found():
                try:
                    return self._changed(run, finding)
                except (AisdrError, OSError) as error:
                    run.end(failure(finding.source_id, error))
                _give_back(finding)
        return None

    def _changed(self, run: Run, found: Found) -> Reading | None:
        """What has to be read; None for a source that ends here."""
        labels = self._labels(run, found)
        file = SourceFile(
            found.root,
            found.path,
            self._media.base_url(run.scope),
            labels,
            run.pictures_seen,
            found.address,
            senses=self._perception.senses,
        )
        reader = reader_for(found.path)
        record = run.before.get(found.source_id)
        if reader is None:
            reason = f"there is no reader for files that end in '{found.path.suffix}'"
        elif (refusal := _kept_back(labels, run.today)) is not None:
            reason = refusal
        elif (first := run.same.setdefault(twin_fingerprint(file, reader), found.source_id)) != found.source_id:
            reason = f"it is the same as {first}"
        elif record and self._is_unchanged(run, file, record):
            if not run.dry_run:
                run.storing.remember(record, found.extra)
            run.end(Outcome(source_id=found.source_id, action="unchanged"))
            _give_back(found)
            return None
        else:
            spool = Path(tempfile.mkdtemp(dir=run.spool))
            return Reading(found, file, record, spool)
        self._skip(run, found, reason)
        return None

    def _labels(self, run: Run, found: Found) -> Labels:
        language = _language(run.company)
        return Labels(language=language) if found.address else labels_of(found.root, found.path, language)

    def _is_unchanged(self, run: Run, file: SourceFile, record: SourceRecord) -> bool:
        reader = reader_for(file.path)
        same = reader is not None and record.content_hash == fingerprint(file, reader, companions_of(record))
        return same and run.storing.is_complete(record, run.in_bucket, run.registered)

    def _read(self, run: Run, reading: Reading) -> Finished:
        """In a thread, which waits for its child."""
        source_id = reading.found.source_id

        def tell(done: int, total: int) -> None:
            run.progress.reading[source_id] = (done, total)

        tell(0, 0)
        try:
            return run.readers.read(reading.file, reading.spool, tell)
        finally:
            run.progress.reading.pop(source_id, None)

    def _finish_one(self, run: Run, pending: dict[Future[Finished], Reading]) -> None:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        future = next(iter(done))
        reading = pending.pop(future)
        run.progress.storing = reading.found.source_id
        run.tell()
        try:
            self._finish(run, reading, future.result())
        finally:
            run.progress.storing, run.progress.embedding = "", (0, 0)
            shutil.rmtree(reading.spool, ignore_errors=True)
            _give_back(reading.found)

    def _finish(self, run: Run, reading: Reading, finished: Finished) -> None:
        found, document = reading.found, finished.document
        if document is None:
            if finished.kind == "nothing":
                self._skip(run, found, finished.reason)
            else:
                action: Action = "waiting" if finished.kind == "elsewhere" else "failed"
                run.end(Outcome(source_id=found.source_id, action=action, reason=finished.reason))
        elif (refusal := _kept_back(document.labels, run.today)) is not None:
            self._skip(run, found, refusal)
        else:
            run.end(self._store(run, reading, document))

    def _store(self, run: Run, reading: Reading, document: Document) -> Outcome:
        file, record = reading.file, reading.record
        reader = reader_for(file.path)
        assert reader
        try:
            check_publications(file, reading.spool, document.publications)
            self._claim_pages(run, file, document)
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

    def _claim_pages(self, run: Run, file: SourceFile, document: Document) -> None:
        """Raises: InvalidInput: `guide.md` and `guide.html` would both be opened as `guide.html`."""
        for publication in document.publications:
            if publication.path.endswith(PAGE):
                other = run.pages.get(publication.path, file.source_id)
                if other != file.source_id and (file.root / other).is_file():
                    raise InvalidInput(f"it would be opened at {publication.path}, as {other} is: rename one of them")
                run.pages[publication.path] = file.source_id

    def _skip(self, run: Run, found: Found, reason: str) -> None:
        record = run.before.get(found.source_id)
        outcome = Outcome(source_id=found.source_id, action="skipped", reason=reason)
        if record and not run.dry_run:
            removed = run.storing.remove(record, reason)
            # What is still there must not look as if it were gone: it may be for the company's own people.
            outcome = removed if removed.action == "failed" else outcome.model_copy(update={"remarks": removed.remarks})
        run.end(outcome)
        _give_back(found)

    def _remove(self, run: Run, source_id: str, reason: str) -> None:
        record = run.before.get(source_id)
        if record is None:
            return
        if run.dry_run:
            run.end(Outcome(source_id=source_id, action="removed", reason=reason))
        else:
            run.end(run.storing.remove(record, reason))

    def _report(self, run: Run, *, stopped: bool, seconds: float) -> IngestReport:
        index = self._places(run.scope).index
        pairs = near_duplicates(run.scope, index, index.sources(run.scope)) if self._compares else []
        counts = run.storing.counts
        return IngestReport(
            company_id=run.company.company_id,
            origin=run.origin.name,
            outcomes=tuple(sorted(run.outcomes, key=lambda outcome: outcome.source_id)),
            embedded=counts.embedded,
            uploaded=counts.uploaded,
            money=counts.money,
            seconds=round(seconds, 3),
            near_duplicates=tuple(pairs[:MOST_PAIRS]),
            near_duplicate_count=len(pairs),
            remarks=run.origin.remarks,
            stopped=stopped,
            dry_run=run.dry_run,
        )


def _pages(records: Mapping[str, SourceRecord]) -> dict[str, str]:
    return {path: source_id for source_id, each in records.items() for path in published([each]) if path.endswith(PAGE)}


def _kept_back(labels: Labels, today: date) -> str | None:
    """Why a source may not be found, by its labels."""
    if labels.visibility == "internal":
        return "it is internal: for the company's own people"
    if labels.expires is not None and labels.expires < today:
        return f"it expired on {labels.expires.isoformat()}"
    return None


def _language(company: Company) -> str:
    """Of a source of which nothing is said."""
    return primary(next(iter(company.languages), "en"))


def _told(run: Run) -> dict[str, SourceRecord]:
    """What the origin is told of its sources: no hash of those that are to be had again in any case."""
    return {
        source_id: record
        if record.extra.get(MANNER) == run.manner and run.storing.is_complete(record, run.in_bucket, run.registered)
        else replace(record, content_hash="")
        for source_id, record in run.before.items()
    }


def _ready(pending: Mapping[Future[Finished], Reading]) -> bool:
    return any(future.done() for future in pending)


def _give_back(finding: Finding) -> None:
    """A file that was fetched for us has had its time."""
    if isinstance(finding, Found) and not finding.borrowed:
        finding.path.unlink(missing_ok=True)
