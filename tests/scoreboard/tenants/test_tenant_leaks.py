"""S-05 in its small form."""

import pytest

from benchmarks.scoreboard.tenants.tenant_leaks import ATTEMPTS, measure


@pytest.mark.slow
def test_no_company_gets_anything_of_another_one_on_any_path() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert sum(figure.facts["by_path"].values()) == ATTEMPTS["small"]
    assert min(figure.facts["by_path"].values()) > 0
