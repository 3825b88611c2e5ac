"""A folder becomes an index, published files and Tavus documents, and stays in step with them."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aisdr.company import Company
from aisdr.errors import Conflict, InvalidInput, VendorError
from aisdr.index.base import Place as IndexPlace
from aisdr.index.base import SourceRecord
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
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, texts
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


class Losing(Leases):
    """A lease that is somebody else's as soon as `lost` is set."""

    def __init__(self) -> None:
        self.lost = threading.Event()

    @contextmanager
    def held(self, scope: TenantScope, seconds: float = 0) -> Iterator[threading.Event]:
        yield self.lost


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


def test_every_kind_of_file_is_indexed_and_published(place: Place) -> None:
    place.fill()

    report = place.ingest()

    assert actions(report) == {
        "chart.png": "added",
        "deck.pdf": "added",
        "guide.md": "added",
        "pictures/board.png": "skipped",
        "tour.webm": "added",
    }
    assert report.chunks == {"image": 2, "slide": 1, "text": 4, "video": 2}
    assert report.embedded == len(place.letters.texts) == 9
    published = place.published()
    made = [path for path in published if path.startswith("acme/made/")]
    assert [published.pop(path) for path in made] == ["image/webp"]  # the slide
    assert published == {
        "acme/chart.png": "image/png",
        "acme/deck.pdf": "application/pdf",
        "acme/guide.html": "text/html; charset=utf-8",
        "acme/pictures/board.png": "image/png",
        "acme/tour.vtt": "text/vtt; charset=utf-8",
        "acme/tour.webm": "video/webm",
    }
    assert place.found("Undo takes the change back.")[0] == "Undo takes the change back."
    assert place.index.sources(GLOBEX) == []


def test_a_file_is_in_the_companys_first_language_unless_it_says_another(place: Place) -> None:
    write(place.folder / "wartung.md", "# Wartung\n\nDie Filter werden gereinigt.")
    write(place.folder / "service.md", "---\nlanguage: en\n---\n# Service\n\nFilters are cleaned.")

    place.ingest(company=COMPANY.model_copy(update={"languages": ("de", "en")}))

    chunks = [hit.chunk for hit in place.index.search(ACME, ask("the", place.letters, limit=100))]
    assert {chunk.source_id: chunk.language for chunk in chunks} == {"wartung.md": "de", "service.md": "en"}
    page = place.s3.get_object(Bucket=BUCKET, Key="acme/wartung.html")["Body"].read()
    assert b'<html lang="de">' in page


def test_every_address_of_a_chunk_is_published(place: Place) -> None:
    place.fill()
    place.ingest()

    chunks = [hit.chunk for hit in place.index.search(ACME, ask("the", place.letters, limit=100))]
    addresses = {chunk.url.split("#")[0] for chunk in chunks}
    for media in (each.media for each in chunks if each.media):
        addresses |= {address for address in (media.url, media.poster, media.captions_url) if address}

    assert {address.removeprefix("/media/") for address in addresses} <= place.published().keys()


def test_a_second_run_reads_embeds_and_sends_nothing(place: Place) -> None:
    place.fill()
    first = place.ingest()
    place.letters.texts.clear()

    second = place.ingest()

    assert set(actions(second).values()) == {"unchanged", "skipped"}
    assert (second.embedded, second.uploaded, place.letters.texts) == (0, 0, [])
    assert first.uploaded == 7


def test_only_what_changed_is_embedded_again(place: Place) -> None:
    place.fill()
    place.ingest()
    place.letters.texts.clear()
    write(place.folder / "chart.caption.md", "Sales fell by half.")

    report = place.ingest()

    assert [source for source, action in actions(report).items() if action == "changed"] == ["chart.png"]
    assert len(place.letters.texts) == 1
    assert report.uploaded == 0
    assert "Sales grew by a third." not in place.found("Sales grew by a third.")


def test_of_a_changed_source_only_the_new_words_are_embedded(place: Place) -> None:
    write(place.folder / "page.md", "# Page\n\n## One\n\nFirst words.\n\n## Two\n\nSecond words.")
    place.ingest()
    write(place.folder / "page.md", "# Page\n\n## One\n\nFirst words.\n\n## Two\n\nThird words.")

    report = place.ingest()

    assert report.embedded == 1
    assert place.letters.texts[-1].endswith("Third words.")
    assert place.found("First words.")[0] == "First words."


