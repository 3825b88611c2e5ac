"""A second run: what has not changed costs nothing, and what was lost, killed or stopped is put right."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from aisdr.errors import Conflict
from aisdr.index.base import SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.ingest.lease import Leases
from aisdr.ingest.run import Progress
from aisdr.tenant import TenantScope
from tests.chunks import ACME, chunk
from tests.ingest.material import GUIDE, draw, write
from tests.ingest.pipeline import BUCKET, Place, actions, place, readers

__all__ = ["place", "readers"]
pytestmark = pytest.mark.slow


class Losing(Leases):
    """A lease that is somebody else's as soon as `lost` is set."""

    def __init__(self) -> None:
        self.lost = threading.Event()

    @contextmanager
    def held(self, scope: TenantScope, seconds: float = 0) -> Iterator[threading.Event]:
        yield self.lost


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
