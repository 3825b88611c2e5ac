"""S-15 in its small form."""

import pytest

from benchmarks.scoreboard.input.schema_cases import CASES, measure


@pytest.mark.slow
def test_every_door_answers_what_its_document_says_and_refuses_what_it_forbids() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["cases"] >= CASES["small"]
    assert figure.facts["phases"]["fuzzing"] > 0
    assert figure.facts["phases"]["stateful"] > 0
