"""Which chunks of a whole corpus say nearly the same."""

from pathlib import Path

import pytest

from aisdr.index.base import SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.knowledge.near_duplicates import TRIGRAMS, near_duplicates, packed_sketches
from tests.chunks import ACME, LetterCounts, chunk

TERMS = (
    "You may end the contract at the end of each month. Notice is thirty days, in writing, to our office. "
    "Whatever you paid in advance for a later month is paid back within fourteen days."
)
LONGER = f"Good to know. {TERMS} Ask your account manager when you are not sure."
CHANGED = TERMS.replace("thirty", "ninety")
OTHER = "Our sensors measure the temperature of a cold room every minute and keep it for two years in the cloud."


@pytest.fixture
def index(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path, LetterCounts().space)


def keep(index: EmbeddedIndex, **texts: str) -> None:
    letters = LetterCounts()
    for source_id, text in texts.items():
        chunks = [chunk(text, source=source_id)]
        record = SourceRecord(source_id, "hash", 1, extra={TRIGRAMS: packed_sketches(chunks)})
        index.replace_source(ACME, record, chunks, letters.embed_passages([each.searchable_text for each in chunks]))


def pairs(index: EmbeddedIndex) -> list[tuple[str, str]]:
    return [(each.first, each.second) for each in near_duplicates(ACME, index, index.sources(ACME))]


def test_what_two_sources_both_say_is_a_pair(index: EmbeddedIndex) -> None:
    keep(index, handbook=LONGER, sensors=OTHER, terms=TERMS)

    [pair] = near_duplicates(ACME, index, index.sources(ACME))

    assert (pair.first, pair.second) == ("handbook", "terms")
    assert pair.text.startswith("Good to know. You may end")


def test_another_value_is_no_duplicate(index: EmbeddedIndex) -> None:
    keep(index, new=CHANGED.replace("ninety", "90"), old=TERMS.replace("thirty", "30"), sensors=OTHER)

    assert pairs(index) == []


def test_what_everybody_says_is_a_footer_and_is_told_of_nobody(index: EmbeddedIndex) -> None:
    keep(index, **{f"page{number:02}": f"{TERMS}" for number in range(45)})

    assert pairs(index) == []


def test_short_texts_are_compared_too(index: EmbeddedIndex) -> None:
    keep(index, one="Support answers within two hours.", two="Support answers within two hours.", three="Hello there.")

    assert pairs(index) == [("one", "two")]


@pytest.mark.slow
def test_sketches_are_the_same_in_every_process() -> None:
    import subprocess
    import sys

    program = (
        "from tests.chunks import chunk; from aisdr.knowledge.near_duplicates import packed_sketches;"
        f"print(packed_sketches([chunk({TERMS!r})]))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin", "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert told == {packed_sketches([chunk(TERMS)]) + "\n"}
