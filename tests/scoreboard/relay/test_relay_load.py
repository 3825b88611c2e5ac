"""The relay under a little load: what the whole form of S-09 does, in seconds."""

import pytest

from benchmarks.scoreboard.relay.relay_load import LOADS, measure
from dev import aws


@pytest.mark.slow
@pytest.mark.cell("F-WS-01", "F-WS-09")
@pytest.mark.skipif(not aws.PYTHON.exists(), reason="the AWS emulator is not installed: run `make setup`")
def test_nothing_is_lost_by_load_reconnects_dead_rows_or_a_flood() -> None:
    figure = measure("small")

    assert figure.met, figure.value
    assert figure.facts["sent"] >= LOADS["small"].rate * LOADS["small"].seconds - 1
    assert figure.facts["reconnects"] >= LOADS["small"].cuts
    assert figure.facts["floods_ended"] >= 2, "who was put out comes back, and is put out again"
