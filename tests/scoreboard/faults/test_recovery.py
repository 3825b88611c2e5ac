"""S-07 in its small form."""

import pytest

from aisdr.live import circuit
from benchmarks.scoreboard.faults.recovery import FLEETS, OUTAGES, measure


@pytest.mark.slow
def test_after_an_outage_the_avatar_is_offered_again_soon_and_the_outage_cost_little() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["runs"] == len(FLEETS["small"]) * len(OUTAGES["small"])
    assert figure.facts["most_paid_by_one_environment"] > 0
    assert figure.facts["probes"] >= 2 * figure.facts["runs"]
    assert figure.facts["outcomes"]["left alone"] > figure.facts["outcomes"]["failed"] > 0


@pytest.mark.slow
def test_a_fleet_that_waits_longer_misses_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "_FAILING", circuit._Rule("failing", circuit._FAILING.counts, 9, 38))
    monkeypatch.setitem(FLEETS, "small", (1,))
    monkeypatch.setitem(OUTAGES, "small", ("fails",))

    figure = measure("small")

    assert not figure.met
    assert figure.facts["most_paid_by_one_environment"] > 3
