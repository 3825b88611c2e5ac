"""S-13 in its short form: each abuse of a tool is refused, through whichever door it comes."""

import pytest

from benchmarks.scoreboard.abuses import WISHES, abuses
from benchmarks.scoreboard.tool_abuse import documented, measure

pytestmark = pytest.mark.slow


def test_every_abuse_of_a_tool_is_refused_by_a_documented_code() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["asked"] > 100
    assert {"unknown_tool", "invalid_arguments", "confirmation_not_found", "call_id_conflict"} <= set(
        figure.facts["codes"]
    )
    assert figure.facts["over_cap"] > 0


def test_the_table_abuses_every_tool() -> None:
    assert {abuse.tool for abuse in abuses()} >= set(WISHES)


def test_what_worked_is_no_documented_code() -> None:
    assert not {"", "it worked", "status 500", "no answer", "internal_error"} & documented()
