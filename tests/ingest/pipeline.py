"""A folder and everything that an ingestion of it fills, for the tests of the pipeline."""

from collections.abc import Callable, Collection, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aisdr.company import Company
from aisdr.errors import VendorError
from aisdr.index.base import Place as IndexPlace
from aisdr.index.embedded import EmbeddedIndex
from aisdr.ingest.lease import Leases
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.report import IngestReport
from aisdr.ingest.run import Progress
from aisdr.ingest.sandbox.pool import ReaderPool
from aisdr.ingest.storing import TavusDocuments
from aisdr.live.tavus_documents import Registration
from aisdr.tenant import TenantScope
from tests.chunks import ACME, LetterCounts, ask, texts
from tests.ingest.material import CAPTIONS, GUIDE, draw, film, print_pdf, write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

BUCKET = "media"  # the one that the fixture `aws` makes
COMPANY = Company(
    company_id="acme",
    slug="acme",
    display_name="Acme",
    website_url="https://acme.example",
    tavus_document_tags=("acme",),
)


class Documents:
    """Tavus's knowledge base in a list."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, str, tuple[str, ...]]] = {}
        self.failed: set[str] = set()
        self.log: list[str] = []
        self.refusing = False
        self.looked = 0

    def register(
        self,
        scope: TenantScope,
        name: str,
        url: str,
        tags: tuple[str, ...],
        replaces: str | None = None,
        *,
        source_id: str = "",
        version: str = "",
        expires: date | None = None,
    ) -> str:
        self._answer()
        document_id = f"d{len(self.log)}"
        self.known[document_id] = (name, url, tags)
        self.known.pop(replaces or "", None)
        self.log.append(f"register {document_id}" + (f" for {replaces}" if replaces else ""))
        return document_id

    def remove(self, scope: TenantScope, document_id: str) -> None:
        self._answer()
        self.known.pop(document_id, None)
        self.log.append(f"remove {document_id}")

    def prune(self, scope: TenantScope, kept: Collection[str]) -> list[str]:
        orphans = [each for each in self.known if each not in kept]
        for each in orphans:
            del self.known[each]
        return orphans

    def refresh(self, scope: TenantScope) -> list[Registration]:
        self.looked += 1
        self._answer()
        return [
            Registration(each, name, url, "failed" if each in self.failed else "ready")
            for each, (name, url, _) in self.known.items()
        ]

    def _answer(self) -> None:
        if self.refusing:
            raise VendorError("Tavus cannot be reached", vendor="tavus", retryable=True)


class Place:
    """A folder, and everything that an ingestion of it fills."""

    def __init__(self, tmp_path: Path, s3: "S3Client", readers: ReaderPool) -> None:
        self.readers = readers
        self.folder = tmp_path / "knowledge"
        self.folder.mkdir()
        self.letters = LetterCounts()
        self.index = EmbeddedIndex(tmp_path / "index", self.letters.space)
        self.s3 = s3

    def ingest(
        self,
        *,
        documents: TavusDocuments | None = None,
        company: Company = COMPANY,
        dry_run: bool = False,
        only: tuple[str, ...] = (),
        leases: Leases | None = None,
        told: Callable[[Progress], None] = lambda progress: None,
    ) -> IngestReport:
        media, progress = MediaLibrary(self.s3, BUCKET), Progress()
        ingestion = Ingestion(
            lambda _: IndexPlace(self.index, self.letters),
            media,
            public_url="https://sdr.example",
            documents=documents,
            leases=leases,
            readers=self.readers,
        )
        return ingestion.run(
            company, Folder(self.folder), dry_run=dry_run, only=only, progress=progress, tell=lambda: told(progress)
        )

    def found(self, question: str) -> list[str]:
        return texts(self.index.search(ACME, ask(question, self.letters)))

    def published(self) -> dict[str, str]:
        objects = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {each["Key"]: self.s3.head_object(Bucket=BUCKET, Key=each["Key"])["ContentType"] for each in objects}

    def fill(self) -> None:
        """One file of each kind."""
        write(self.folder / "guide.md", GUIDE)
        draw(self.folder / "pictures/board.png")
        print_pdf(self.folder / "deck.pdf", "Why Acme", wide=True)
        draw(self.folder / "chart.png")
        write(self.folder / "chart.caption.md", "Sales grew by a third.")
        film(self.folder / "tour.webm")
        write(self.folder / "tour.vtt", CAPTIONS)


@pytest.fixture(scope="module")
def readers() -> Iterator[ReaderPool]:
    """What they load they load once for all tests."""
    with ReaderPool().at_work() as pool:
        yield pool


@pytest.fixture
def place(tmp_path: Path, clients: tuple["DynamoDBClient", "S3Client"], aws: object, readers: ReaderPool) -> Place:
    return Place(tmp_path, clients[1], readers)


def actions(report: IngestReport) -> dict[str, str]:
    return {outcome.source_id: outcome.action for outcome in report.outcomes}
