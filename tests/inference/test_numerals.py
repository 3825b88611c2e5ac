"""Spoken numbers are found in material that is written in digits."""

import pytest

from aisdr.inference.numerals import in_digits


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("What does it cost for two hundred stores?", "What does it cost for 200 stores?"),
        ("one hundred and twenty five stores", "125 stores"),
        ("forty-five stores", "45 stores"),
        ("three thousand two hundred products", "3200 products"),
        ("a hundred reasons", "a hundred reasons"),
        ("that one is for one person", "that one is for one person"),
        ("Two Hundred", "200"),
        ("200 stores", "200 stores"),
    ],
)
def test_number_words_become_digits_where_they_are_numbers(spoken: str, written: str) -> None:
    assert in_digits(spoken) == written
