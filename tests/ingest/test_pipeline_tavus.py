"""What the pipeline registers at Tavus, takes back, and asks for again after a failure."""

import pytest

from tests.chunks import ACME, ask
from tests.ingest.material import GUIDE, write
from tests.ingest.pipeline import COMPANY, Documents, Place, actions, place, readers

__all__ = ["place", "readers"]
pytestmark = pytest.mark.slow


def test_a_dry_run_puts_nothing_right_at_tavus(place: Place) -> None:
    documents = Documents()
    write(place.folder / "guide.md", f"---\ntavus: true\n---\n{GUIDE}")
    place.ingest(documents=documents)
    looked = documents.looked

    report = place.ingest(documents=documents, dry_run=True)

    assert actions(report) == {"guide.md": "unchanged"}
    assert documents.looked == looked


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