def test_vectors_of_a_vendor_cost_what_its_list_says(place: Place) -> None:
    write(place.folder / "page.md", "# Page\n\n" + "word " * 99)
    local = place.ingest()
    place.letters.space = replace(place.letters.space, name="openai:text-embedding-3-large@4")
    place.index = EmbeddedIndex(place.folder.parent / "vendors", place.letters.space)

    paid = place.ingest()

    assert local.money == 0
    assert paid.money == pytest.approx(0.13 * 1.35 * 100 / 1_000_000)


def test_a_picture_that_a_page_shows_changes_the_page(place: Place) -> None:
    place.fill()
    place.ingest()
    draw(place.folder / "pictures/board.png", (99, 50))

    report = place.ingest()

    assert actions(report)["guide.md"] == "changed"
    assert {chunk.media.width for chunk in place.index.media_chunks(ACME) if chunk.media} == {64, 99, 1280, None}


def test_a_deleted_file_takes_its_chunks_and_its_publications_along(place: Place) -> None:
    place.fill()
    place.ingest()
    for name in ("guide.md", "deck.pdf"):
        (place.folder / name).unlink()

    report = place.ingest()

    assert {source for source, action in actions(report).items() if action == "removed"} == {"guide.md", "deck.pdf"}
    assert {source.source_id for source in place.index.sources(ACME)} == {"chart.png", "tour.webm"}
    assert set(place.published()) == {"acme/chart.png", "acme/tour.vtt", "acme/tour.webm"}


def test_a_picture_stays_published_while_anything_shows_it(place: Place) -> None:
    place.fill()
    write(place.folder / "other.md", "![The dashboard](pictures/board.png)")
    place.ingest()
    (place.folder / "guide.md").unlink()

    place.ingest()

    assert "acme/pictures/board.png" in place.published()


def test_a_broken_file_is_reported_and_stops_nobody(place: Place) -> None:
    place.fill()
    place.ingest()
    (place.folder / "deck.pdf").write_bytes(b"no longer a PDF")
    (place.folder / "bad.md").write_bytes(b"\x00\xff\x00\x81\x00")
    write(place.folder / "zebra.md", "Zebras are last.")

    report = place.ingest()

    reasons = {outcome.source_id: outcome.reason for outcome in report.failed}
    assert reasons.keys() == {"deck.pdf", "bad.md"}
    assert "not a readable PDF" in reasons["deck.pdf"]
    assert actions(report)["zebra.md"] == "added"
    assert "Why Acme" in place.found("Why Acme")  # what was known before stays until it can be replaced


def test_files_that_nobody_reads_are_named(place: Place) -> None:
    write(place.folder / "list.xyz", "cells")

    (outcome,) = place.ingest().outcomes

    assert (outcome.action, outcome.reason) == ("skipped", "there is no reader for files that end in '.xyz'")


def test_a_dry_run_tells_everything_and_writes_nothing(place: Place) -> None:
    place.fill()

    report = place.ingest(dry_run=True)

    assert report.dry_run
    assert sum(report.chunks.values()) == 9
    assert place.published() == {}
    assert place.index.sources(ACME) == []
    assert place.letters.texts == []


def test_a_dry_run_puts_nothing_right_at_tavus(place: Place) -> None:
    documents = Documents()
    write(place.folder / "guide.md", f"---\ntavus: true\n---\n{GUIDE}")
    place.ingest(documents=documents)
    looked = documents.looked

    report = place.ingest(documents=documents, dry_run=True)

    assert actions(report) == {"guide.md": "unchanged"}
    assert documents.looked == looked


def test_whoever_has_lost_the_lease_takes_nothing_away(place: Place) -> None:
    write(place.folder / "guide.md", GUIDE)
    place.s3.put_object(Bucket=BUCKET, Key="acme/of-another-run.webm", Body=b"a clip")
    leases = Losing()

    with pytest.raises(Conflict, match="taken over"):
        place.ingest(leases=leases, told=lambda progress: leases.lost.set() if progress.storing else None)

    assert "acme/of-another-run.webm" in place.published()


def test_a_file_that_left_the_bucket_is_sent_again(place: Place) -> None:
    place.fill()
    place.ingest()
    place.s3.delete_object(Bucket=BUCKET, Key="acme/tour.webm")

    report = place.ingest()

    assert (actions(report)["tour.webm"], report.uploaded) == ("changed", 1)


def test_a_missing_folder_and_a_missing_bucket_are_said_at_once(place: Place) -> None:
    place.folder.rmdir()
    with pytest.raises(InvalidInput, match="no such folder"):
        place.ingest()

    place.folder.mkdir()
    place.s3.delete_bucket(Bucket=BUCKET)
    with pytest.raises(VendorError, match="bucket 'media'"):
        place.ingest()


