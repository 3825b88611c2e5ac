"""S-01 in its small form."""

import pytest

from benchmarks.scoreboard.money.mishaps import MISHAPS
from benchmarks.scoreboard.money.paid_creates import AT_ONCE, measure


@pytest.mark.slow
def test_a_wish_that_is_repeated_by_many_at_once_and_later_is_bought_once() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["requests"] == AT_ONCE["small"] * len(MISHAPS)
    assert figure.facts["later"] >= 2 * len(MISHAPS)
    assert 0 < figure.facts["calls"] <= len(MISHAPS)
    seen = figure.facts["outcomes"]
    least = {"killed": 4, "tavus_session_failed": 3, "store_busy": 2}
    assert all(seen[code] >= number for code, number in least.items()), "a mishap did not happen"
