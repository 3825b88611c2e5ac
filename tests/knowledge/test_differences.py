"""Differing runs: whatever two texts share is taken away, wherever their ends were cut."""

import pytest

from aisdr.knowledge.differences import differing

PASSAGE = "The Team plan costs 49 euros per seat and month and may be cancelled at any time"


def told(one: str, other: str) -> list[tuple[str, str]]:
    """The runs that are not empty on both sides."""
    runs = ((" ".join(left), " ".join(right)) for left, right in differing(one.split(), other.split()))
    return [run for run in runs if any(run)]


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        (PASSAGE, []),
        (PASSAGE.upper(), []),
        (PASSAGE.replace("49", "99"), [("49", "99")]),
        (PASSAGE.replace("49", "99").replace("month", "year"), [("49", "99"), ("month", "year")]),
        (f"Read this first: {PASSAGE}", [("", "Read this first:")]),
        (f"{PASSAGE} or so", [("", "or so")]),
        (PASSAGE.removeprefix("The Team plan "), [("The Team plan", "")]),
        (PASSAGE.removeprefix("The Team plan ") + " by mail", [("The Team plan", ""), ("", "by mail")]),
        (PASSAGE.replace("may be", "may not be"), [("", "not")]),
        ("", [(PASSAGE, "")]),
    ],
)
def test_only_what_differs_is_told(other: str, runs: list[tuple[str, str]]) -> None:
    assert told(PASSAGE, other) == runs
    assert told(other, PASSAGE) == [(right, left) for left, right in runs]


def test_words_come_back_as_they_are_written() -> None:
    assert told("Connect ZOHO by its key", "Connect Marketo by its key") == [("ZOHO", "Marketo")]


def test_a_word_that_comes_again_does_not_hide_the_beginning() -> None:
    assert told("the the the plan costs more", "the plan costs more") == [("the the", "")]
