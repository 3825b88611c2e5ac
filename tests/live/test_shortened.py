"""A tool's result made shorter: what goes first, and that it takes few steps whatever a company's server answered."""

import json
from collections.abc import Mapping
from typing import Any

from aisdr.live.shortened import shortened


class Room:
    """For so many characters of JSON; it counts how often it was looked whether something fits."""

    def __init__(self, characters: int) -> None:
        self.characters = characters
        self.looks = 0

    def fits(self, result: Mapping[str, Any]) -> bool:
        self.looks += 1
        return len(json.dumps(result)) <= self.characters


def test_what_fits_stays_as_it_is() -> None:
    result = {"say": "Here they are.", "items": ["one", "two"]}

    assert shortened(result, Room(100).fits) == result


def test_the_last_items_go_before_what_is_to_be_said() -> None:
    result = {"say": "Here they are.", "items": ["x" * 30, "y" * 30, "z" * 30]}

    assert shortened(result, Room(110).fits) == {"say": "Here they are.", "items": ["x" * 30, "y" * 30]}


def test_without_a_list_the_longest_text_is_halved() -> None:
    assert shortened({"say": "Yes.", "text": "x" * 80}, Room(80).fits) == {"say": "Yes.", "text": "x" * 40}


def test_what_cannot_be_made_to_fit_ends_all_the_same() -> None:
    assert shortened({"number": 10**50}, Room(10).fits) == {"number": 10**50}


def test_a_list_of_thousands_is_shortened_in_few_steps_and_fills_the_room() -> None:
    room = Room(4000)
    numbers = list(range(3000))

    kept = shortened({"say": "Here they are.", "numbers": numbers}, room.fits)

    assert kept["say"] == "Here they are."
    assert kept["numbers"] == numbers[: len(kept["numbers"])]
    assert len(json.dumps(kept)) > 3000
    assert room.looks < 50
