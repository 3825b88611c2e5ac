"""S-17 in its small form."""

import pytest

from benchmarks.scoreboard.privacy.audit_and_secrets import VISITS, measure


@pytest.mark.slow
def test_every_decision_of_played_visits_has_one_record_and_no_output_a_secret() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["decisions"] > 70 * VISITS["small"]
    assert figure.facts["records"] == figure.facts["decisions"]
    assert figure.facts["secrets"] > 10
