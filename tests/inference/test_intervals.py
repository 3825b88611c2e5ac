"""Ranges of counted things, as prices and limits name them."""

import pytest

from aisdr.inference.intervals import amounts, intervals


@pytest.mark.parametrize(
    "text",
    ["50 to 199 stores", "from 50 stores", "up to 100 stores", "10 to 1,500 stores", "40 stores and more"],
)
def test_80_stores_are_within(text: str) -> None:
    assert any(one.holds(*amounts("What do 80 stores cost?")["80"]) for one in intervals(text))


@pytest.mark.parametrize(
    "text",
    ["1 to 49 stores", "from 200 stores", "fewer than 10 stores", "6 to 120 clusters", "up to $5,000 an invoice"],
)
def test_80_stores_are_not_within(text: str) -> None:
    assert not any(one.holds(*amounts("What do 80 stores cost?")["80"]) for one in intervals(text))
