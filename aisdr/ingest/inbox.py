"""What is dropped into the knowledge bucket becomes knowledge: messages of its queue in, those that failed out.

A message only says where to look: what is there now is ingested, however often, late or out of order it is told. What
is wrong with a file is written down and told no more; when a vendor or a store failed, the message comes again.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aisdr.company import Companies, Company
from aisdr.errors import AisdrError, Conflict, NotFound
from aisdr.ingest.notification import NotUnderstood, touched
from aisdr.ingest.origins.bucket import Bucket
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.report import IngestReport
from aisdr.ingest.sandbox.messages import Limits
from aisdr.ingest.unread import UnreadFiles
from aisdr.observability import logger, only_about
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LIMITS = Limits(memory_bytes=1024**3, silent_seconds=120, total_seconds=300, file_bytes=1024**3)
"""Of a reader beside us: half of a function's memory, and a third of its time."""
LARGEST = 512 * 1024**2
"""Bytes of a file that is fetched here. Recordings are larger, and nothing here reads them."""
RESERVE_SECONDS = LIMITS.total_seconds + 120
"""With less time left no further file is begun: the last one has to be read, embedded and stored."""
PAUSE_SECONDS = 5.0
"""Between two looks whether another run for the same company has ended."""

Paths = Mapping[str, set[str]]
"""Path below a company's prefix → the messages that name it."""


class Inbox:
    """Ingests what messages are about, company by company.

    Args:
        ingestion: holds the company's lease while it runs.
        can_write: whether the place of a company's chunks can be written to from here.
    """

    def __init__(
        self,
        companies: Companies,
        s3: "S3Client",
        bucket: str,
        ingestion: Ingestion,
        unread: UnreadFiles,
        can_write: Callable[[TenantScope], bool] = lambda _: True,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._companies = companies
        self._s3 = s3
        self._bucket = bucket
        self._ingestion = ingestion
        self._unread = unread
        self._can_write = can_write
        self._pause = pause

    def receive(self, messages: Sequence[dict[str, Any]], seconds_left: Callable[[], float]) -> list[str]:
        """Ids of the messages that are to come again.

        Args:
            messages: `Records` of the queue's event.
            seconds_left: until whoever called us gives up.
        """
        again: set[str] = set()
        by_company: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for message in messages:
            try:
                for each in touched(message, self._bucket):
                    by_company[each.company_id][each.path].add(message["messageId"])
            except NotUnderstood as error:
                logger.error("message not understood", reason=str(error))
                again.add(message["messageId"])
        for company_id, paths in by_company.items():
            with only_about(company_id=company_id):
                again |= self._take(company_id, paths, seconds_left)
        return sorted(again)

    def _take(self, company_id: str, paths: Paths, seconds_left: Callable[[], float]) -> set[str]:
        every = set().union(*paths.values())
        try:
            company = self._company(company_id)
            if not self._can_write(company.operator_scope):
                self._put_off(company, paths)
                return set()
            return every if self._ingest(company, paths, seconds_left) else set()
        except NotFound:
            # Nobody would ever know the company by trying again: whoever seeds it later ingests its prefix once.
            logger.warning("files of nobody", files=len(paths))
            return set()
        except AisdrError as error:
            logger.warning("files not taken", files=len(paths), code=error.code, reason=error.message)
        except Exception:
            # Of one company: the others' files are none the worse for it.
            logger.exception("files not taken", files=len(paths))
        return every

    def _company(self, company_id: str) -> Company:
        """Raises: NotFound."""
        if not company_id:
            raise NotFound("An object beside the companies' prefixes belongs to nobody")
        return self._companies.get(company_id)

    def _ingest(self, company: Company, paths: Paths, seconds_left: Callable[[], float]) -> bool:
        """Whether something is left that another try may bring."""
        origin = self._origin(company, paths, lambda: seconds_left() > RESERVE_SECONDS)
        while True:
            try:
                report = self._ingestion.run(company, origin)
                break
            except Conflict:
                if seconds_left() <= RESERVE_SECONDS:
                    raise
                self._pause(PAUSE_SECONDS)
        self._write_down(company, report)
        # One that is told of and is no source has gone, or belongs to another file now.
        seen = {outcome.source_id for outcome in report.outcomes}
        self._unread.read(company.operator_scope, {*report.settled, *(paths.keys() - seen - set(origin.left))})
        logger.info("files taken", left=len(origin.left), actions=dict(report.actions))
        return bool(origin.left) or any(outcome.again for outcome in report.outcomes)

    def _origin(self, company: Company, paths: Paths, go_on: Callable[[], bool]) -> Bucket:
        prefix = f"{company.company_id}/"
        return Bucket(self._s3, self._bucket, prefix, touched=paths, largest=LARGEST, go_on=go_on)

    def _write_down(self, company: Company, report: IngestReport) -> None:
        for outcome in report.outcomes:
            if outcome.action == "failed":
                logger.warning("file failed", source_id=outcome.source_id, reason=outcome.reason)
                self._unread.note(company.operator_scope, outcome.source_id, "failed", outcome.reason)
            elif outcome.action == "waiting":
                self._wait(company, outcome.source_id, outcome.reason)

    def _wait(self, company: Company, source_id: str, reason: str) -> None:
        logger.info("file waits", source_id=source_id, reason=reason)
        where = f"s3://{self._bucket}/{company.company_id}/"
        told = f"{reason}: run `aisdr ingest {where} --company {company.slug}`"
        self._unread.note(company.operator_scope, source_id, "waiting", told)

    def _put_off(self, company: Company, paths: Paths) -> None:
        for path in paths:
            self._wait(company, path, "the index comes with the code and is written on the operator's machine")


def can_write(folder: str) -> bool:
    """Whether files can be made in a folder, which need not be there yet."""
    path = Path(folder).absolute()
    there = next(each for each in (path, *path.parents) if each.exists())
    return os.access(there, os.W_OK)
