"""Where a company has a picture embedder, a picture is found by what it shows, whatever is written beside it."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from aisdr.index.base import IndexQuery, Place, SearchHit, SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.report import IngestReport
from tests.chunks import ACME, LetterCounts
from tests.colours import MeanColour, plain
from tests.ingest.material import CAPTIONS, film, print_pdf, write
from tests.ingest.pipeline import BUCKET, COMPANY

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

ENGINES = ["embedded", pytest.param("opensearch", marks=pytest.mark.slow)]


class Gallery:
    """A knowledge folder, and where what is in it gets to."""

    def __init__(self, folder: Path, index: SearchIndex, letters: LetterCounts, media: MediaLibrary) -> None:
        self.folder = folder
        self.colours = MeanColour()
        self.place = Place(index, letters, self.colours)
        self._media = media

    def hang(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def ingest(self) -> IngestReport:
        return Ingestion(lambda _: self.place, self._media, public_url="https://sdr.example").run(
            COMPANY, Folder(self.folder)
        )

    def found(self, colour: str) -> SearchHit:
        """The best hit for a colour, of which no caption and no name says a word."""
        vector = self.place.embedder.embed_question("q")
        seen = self.colours.embed_question(colour)
        return self.place.index.search(ACME, IndexQuery("q", vector, 1, picture_vector=seen))[0]


@pytest.fixture(params=ENGINES)
def gallery(
    request: pytest.FixtureRequest, tmp_path: Path, clients: tuple["DynamoDBClient", "S3Client"], aws: object
) -> Gallery:
    letters = LetterCounts()
    index: SearchIndex
    if request.param == "embedded":
        index = EmbeddedIndex(tmp_path / "index", letters.space, MeanColour.space)
    else:
        index = OpenSearchIndex(client(request.getfixturevalue("node"), "", None), letters.space, MeanColour.space)
        index.remove_company(ACME)
    (tmp_path / "knowledge").mkdir()
    return Gallery(tmp_path / "knowledge", index, letters, MediaLibrary(clients[1], BUCKET))


def cut_off() -> bytes:
    """A picture of which only the head is whole, which is all that a reader looks at."""
    file = BytesIO()
    Image.effect_noise((200, 200), 80).save(file, "JPEG")
    return file.getvalue()[: len(file.getvalue()) // 2]


def test_a_picture_without_a_caption_is_found_by_what_it_shows(gallery: Gallery) -> None:
    for number, colour in enumerate(("red", "green", "blue")):
        gallery.hang(f"halls/p {number}.png", plain(colour))

    report = gallery.ingest()

    assert [outcome.action for outcome in report.outcomes] == ["added"] * 3
    assert [gallery.found(colour).chunk.source_id for colour in ("green", "blue", "red")] == [
        "halls/p 1.png",
        "halls/p 2.png",
        "halls/p 0.png",
    ]
    assert gallery.found("red").meaning > 0.95


def test_slides_posters_and_pictures_of_a_page_are_seen_too(gallery: Gallery) -> None:
    gallery.hang("shop.jpg", plain("green", "JPEG"))
    write(gallery.folder / "page.md", "# Hall\n\nIt opens at eight.\n\n![](shop.jpg)")
    film(gallery.folder / "tour.webm")
    write(gallery.folder / "tour.vtt", CAPTIONS)
    gallery.hang("tour.poster.png", plain("blue"))
    print_pdf(gallery.folder / "deck.pdf", "", "Numbers", wide=True)  # white, and the first of them without a word

    gallery.ingest()

    green, blue, white = (gallery.found(words).chunk for words in ("green", "blue", "red green blue"))
    assert (green.modality, green.media and green.media.url) == ("image", "/media/acme/shop.jpg")
    assert (blue.modality, blue.media and blue.media.poster) == ("video", "/media/acme/tour.poster.png")
    assert (white.modality, white.source_id) == ("slide", "deck.pdf")
    assert gallery.colours.seen == 5  # a poster once, although two pieces of the clip show it; the shop twice
    assert gallery.ingest().actions == {"unchanged": 4}
    assert gallery.colours.seen == 5


def test_a_picture_that_cannot_be_looked_at_is_named_and_the_others_are_seen(gallery: Gallery) -> None:
    gallery.hang("a.png", plain("red"))
    write(gallery.folder / "page.md", "# Hall\n\n![one](a.png)\n\n![two](b.jpg)\n\n![three](c.gif)")
    gallery.hang("b.jpg", cut_off())
    gallery.hang("c.gif", plain("green", "GIF"))
    write(gallery.folder / "c.caption.md", "Something green.")

    remarks = {outcome.source_id: outcome.remarks for outcome in gallery.ingest().outcomes}

    assert remarks["page.md"] == (
        "b.jpg is found by its caption only: A picture cannot be read, so it was not embedded",
    )
    assert remarks["c.gif"] == ()
    assert gallery.found("red").meaning > 0.95


def test_without_an_embedder_for_them_no_picture_is_looked_at(gallery: Gallery) -> None:
    gallery.hang("a.png", plain("red"))
    write(gallery.folder / "a.caption.md", "A red picture.")
    gallery.place = Place(gallery.place.index, gallery.place.embedder)

    assert gallery.ingest().actions == {"added": 1}
    assert gallery.colours.seen == 0
