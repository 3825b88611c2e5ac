"""The state of a company's file: it tells every change, and nothing about a file that has just changed."""

import os
import time
from pathlib import Path

import pytest

from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.file_state import SETTLED_SECONDS, state_of
from tests.chunks import ACME, LetterCounts, ask, chunk, store, texts

LONG_AGO = time.time() - 60


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "acme.sqlite3"
    file.write_bytes(b"what stood there")
    os.utime(file, (LONG_AGO, LONG_AGO))
    return file


def test_a_file_that_nobody_wrote_to_is_in_the_same_state(file: Path) -> None:
    assert state_of(file) is not None
    assert state_of(file) == state_of(file)


def test_a_file_that_has_just_changed_tells_nothing(file: Path) -> None:
    os.utime(file)

    assert state_of(file) is None


def test_no_file_has_no_state(tmp_path: Path) -> None:
    assert state_of(tmp_path / "never.sqlite3") is None


def test_another_size_time_or_file_of_the_same_name_is_another_state(file: Path) -> None:
    before = state_of(file)

    file.write_bytes(b"more than what stood there")
    os.utime(file, (LONG_AGO, LONG_AGO))
    longer = state_of(file)
    os.utime(file, (LONG_AGO, LONG_AGO + 1))
    later = state_of(file)
    copy = file.with_name("copy")
    copy.write_bytes(file.read_bytes())
    os.utime(copy, (LONG_AGO, LONG_AGO + 1))
    copy.replace(file)
    replaced = state_of(file)

    assert len({before, longer, later, replaced}) == 4


def test_what_is_only_in_the_log_is_another_state_and_an_empty_log_is_none(file: Path) -> None:
    before = state_of(file)
    log = file.with_name(f"{file.name}-wal")

    log.touch()
    assert state_of(file) == before
    log.write_bytes(b"written, and not in the file yet")
    assert state_of(file) is None
    os.utime(log, (LONG_AGO, LONG_AGO))
    assert state_of(file) not in (None, before)


@pytest.mark.slow
def test_a_change_is_noticed_after_the_file_was_left_alone_for_a_while(tmp_path: Path) -> None:
    letters = LetterCounts()
    ours, theirs = EmbeddedIndex(tmp_path, letters.space), EmbeddedIndex(tmp_path, letters.space)
    store(theirs, letters, ACME, chunk("prices"))
    time.sleep(SETTLED_SECONDS + 0.1)
    before, version = ours.search(ACME, ask("prices", letters)), ours.version(ACME)
    assert (texts(ours.search(ACME, ask("prices", letters))), ours.version(ACME)) == (texts(before), version)

    store(theirs, letters, ACME, chunk("costs"))

    assert texts(ours.search(ACME, ask("costs", letters))) == ["costs"]
    assert ours.version(ACME) == theirs.version(ACME) != version
    theirs.remove_company(ACME)
    assert ours.search(ACME, ask("costs", letters)) == []
    assert ours.version(ACME) == ""
