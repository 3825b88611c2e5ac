"""T-NBR-01 in its small form."""

import pytest

from aisdr import crowd
from benchmarks.scoreboard.tenants.noisy_neighbour import SOCKETS, TIMES, VISITS, measure


@pytest.mark.slow
def test_a_company_whose_neighbour_is_twenty_times_as_loud_is_refused_nothing() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["requests_of_the_loud"] == TIMES * figure.facts["requests"]
    assert figure.facts["refused_of_the_loud"] > 0


@pytest.mark.slow
def test_a_cap_that_companies_share_misses_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "_key", lambda company_id, network=None: "crowd#of-all")
    monkeypatch.setitem(VISITS, "small", 1)
    monkeypatch.setitem(SOCKETS, "small", 10)

    figure = measure("small")

    assert not figure.met
    assert figure.facts["refused"] > 0
