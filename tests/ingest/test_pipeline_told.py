"""What an ingestion tells whoever started it: what it kept back, met twice, could not reach, and how far it is."""

from pathlib import Path

import pytest

from aisdr.errors import InvalidInput, VendorError
from tests.chunks import ACME
from tests.ingest.material import draw, write
from tests.ingest.pipeline import BUCKET, Place, actions, place, readers

__all__ = ["place", "readers"]
pytestmark = pytest.mark.slow


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


def test_a_missing_folder_and_a_missing_bucket_are_said_at_once(place: Place) -> None:
    place.folder.rmdir()
    with pytest.raises(InvalidInput, match="no such folder"):
        place.ingest()

    place.folder.mkdir()
    place.s3.delete_bucket(Bucket=BUCKET)
    with pytest.raises(VendorError, match="bucket 'media'"):
        place.ingest()


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
