"""A prefix of a bucket is a folder: the same sources, each with what belongs to it, and nothing fetched twice."""

import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aisdr.errors import VendorError
from aisdr.index.base import SourceRecord
from aisdr.ingest.fingerprint import COMPANIONS
from aisdr.ingest.kinds import sources_in
from aisdr.ingest.origins.base import Failed, Finding, Found, Gone, Unchanged
from aisdr.ingest.origins.bucket import Bucket
from aisdr.ingest.origins.folder import Folder
from tests.conftest import KNOWLEDGE
from tests.ingest.material import CAPTIONS, GUIDE, write

PREFIX = "acme/"
FILES = {
    "meta.toml": 'language = "de"',
    "guide.md": GUIDE,
    "pictures/board.png": "a picture",
    "pictures/board.caption.md": "Revenue by month",
    "tour/meta.toml": 'tags = ["tour"]',
    "tour/clip.webm": "a clip",
    "tour/clip.vtt": CAPTIONS,
    "tour/clip.poster.png": "its poster",
    "notes.xyz": "nobody reads this",
    ".hidden/secret.md": "# Not ours",
}


class Shelf:
    """The company's prefix as its people see it."""

    def __init__(self, s3: Any, spool: Path) -> None:
        self._s3 = s3
        self._spool = spool
        self.fetched: list[str] = []
        s3.meta.events.register("before-call.s3.GetObject", self._note, unique_id="shelf")

    def put(self, files: dict[str, str], prefix: str = PREFIX) -> None:
        for path, text in files.items():
            self._s3.put_object(Bucket=KNOWLEDGE, Key=prefix + path, Body=text.encode())

    def remove(self, path: str) -> None:
        self._s3.delete_object(Bucket=KNOWLEDGE, Key=PREFIX + path)

    def look(
        self, known: dict[str, SourceRecord] | None = None, touched: Collection[str] | None = None, **more: Any
    ) -> dict[str, Finding]:
        self.fetched.clear()
        origin = Bucket(self._s3, KNOWLEDGE, PREFIX, touched=touched, **more)
        found = list(origin.discover(known or {}, self._spool))
        assert len({each.source_id for each in found}) == len(found)
        return {each.source_id: each for each in found}

    def close(self) -> None:
        self._s3.meta.events.unregister("before-call.s3.GetObject", unique_id="shelf")

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.fetched.append(params["url_path"].partition(PREFIX)[2])


