"""Near-duplicates: what says the same is joined, what only sounds the same never is."""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import pytest

from aisdr.index.base import Chunk, Locator, Media
from aisdr.knowledge.duplicates import are_duplicates, cluster, say_the_same
from tests.chunks import chunk, picture

PAIRS = Path(__file__).parent.parent / "data" / "near-duplicates" / "pairs.jsonl.gz"


def judged() -> dict[tuple[str, str], list[bool]]:
    found: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    with gzip.open(PAIRS, "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            found[pair["label"], pair["kind"]].append(say_the_same(pair["first"], pair["second"]))
    return found


def test_different_passages_are_never_joined() -> None:
    wrong = {kind: sum(results) for (label, kind), results in judged().items() if label == "distinct"}

    assert len(wrong) == 5
    assert set(wrong.values()) == {0}


def test_most_variants_of_a_passage_are_joined() -> None:
    results = [result for (label, _), each in judged().items() if label == "duplicate" for result in each]

    assert sum(results) / len(results) >= 0.93


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The Team plan costs 49 euros per seat and month", "The Team plan costs 99 euros per seat and month"),
        ("The Team plan costs 1.5 euros an hour for each seat", "The Team plan costs 15 euros an hour for each seat"),
        ("Your plan is billed monthly and ends when you say", "Your plan is billed yearly and ends when you say"),
        ("Your data never leaves the European Union at all", "Your data leaves the European Union at all"),
        ("Connect Zoho by opening the settings with a key", "Connect Marketo by opening the settings with a key"),
        ("Backups are kept for two weeks in another region", "Backups are kept for 14 weeks in another region"),
    ],
)
def test_one_changed_fact_keeps_texts_apart(first: str, second: str) -> None:
    assert not say_the_same(first, second)
    assert not say_the_same(second, first)


def test_texts_too_short_to_compare_are_the_same_only_word_for_word() -> None:
    assert say_the_same("Free trial", "free  TRIAL!")
    assert not say_the_same("Free trial", "Free plan")
    assert say_the_same("", "")


def clip(start: float, end: float, url: str = "/tour.webm") -> Chunk:
    media = Media(kind="clip", url=url)
    return chunk("the same words in each", modality="video", media=media, locator=Locator(start=start, end=end))


def with_own_id(each: Chunk, name: str) -> Chunk:
    return each.model_copy(update={"chunk_id": name})


def test_media_are_the_same_only_at_the_same_place() -> None:
    first = with_own_id(clip(0, 20), "a")

    assert are_duplicates(first, with_own_id(clip(15, 30), "b"))
    assert not are_duplicates(first, with_own_id(clip(20, 40), "b"))
    assert not are_duplicates(first, with_own_id(clip(0, 20, url="/other.webm"), "b"))


def test_a_picture_is_no_duplicate_of_the_text_that_describes_it() -> None:
    words = "The dashboard shows revenue by month and region"

    assert not are_duplicates(picture(words), chunk(words))


def test_clusters_keep_the_order_of_first_appearance() -> None:
    passage = "Our support team answers within four hours on every working day"
    chunks = [
        chunk(text, source=f"{n}.md") for n, text in enumerate(["Something else", passage, f"{passage}.", "More"])
    ]

    assert cluster(chunks) == [[0], [1, 2], [3]]
