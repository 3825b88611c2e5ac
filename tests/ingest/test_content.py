"""A company's content of every kind, really read: whoever asks is led to the right page, row, picture and second."""

from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from aisdr.index.base import Place, SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.inference.base import Embedder
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.base import Origin
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.origins.site import Site
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.report import IngestReport
from aisdr.ingest.site.rules import CrawlRules
from benchmarks.ingest.asking import COMPANY, Judged, answered, by_kind, share
from benchmarks.ingest.content import KNOWLEDGE, ON_SITE, questions, served_site

pytestmark = pytest.mark.slow

LEAST = 0.9
LEAST_OF_A_KIND = 0.6
"""Of eight questions five: no kind of content may be good for nothing while the others make up for it."""


@dataclass(frozen=True)
class Library:
    """The content in the embedded index, and how it got there."""

    place: Place
    reports: list[IngestReport]
    website: str

    def copied_to(self, index: SearchIndex) -> Place:
        """The same chunks and vectors in another engine."""
        for record in self.place.index.sources(COMPANY.operator_scope):
            chunks = self.place.index.chunks(COMPANY.operator_scope, record.source_id)
            vectors = self.place.embedder.embed_passages([chunk.searchable_text for chunk in chunks])
            index.replace_source(COMPANY.operator_scope, record, chunks, vectors)
        return Place(index, self.place.embedder, engine="opensearch")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Library:
    place = Place(EmbeddedIndex(tmp_path_factory.mktemp("index"), embedder.space), embedder)
    with mock_aws(), served_site() as website:
        s3 = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        s3.create_bucket(Bucket="media")
        ingestion = Ingestion(lambda _: place, MediaLibrary(s3, "media"), public_url="http://localhost:3000")
        host = website.removeprefix("http://")
        origins: list[Origin] = [Folder(KNOWLEDGE), Site(website, CrawlRules(rate=0), allowed_private=(host,))]
        reports = [ingestion.run(COMPANY, origin) for origin in origins]
    return Library(place, reports, website)


@pytest.fixture(scope="module")
def judged(library: Library) -> list[Judged]:
    return answered(library.place, questions(), library.website)


def missed(judged: list[Judged]) -> str:
    """What went wrong, for whoever has to mend it."""
    lines = [f"{share(judged):.1%} of {len(judged)}"]
    for kind, asked in sorted(by_kind(judged).items()):
        lines.append(f"{kind}: {sum(each.right for each in asked)} of {len(asked)}")
        for each in asked:
            if not each.right:
                found = [(hit.source, hit.heading, hit.page, hit.row, hit.start, hit.end) for hit in each.found]
                lines.append(f"    {each.question} instead of which {found}")
    return "\n".join(lines)


def test_every_file_and_page_is_read(library: Library) -> None:
    kinds = {Path(outcome.source_id).suffix for outcome in library.reports[0].outcomes if outcome.action == "added"}
    pages = {outcome.source_id.removeprefix(library.website) for outcome in library.reports[1].outcomes}

    assert [outcome for report in library.reports for outcome in report.outcomes if outcome.action != "added"] == []
    assert kinds >= {
        ".md",
        ".html",
        ".txt",
        ".pdf",
        ".docx",
        ".pptx",
        ".xlsx",
        ".csv",
        ".json",
        ".png",
        ".jpg",
        ".webp",
    }
    assert kinds >= {".mp3", ".ogg", ".wav", ".webm", ".mp4"}
    assert pages >= {each.source.removeprefix(ON_SITE) for each in questions() if each.on_site}


def test_there_are_four_questions_of_each_kind() -> None:
    assert len(questions()) >= 70
    assert all(len(asked) >= 4 for asked in by_kind([Judged(each, ()) for each in questions()]).values())


def test_the_right_place_is_among_the_best_three(judged: list[Judged]) -> None:
    print(missed(judged))

    assert share(judged) >= LEAST, missed(judged)
    assert all(share(asked) >= LEAST_OF_A_KIND for asked in by_kind(judged).values()), missed(judged)


def test_opensearch_finds_it_as_well(library: Library, node: str) -> None:
    index = OpenSearchIndex(client(node, "", None), library.place.embedder.space)
    index.remove_company(COMPANY.operator_scope)

    judged = answered(library.copied_to(index), questions(), library.website)

    assert share(judged) >= LEAST, missed(judged)
