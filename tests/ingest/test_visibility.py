"""Sources for visitors only: they stand where addresses need a signature, and are found and shown like all others."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aisdr.index.base import Place as IndexPlace
from aisdr.index.embedded import EmbeddedIndex
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.report import IngestReport
from aisdr.media_links import MediaLinks
from aisdr.secret import Keys
from tests.chunks import ACME, LetterCounts, ask
from tests.ingest.material import CAPTIONS, draw, film, write
from tests.ingest.pipeline import BUCKET, COMPANY, Documents
from tests.media_keys import check, media_keys

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

HERE = "https://sdr.example"
PRICES = "---\n{labels}\n---\n# Prices\n\nThe prices of today."


class Scene:
    """A folder and where it goes to."""

    def __init__(self, tmp_path: Path, s3: "S3Client", keys: str) -> None:
        self.folder = tmp_path / "knowledge"
        self.letters = LetterCounts()
        self.index = EmbeddedIndex(tmp_path / "index", self.letters.space)
        self.documents = Documents()
        self._s3 = s3
        self._media = MediaLibrary(s3, BUCKET, MediaLinks(HERE, Keys(keys)))

    def ingest(self) -> IngestReport:
        place = IndexPlace(self.index, self.letters)
        ingestion = Ingestion(lambda _: place, self._media, public_url=HERE, documents=self.documents)
        return ingestion.run(COMPANY, Folder(self.folder))

    def objects(self) -> set[str]:
        return {each["Key"] for each in self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}

    def addresses(self) -> set[str]:
        hits = self.index.search(ACME, ask("prices and everything else", self.letters, limit=50))
        media = [hit.chunk.media for hit in hits if hit.chunk.media]
        found = [hit.chunk.url for hit in hits]
        found += [url for each in media for url in (each.url, each.poster, each.captions_url) if url]
        return {url.partition("#")[0] for url in found}


@pytest.fixture
def scene(tmp_path: Path, clients: tuple["DynamoDBClient", "S3Client"], aws: object) -> Scene:
    return Scene(tmp_path, clients[1], media_keys())


def test_all_that_is_published_of_a_source_for_visitors_is_private(scene: Scene) -> None:
    write(scene.folder / "meta.toml", 'visibility = "visitors"')
    write(scene.folder / "prices.md", PRICES.format(labels="title: Prices"))
    draw(scene.folder / "board.png")
    write(scene.folder / "board.caption.md", "The board.")
    film(scene.folder / "tour.webm")
    write(scene.folder / "tour.vtt", CAPTIONS)

    assert not scene.ingest().failed

    assert {key.split("/")[0] for key in scene.objects()} == {"_private"}
    assert len(scene.addresses()) >= 4
    assert all(url.startswith("/media/_private/acme/") for url in scene.addresses())
    assert not any("Signature" in url for url in scene.addresses())
    assert {f"/media/{key}" for key in scene.objects()} == scene.addresses()


def test_a_source_may_say_in_its_first_lines_who_may_see_it(scene: Scene) -> None:
    write(scene.folder / "prices.md", PRICES.format(labels="visibility: visitors"))
    write(scene.folder / "terms.md", "# Terms\n\nA year.")

    scene.ingest()

    assert scene.objects() == {"_private/acme/prices.html", "acme/terms.html"}


def test_a_source_that_changes_its_readers_leaves_nothing_where_it_was(scene: Scene) -> None:
    for labels, left in (
        ("title: Prices", {"acme/prices.html"}),
        ("visibility: visitors", {"_private/acme/prices.html"}),
        ("visibility: public", {"acme/prices.html"}),
        ("visibility: internal", set()),
    ):
        write(scene.folder / "prices.md", PRICES.format(labels=labels))

        scene.ingest()

        assert scene.objects() == left


def test_nothing_is_done_twice_to_what_has_not_changed(scene: Scene) -> None:
    write(scene.folder / "prices.md", PRICES.format(labels="visibility: visitors"))
    scene.ingest()

    again = scene.ingest()

    assert (again.embedded, again.uploaded, dict(again.actions)) == (0, 0, {"unchanged": 1})


def test_tavus_gets_an_address_that_it_can_open_for_a_day(scene: Scene) -> None:
    write(scene.folder / "prices.md", PRICES.format(labels="visibility: visitors\ntavus: true"))

    scene.ingest()

    ((_, url, _),) = scene.documents.known.values()
    assert url.startswith(f"{HERE}/media/_private/acme/prices.html?Expires=")
    check(url)


def test_without_a_key_a_source_for_visitors_fails_and_says_what_is_missing(
    tmp_path: Path, clients: tuple["DynamoDBClient", "S3Client"], aws: object
) -> None:
    scene = Scene(tmp_path, clients[1], "")
    write(scene.folder / "prices.md", PRICES.format(labels="visibility: visitors"))
    write(scene.folder / "terms.md", "# Terms\n\nA year.")

    report = scene.ingest()

    (failure,) = report.failed
    assert failure.source_id == "prices.md"
    assert "AISDR_MEDIA_KEYS" in failure.reason
    assert scene.objects() == {"acme/terms.html"}