@pytest.fixture
def shelf(aws: Any, clients: tuple[Any, Any], tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(clients[1], tmp_path / "spool")
    yield shelf
    shelf.close()


def remembered(found: dict[str, Finding], companions: dict[str, list[str]] | None = None) -> dict[str, SourceRecord]:
    """What the index knows after everything that was found was read; `companions` as the readers named them."""
    return {
        source_id: SourceRecord(
            source_id, "hash", 1, extra={**each.extra, COMPANIONS: json.dumps((companions or {}).get(source_id, []))}
        )
        for source_id, each in found.items()
        if isinstance(each, Found)
    }


def kinds(found: dict[str, Finding]) -> dict[str, str]:
    return {source_id: type(each).__name__ for source_id, each in found.items()}


def test_its_sources_are_those_of_the_same_folder(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(FILES)
    for path, text in FILES.items():
        write(tmp_path / "folder" / path, text)

    found = shelf.look()

    in_folder = {path.relative_to(tmp_path / "folder").as_posix() for path in sources_in(tmp_path / "folder")}
    assert found.keys() == in_folder
    assert all(isinstance(each, Found) for each in found.values())


def test_a_source_comes_with_its_companions_its_labels_and_the_pictures_it_shows(shelf: Shelf) -> None:
    shelf.put(FILES)

    found = shelf.look()

    def there(source_id: str) -> set[str]:
        each = found[source_id]
        assert isinstance(each, Found)
        return {path.relative_to(each.root).as_posix() for path in each.root.rglob("*") if path.is_file()}

    assert there("tour/clip.webm") == {
        "meta.toml",
        "tour/meta.toml",
        "tour/clip.webm",
        "tour/clip.vtt",
        "tour/clip.poster.png",
    }
    assert there("guide.md") == {"meta.toml", "guide.md", "pictures/board.png"}


def test_nothing_is_fetched_that_is_as_it_was(shelf: Shelf) -> None:
    shelf.put(FILES)
    known = remembered(shelf.look())
    assert shelf.fetched

    found = shelf.look(known)

    assert set(kinds(found).values()) == {"Unchanged"}
    assert shelf.fetched == []


def test_what_is_to_be_read_again_in_any_case_is_fetched_though_it_be_as_it_was(shelf: Shelf) -> None:
    shelf.put(FILES)
    known = remembered(shelf.look())
    known["guide.md"] = replace(known["guide.md"], content_hash="")

    found = shelf.look(known)

    assert {source_id for source_id, each in found.items() if isinstance(each, Found)} == {"guide.md"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("tour/clip.vtt", {"tour/clip.webm"}),
        ("tour/clip.de.txt", {"tour/clip.de.txt"}),
        ("tour/meta.toml", {"tour/clip.webm"}),
        ("meta.toml", {"guide.md", "pictures/board.png", "tour/clip.webm", "notes.xyz"}),
        ("pictures/board.png", {"pictures/board.png", "guide.md"}),
        ("pictures/board.caption.md", {"pictures/board.png"}),
        ("tour/clip.toml", {"tour/clip.webm"}),
        (".hidden/other.md", set()),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_what_belongs_to_a_source_changes_it_whether_one_is_told_of_it_or_looks_at_all(
    shelf: Shelf, changed: str, again: set[str], told: bool
) -> None:
    shelf.put(FILES)
    known = remembered(shelf.look(), {"guide.md": ["pictures/board.png"]})
    shelf.put({changed: "something else"})

    found = shelf.look(known, touched=[changed] if told else None)

    assert {source_id for source_id, each in found.items() if isinstance(each, Found)} == again
    assert not {each for each in found.values() if isinstance(each, Gone | Failed)}


def test_a_picture_that_a_page_looked_for_in_vain_makes_it_read_again_when_it_comes(shelf: Shelf) -> None:
    shelf.put({"guide.md": GUIDE})
    known = remembered(shelf.look(), {"guide.md": ["pictures/board.png"]})
    assert isinstance(shelf.look(known)["guide.md"], Unchanged)
    shelf.put({"pictures/board.png": "a picture"})

    found = shelf.look(known, touched=["pictures/board.png"])

    assert isinstance(found["guide.md"], Found)


def test_what_is_gone_leaves_and_so_does_what_became_part_of_another_file(shelf: Shelf) -> None:
    shelf.put({"guide.md": GUIDE, "pictures/board.txt": "Words about a board"})
    known = remembered(shelf.look())
    shelf.remove("guide.md")
    shelf.put({"pictures/board.png": "a picture"})

    found = shelf.look(known, touched=["guide.md", "pictures/board.png"])

    assert kinds(found) == {"guide.md": "Gone", "pictures/board.txt": "Gone", "pictures/board.png": "Found"}


def test_a_companion_that_is_left_alone_is_a_source_of_its_own(shelf: Shelf) -> None:
    shelf.put({"board.txt": "Words about a board", "board.png": "a picture"})
    known = remembered(shelf.look())
    shelf.remove("board.png")

    found = shelf.look(known, touched=["board.png"])

    assert kinds(found) == {"board.png": "Gone", "board.txt": "Found"}


def test_who_is_told_of_one_file_looks_at_no_other(shelf: Shelf) -> None:
    shelf.put(FILES)

    found = shelf.look(touched=["guide.md"])

    assert kinds(found) == {"guide.md": "Found"}
    assert set(shelf.fetched) == {"guide.md", "meta.toml", "pictures/board.png"}


def test_an_object_that_came_and_went_is_nothing(shelf: Shelf) -> None:
    assert shelf.look(touched=["guide.md"]) == {}


def test_what_a_folder_brought_stays_though_the_bucket_has_it_not(shelf: Shelf) -> None:
    known = {"guide.md": SourceRecord("guide.md", "hash", 1)}

    assert shelf.look(known) == {}


def test_what_a_bucket_brought_stays_though_the_folder_has_it_not(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put({"guide.md": GUIDE})
    known = remembered(shelf.look()) | {"old.md": SourceRecord("old.md", "hash", 1)}
    write(tmp_path / "folder/new.md", GUIDE)

    found = Folder(tmp_path / "folder").discover(known, tmp_path)

    assert kinds({each.source_id: each for each in found}) == {"new.md": "Found", "old.md": "Gone"}


def test_another_companys_objects_are_not_seen(shelf: Shelf) -> None:
    shelf.put({"guide.md": GUIDE}, prefix="acme-too/")
    shelf.put({"guide.md": GUIDE}, prefix="globex/")

    assert shelf.look() == {}


@pytest.mark.parametrize("key", ["../evil.md", "/etc/passwd", "a//b.md", "./a.md", "a/../../b.md", "x" * 300 + ".md"])
def test_a_key_that_is_no_path_of_a_file_is_told_and_written_nowhere(shelf: Shelf, tmp_path: Path, key: str) -> None:
    before = set(tmp_path.rglob("*"))
    shelf.put({key: "# Evil"})

    found = shelf.look()

    assert kinds(found) == {key: "Failed"}
    assert set(tmp_path.rglob("*")) == before


def test_a_page_cannot_name_pictures_outside_of_the_prefix(shelf: Shelf) -> None:
    shelf.put({"secret.png": "another company's"}, prefix="globex/")
    shelf.put({"guide.md": "# Guide\n\n![One](../globex/secret.png) ![Two](/globex/secret.png)"})

    found = shelf.look()

    assert isinstance(found["guide.md"], Found)
    assert shelf.fetched == ["guide.md"]


def test_an_object_that_is_too_large_for_this_machine_is_not_fetched_and_waits_for_another(shelf: Shelf) -> None:
    shelf.put({"film.webm": "x" * 2000})

    found = shelf.look(largest=1000)

    assert isinstance(found["film.webm"], Failed)
    assert found["film.webm"].waits
    assert "too large for this machine" in found["film.webm"].reason
    assert shelf.fetched == []


def test_when_there_is_no_time_for_more_one_knows_what_is_left(
    shelf: Shelf, clients: tuple[Any, Any], tmp_path: Path
) -> None:
    shelf.put({"a.md": "# A", "b.md": "# B", "c.md": "# C"})
    answers = iter([True, False])
    origin = Bucket(clients[1], KNOWLEDGE, PREFIX, go_on=lambda: next(answers))

    found = list(origin.discover({}, tmp_path / "spool"))

    assert [each.source_id for each in found] == ["a.md"]
    assert origin.left == ["b.md", "c.md"]


def test_what_came_with_a_file_goes_when_the_file_was_read(
    shelf: Shelf, clients: tuple[Any, Any], tmp_path: Path
) -> None:
    shelf.put(FILES)
    spool, most = tmp_path / "spool", 0

    for found in Bucket(clients[1], KNOWLEDGE, PREFIX).discover({}, spool):
        assert isinstance(found, Found)
        most = max(most, sum(path.is_file() for path in spool.rglob("*")))
        found.path.unlink()  # as the pipeline does

    assert most == 5  # a clip with its captions, its poster and the labels of two folders


def test_a_bucket_that_is_not_there_is_a_failure_that_may_pass(
    clients: tuple[Any, Any], aws: Any, tmp_path: Path
) -> None:
    with pytest.raises(VendorError, match="s3://nowhere/acme/") as failure:
        list(Bucket(clients[1], "nowhere", PREFIX).discover({}, tmp_path))

    assert failure.value.retryable