def test_ids_last_as_long_as_place_and_words_do(place: Place) -> None:
    write(place.folder / "page.md", "# One\n\nSame.\n\n# Two\n\nSame.\n\nSame.\n\n# Three\n\nOld.")
    place.ingest()
    before = {hit.chunk.chunk_id for hit in place.index.search(ACME, ask("same", place.letters))}
    write(place.folder / "page.md", "# One\n\nSame.\n\n# Two\n\nSame.\n\nSame.\n\n# Three\n\nNew.")

    place.ingest()

    after = {hit.chunk.chunk_id for hit in place.index.search(ACME, ask("same", place.letters))}
    assert len(before) == len(after) == 3
    assert len(before & after) == 2


# Tavus


def test_sources_for_tavus_are_registered_and_mirrored(place: Place) -> None:
    place.fill()
    documents = Documents()

    place.ingest(documents=documents)

    assert list(documents.known.values()) == [
        ("The guide", "https://sdr.example/media/acme/guide.html", ("acme", "sales"))
    ]
    mirrored = place.index.search(ACME, ask("Acme", place.letters, limit=50, origin="tavus"))
    assert {hit.chunk.source_id for hit in mirrored} == {"guide.md"}


def test_an_unchanged_source_is_not_registered_again(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)

    place.ingest(documents=documents)

    assert documents.log == ["register d0"]


def test_a_changed_source_is_registered_anew_and_replaces_the_old_one(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)
    write(place.folder / "guide.md", f"{GUIDE}\nMore.")

    place.ingest(documents=documents)

    assert documents.log == ["register d0", "register d1 for d0"]
    assert list(documents.known) == ["d1"]


def test_other_tags_are_registered_too(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)

    place.ingest(documents=documents, company=COMPANY.model_copy(update={"tavus_document_tags": ("new",)}))

    assert [tags for _, _, tags in documents.known.values()] == [("new", "sales")]


def test_a_source_that_is_gone_or_no_longer_meant_for_tavus_is_forgotten_there(place: Place) -> None:
    documents = Documents()
    for name in ("gone.md", "private.md"):
        write(place.folder / name, "---\ntavus: true\n---\ntext")
    place.ingest(documents=documents)
    (place.folder / "gone.md").unlink()
    write(place.folder / "private.md", "---\ntavus: false\n---\ntext")

    place.ingest(documents=documents)

    assert documents.known == {}


def test_a_refusing_tavus_is_reported_and_asked_again_next_time(place: Place) -> None:
    place.fill()
    documents = Documents()
    documents.refusing = True

    report = place.ingest(documents=documents)

    (failure,) = report.failed
    assert (failure.source_id, failure.reason) == (
        "guide.md",
        "indexed, but not registered at Tavus: Tavus cannot be reached",
    )
    assert "A second heading of the same name." in place.found("A second heading of the same name.")
    documents.refusing = False
    assert not place.ingest(documents=documents).failed
    assert len(documents.known) == 1


def test_what_tavus_failed_to_read_or_lost_is_registered_again(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)
    documents.failed = {"d0"}

    place.ingest(documents=documents)
    documents.known.clear()
    place.ingest(documents=documents)

    assert documents.log == ["register d0", "register d1 for d0", "register d2 for d1"]


def test_a_document_that_no_source_refers_to_is_forgotten_there(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)
    documents.register(ACME, "Left behind", "https://sdr.example/media/acme/old.html", ())

    place.ingest(documents=documents)

    assert list(documents.known) == ["d0"]


@pytest.mark.parametrize(
    ("name", "front_matter", "told"),
    [
        ("preise.md", "tavus: true\nlanguage: de", "it reads English only, and this is in 'de'"),
        ("long.md", "tavus: true", "it takes at most 50 MB"),
    ],
)
def test_what_tavus_cannot_take_is_kept_to_ourselves_and_told(
    place: Place, monkeypatch: pytest.MonkeyPatch, name: str, front_matter: str, told: str
) -> None:
    if name == "long.md":
        monkeypatch.setattr("aisdr.ingest.tavus_limits.LARGEST", 10)
    write(place.folder / name, f"---\n{front_matter}\n---\n# Prices\n\nThe prices of today.")
    documents = Documents()

    report = place.ingest(documents=documents)

    assert documents.known == {}
    assert any(told in remark for remark in report.outcomes[0].remarks)
    assert place.found("prices of today")
    assert place.index.search(ACME, ask("prices of today", place.letters, origin="tavus")) == []


