"""S-02 in its small form."""

import pytest

from benchmarks.scoreboard.money.hostile_creates import CREATES, NETWORKS, measure


@pytest.mark.slow
def test_hostile_creates_stay_below_every_cap_and_harm_nobody_else() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["creates"] == CREATES["small"]
    refused = sum(sum(codes.values()) for codes in figure.facts["refused"].values())
    assert refused + sum(figure.facts["paid"].values()) == CREATES["small"]
    assert set(figure.facts["refused"]["alone"]) == {"calls_busy", "network_busy", "budget_spent"}
    assert min(figure.facts["minutes_at_the_vendor"][name] for name in NETWORKS) > 0
