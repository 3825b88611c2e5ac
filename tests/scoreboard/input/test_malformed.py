"""S-14 in its small form."""

import pytest

from benchmarks.scoreboard.input.malformed import measure


@pytest.mark.slow
def test_malformed_input_costs_no_failure_at_any_door_and_no_socket() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["requests"] > 500
    assert figure.facts["frames"] > 300
    assert figure.facts["refused"] > 200
    assert {400, 404, 415, 422} <= set(figure.facts["statuses"])