def test_while_tavus_is_away_what_has_not_changed_is_left_alone(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)
    documents.refusing = True

    report = place.ingest(documents=documents)

    assert actions(report)["guide.md"] == "unchanged"


def test_sources_wait_for_a_tavus_key(place: Place) -> None:
    place.fill()
    place.ingest()
    documents = Documents()

    place.ingest(documents=documents)

    assert len(documents.known) == 1


def test_a_change_made_without_a_key_is_registered_when_there_is_one(place: Place) -> None:
    place.fill()
    documents = Documents()
    place.ingest(documents=documents)
    write(place.folder / "guide.md", f"{GUIDE}\nMore.")
    place.ingest()

    place.ingest(documents=documents)

    assert list(documents.known) == ["d1"]


def test_what_is_internal_or_has_expired_is_kept_back_and_taken_out(place: Place) -> None:
    write(place.folder / "open.md", "# Open\n\nFor all.")
    write(place.folder / "memo.md", "# Memo\n\nThe walk-away price is 30.")
    write(place.folder / "offer.md", "# Offer\n\nHalf price in May.")
    place.ingest()
    write(place.folder / "memo.md", "---\nvisibility: internal\n---\n# Memo\n\nThe walk-away price is 30.")
    write(place.folder / "offer.toml", "expires = 2020-05-31")

    report = place.ingest()

    assert {each.source_id: each.reason for each in report.outcomes if each.action == "skipped"} == {
        "memo.md": "it is internal: for the company's own people",
        "offer.md": "it expired on 2020-05-31",
    }
    assert [record.source_id for record in place.index.sources(ACME)] == ["open.md"]
    assert set(place.published()) == {"acme/open.html"}


def test_what_could_not_be_taken_out_is_told_and_taken_out_next_time(place: Place) -> None:
    documents = Documents()
    write(place.folder / "memo.md", "---\ntavus: true\n---\n# Memo\n\nThe walk-away price is 30.")
    place.ingest(documents=documents)
    write(place.folder / "memo.toml", 'visibility = "internal"')
    documents.refusing = True

    (told,) = place.ingest(documents=documents).outcomes
    documents.refusing = False
    (then,) = place.ingest(documents=documents).outcomes

    assert (told.action, told.again) == ("failed", True)
    assert "for the company's own people, but not removed: Tavus cannot be reached" in told.reason
    assert then.action == "skipped"
    assert place.index.sources(ACME) == []


def test_labels_for_a_file_that_is_not_there_are_told(place: Place) -> None:
    write(place.folder / "memos/prices.md", "# Prices\n\nThe walk-away price is 30.")
    write(place.folder / "memos/meta.toml", '["pirces.md"]\nvisibility = "internal"\n["prices.md"]\ntags = ["sales"]')

    report = place.ingest()

    assert report.remarks == ("meta.toml speaks of files that are not there, so nothing is labelled: memos/pirces.md",)


def test_the_same_file_twice_is_read_and_stored_once(place: Place) -> None:
    write(place.folder / "a/terms.md", "# Terms\n\nNotice is 30 days.")
    write(place.folder / "b/terms.md", "# Terms\n\nNotice is 30 days.")
    write(place.folder / "c/terms.md", "---\ntags: [old]\n---\n# Terms\n\nNotice is 30 days.")

    report = place.ingest()

    assert actions(report) == {"a/terms.md": "added", "b/terms.md": "skipped", "c/terms.md": "added"}
    assert report.outcomes[1].reason == "it is the same as a/terms.md"
    assert [(each.first, each.second) for each in report.near_duplicates] == [("a/terms.md", "c/terms.md")]


def test_the_same_words_with_other_pictures_are_another_source(place: Place) -> None:
    for folder, size in (("a", (64, 40)), ("b", (80, 50))):
        draw(place.folder / folder / "board.png", size)
        write(place.folder / folder / "page.md", "# Board\n\n![The board of this plant](board.png)")

    place.ingest()

    shown = [each.media for name in "ab" for each in place.index.chunks(ACME, f"{name}/page.md")]
    assert [(media.url, media.width) for media in shown if media] == [
        ("/media/acme/a/board.png", 64),
        ("/media/acme/b/board.png", 80),
    ]


def test_two_sources_are_not_opened_at_the_same_page(place: Place) -> None:
    write(place.folder / "guide.html", "<main><h1>Guide</h1><p>Press the green button.</p></main>")
    first = place.ingest()
    write(place.folder / "guide.md", "# Guide\n\nPress the red button.")

    second = place.ingest()

    assert actions(first) == {"guide.html": "added"}
    assert {each.source_id: each.reason for each in second.failed} == {
        "guide.md": "it would be opened at guide.html, as guide.html is: rename one of them"
    }
    (place.folder / "guide.html").unlink()
    assert actions(place.ingest()) == {"guide.html": "removed", "guide.md": "added"}
    assert set(place.published()) == {"acme/guide.html"}


