"""S-04 in its small form."""

import pytest

from benchmarks.scoreboard.money.orphans import STORIES, measure


@pytest.mark.slow
@pytest.mark.cell("F-LM-03", "F-LM-04")
def test_a_process_killed_at_any_step_of_a_call_leaves_nothing_running_and_books_that_balance() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["kills"] >= 2 * len(STORIES)
    assert min(figure.facts["points"].values()) > 15
