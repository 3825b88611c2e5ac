"""S-08 in its small form; how many seconds are allowed, the scoreboard says."""

import pytest

from benchmarks.scoreboard.faults.lower_mode import FAULTS, measure


@pytest.mark.slow
def test_whatever_a_vendor_does_text_answers() -> None:
    figure = measure("small")

    assert figure.facts["unusable"] == []
    assert figure.facts["granted_all_the_same"] == []
    assert figure.facts["samples"] == figure.facts["faults"] == sum(fault.in_short for fault in FAULTS) >= 6
