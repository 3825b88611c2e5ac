"""S-13 in its short form: each abuse of a tool is refused, through whichever door it comes."""

import re
from pathlib import Path

import pytest

from benchmarks.scoreboard.injection.abuses import WISHES, abuses
from benchmarks.scoreboard.injection.tool_abuse import measure
from benchmarks.scoreboard.injection.tool_doors import DOORS
from benchmarks.scoreboard.injection.tool_house import House

pytestmark = pytest.mark.slow

API_PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def test_every_abuse_of_a_tool_is_refused_by_the_code_that_is_due() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["asked"] > 100
    assert {"unknown_tool", "invalid_arguments", "confirmation_not_found", "call_id_conflict"} <= set(
        figure.facts["codes"]
    )
    assert figure.facts["over_cap"] > 0


def test_the_table_abuses_every_tool() -> None:
    assert {abuse.tool for abuse in abuses()} >= set(WISHES)


def test_every_code_that_is_due_is_documented_and_no_fault_of_ours() -> None:
    page = API_PAGE.read_text("utf-8")

    due = {abuse.code_at(door) for abuse in abuses() for door in DOORS}

    assert len(due) > 2
    assert "internal_error" not in due
    assert [code for code in due if not re.search(rf"`{code}`", page)] == []


@pytest.mark.parametrize("code", ["", "status 500", "no answer", "unknown_tool"])
def test_another_refusal_than_the_one_that_is_due_is_a_miss(code: str) -> None:
    house = House(None, None, ())  # type: ignore[arg-type]

    house.expect_refused("a value", "invalid_arguments", "invalid_arguments")
    house.expect_refused("a value", code, "invalid_arguments")

    assert house.asked == 2
    assert house.failed == [f"a value: {code or 'it worked'}, not invalid_arguments"]
