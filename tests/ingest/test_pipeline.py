"""A folder becomes an index and published files, and both follow what leaves it."""

from tests.chunks import ACME, GLOBEX, ask
from tests.ingest.material import write
from tests.ingest.pipeline import BUCKET, COMPANY, Place, actions, place, readers

__all__ = ["place", "readers"]


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


def test_ids_last_as_long_as_place_and_words_do(place: Place) -> None:
    write(place.folder / "page.md", "# One\n\nSame.\n\n# Two\n\nSame.\n\nSame.\n\n# Three\n\nOld.")
    place.ingest()
    before = {hit.chunk.chunk_id for hit in place.index.search(ACME, ask("same", place.letters))}
    write(place.folder / "page.md", "# One\n\nSame.\n\n# Two\n\nSame.\n\nSame.\n\n# Three\n\nNew.")

    place.ingest()

    after = {hit.chunk.chunk_id for hit in place.index.search(ACME, ask("same", place.letters))}
    assert len(before) == len(after) == 3
    assert len(before & after) == 2
