"""S-03 in its small form."""

import pytest

from benchmarks.scoreboard.money.past_the_cap import CALLS, measure


@pytest.mark.slow
def test_a_vendor_that_ignores_its_limits_keeps_no_call_a_minute_longer() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["calls"] == CALLS["small"]
    assert figure.facts["longest"] > 0, "nothing outlived its cap: the vendor kept its limits after all"
