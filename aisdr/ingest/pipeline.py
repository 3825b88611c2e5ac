"""Ingestion: what an origin has becomes the company's index, its published media and its Tavus documents.

A source that has not changed costs a look at its bytes. One that has is read in a process of its own, published,
embedded, and replaced in the index in one step, together with the hash that says so: a run that was stopped or killed
anywhere simply goes on the next time.
"""

import json
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from aisdr.company import Company
from aisdr.errors import AisdrError
from aisdr.index.base import Places, SourceRecord
from aisdr.ingest.fingerprint import READING
from aisdr.ingest.finishing import Finishing, pages_of
from aisdr.ingest.lease import Leases
from aisdr.ingest.looking import Looking, language_of
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.base import Origin
from aisdr.ingest.perception.base import Perception
from aisdr.ingest.reading import Readings
from aisdr.ingest.report import IngestReport
from aisdr.ingest.run import Progress, Run
from aisdr.ingest.runs import Runs
from aisdr.ingest.sandbox.messages import Limits
from aisdr.ingest.sandbox.pool import ReaderPool
from aisdr.ingest.storing import Storing, TavusDocuments
from aisdr.knowledge.near_duplicates import MOST_PAIRS, near_duplicates

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
        perception = perception or Perception()
        self._senses = perception.senses
        self._readings = Readings(Looking(media, perception.senses), Finishing(perception), workers)
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
            stopped = self._readings.go(run, only)
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
            json.dumps([READING, language_of(company), place.pictures is not None, repr(self._senses)]),
            self._registered(company, records, dry_run=dry_run),
            pictures_seen=place.pictures is not None,
            today=datetime.fromtimestamp(self._clock(), UTC).date(),
            dry_run=dry_run,
            spool=spool,
            readers=readers,
            progress=progress,
            tell=tell,
            lost=threading.Event(),
            pages=pages_of(records),
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