def test_only_what_was_asked_for_is_looked_at(place: Place) -> None:
    place.fill()
    place.ingest()
    (place.folder / "deck.pdf").unlink()
    write(place.folder / "guide.md", f"{GUIDE}\nMore.")
    write(place.folder / "new.md", "# New\n\nText.")

    report = place.ingest(only=("guide*", "new.md"))

    assert actions(report) == {"guide.md": "changed", "new.md": "added"}
    assert "deck.pdf" in {record.source_id for record in place.index.sources(ACME)}


def test_what_another_origin_brought_stays(place: Place) -> None:
    page = chunk("Pages are ours, too.", source="https://acme.example/about")
    vectors = place.letters.embed_passages([page.searchable_text])
    place.index.replace_source(ACME, SourceRecord("https://acme.example/about", "hash", 1), [page], vectors)
    write(place.folder / "page.md", "# Page\n\nText.")

    report = place.ingest()

    assert actions(report) == {"page.md": "added"}
    assert len(place.index.sources(ACME)) == 2


def test_a_run_that_is_stopped_says_so_and_the_next_one_goes_on(place: Place) -> None:
    for number in range(8):
        write(place.folder / f"page-{number}.md", f"# Page {number}\n\nThis is page {number}.")

    def stop_after_three(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    stopped = place.ingest(told=stop_after_three)
    rest = place.ingest()

    assert stopped.stopped
    assert stopped.actions["added"] == 3
    assert not rest.stopped
    assert rest.actions == {"unchanged": 3, "added": 5}


def test_what_a_killed_run_left_in_the_bucket_goes_with_the_next_one(place: Place) -> None:
    place.fill()
    place.ingest()
    place.s3.put_object(Bucket=BUCKET, Key="acme/made/orphan.webp", Body=b"", ContentType="image/webp")
    place.s3.put_object(Bucket=BUCKET, Key="acme-two/page.html", Body=b"", ContentType="text/html")

    place.ingest()

    assert "acme/made/orphan.webp" not in place.published()
    assert "acme-two/page.html" in place.published()


def test_progress_tells_what_is_done_of_how_much(place: Place) -> None:
    place.fill()
    seen: list[tuple[int, int | None, int]] = []

    place.ingest(told=lambda progress: seen.append((progress.done, progress.expected, progress.chunks)))

    assert seen[-1] == (5, 5, 9)
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)


def test_of_a_large_source_it_is_told_how_much_is_embedded(place: Place) -> None:
    sections = "\n\n".join(f"## Part {number}\n\nThe code of part {number} is {number * 7}." for number in range(600))
    write(place.folder / "manual.md", f"# Manual\n\n{sections}")
    seen: list[tuple[int, int]] = []

    place.ingest(told=lambda progress: seen.append(progress.embedding))

    assert [each for each in dict.fromkeys(seen) if each[1]] == [(0, 600), (256, 600), (512, 600)]
    assert len(place.index.chunks(ACME, "manual.md")) == 600


def test_chunks_know_the_version_of_their_source(place: Place) -> None:
    write(place.folder / "page.md", "# Page\n\nText.")
    place.ingest()
    [before], [record] = place.index.chunks(ACME, "page.md"), place.index.sources(ACME)
    write(place.folder / "page.md", "# Page\n\nText.\n\n## More\n\nWords.")
    place.ingest()

    after = {each.text: each for each in place.index.chunks(ACME, "page.md")}

    assert record.content_hash.startswith(before.source_version)
    assert after["Text."].chunk_id == before.chunk_id
    assert after["Text."].source_version != before.source_version


def test_what_a_folder_only_links_to_and_what_has_no_address_are_told(place: Place, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/margins.md", "# Margins\n\nOurs are high.")
    (place.folder / "linked").symlink_to(tmp_path / "elsewhere")
    write(place.folder / "prices.md", "# Prices\n\nTen euros.")
    (place.folder / "b\udcfccher.md").write_text("# Books")

    report = place.ingest()

    assert actions(report) == {"prices.md": "added", r"b\udcfccher.md": "failed"}
    assert "not UTF-8" in report.failed[0].reason
    assert report.remarks == ("links to elsewhere are not followed, copy what is meant: linked",)
