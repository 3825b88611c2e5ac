"""The sources of a run, one after another; those that have to be read are read a few at the same time."""

import shutil
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from fnmatch import fnmatch

from aisdr.index.base import SourceRecord
from aisdr.ingest.fingerprint import MANNER
from aisdr.ingest.finishing import Finishing
from aisdr.ingest.leaving_out import give_back
from aisdr.ingest.looking import Looking
from aisdr.ingest.run import Reading, Run
from aisdr.ingest.sandbox.messages import Finished


class Readings:
    """Reads in `workers` threads, each of which waits for a child; looks and finishes in the run's own."""

    def __init__(self, looking: Looking, finishing: Finishing, workers: int) -> None:
        self._looking = looking
        self._finishing = finishing
        self._workers = workers

    def go(self, run: Run, only: tuple[str, ...]) -> bool:
        """Takes one source after another. Returns whether somebody stopped it."""
        pending: dict[Future[Finished], Reading] = {}
        with ThreadPoolExecutor(self._workers, thread_name_prefix="reader") as threads:
            findings = run.origin.discover(_told(run), run.spool)
            try:
                for finding in findings:
                    run.check()
                    if only and not any(fnmatch(finding.source_id, pattern) for pattern in only):
                        give_back(finding)
                        continue
                    reading = self._looking.look(run, finding)
                    if reading is not None:
                        pending[threads.submit(_read, run, reading)] = reading
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

    def _finish_one(self, run: Run, pending: dict[Future[Finished], Reading]) -> None:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        future = next(iter(done))
        reading = pending.pop(future)
        run.progress.storing = reading.found.source_id
        run.tell()
        try:
            self._finishing.finish(run, reading, future.result())
        finally:
            run.progress.storing, run.progress.embedding = "", (0, 0)
            shutil.rmtree(reading.spool, ignore_errors=True)
            give_back(reading.found)


def _told(run: Run) -> dict[str, SourceRecord]:
    """What the origin is told of its sources: no hash of those that are to be had again in any case."""
    return {
        source_id: record
        if record.extra.get(MANNER) == run.manner and run.storing.is_complete(record, run.in_bucket, run.registered)
        else replace(record, content_hash="")
        for source_id, record in run.before.items()
    }


def _read(run: Run, reading: Reading) -> Finished:
    """In a thread, which waits for its child."""
    source_id = reading.found.source_id

    def tell(done: int, total: int) -> None:
        run.progress.reading[source_id] = (done, total)

    tell(0, 0)
    try:
        return run.readers.read(reading.file, reading.spool, tell)
    finally:
        run.progress.reading.pop(source_id, None)


def _ready(pending: Mapping[Future[Finished], Reading]) -> bool:
    return any(future.done() for future in pending)
