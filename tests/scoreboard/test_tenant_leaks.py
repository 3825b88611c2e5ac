"""S-05 in its small form."""

import pytest

from benchmarks.scoreboard.tenant_leaks import ATTEMPTS, measure


@pytest.mark.slow
def test_no_company_gets_anything_of_another_one_on_any_path() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert sum(figure.facts["by_path"].values()) == ATTEMPTS["small"]
    assert min(figure.facts["by_path"].values()) > 0
    own = figure.facts["found_its_own"]
    found = ("embedded index", "OpenSearch, filter alone", "sources of an index", "transcript", "memory")
    assert all(own[path] > 0 for path in (*found, "leads and handovers", "door: search", "door: relay"))
