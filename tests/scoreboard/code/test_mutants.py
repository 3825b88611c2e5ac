"""S-21 in its small form, which is T-TEN-03: what holds the companies apart cannot be taken away unnoticed."""

import ast
from pathlib import Path

import pytest

from benchmarks.scoreboard.code.hand_mutants import MUTANTS, ROOT
from benchmarks.scoreboard.code.mutants import measure
from benchmarks.scoreboard.code.mutmut_run import (
    Outcome,
    core_alone,
    equivalent,
    is_the_same_to_dynamodb,
    mutmut_name,
    unneeded,
)
from benchmarks.scoreboard.code.security_core import GROUPS, Core


@pytest.mark.slow
def test_each_wall_filter_and_condition_that_is_taken_away_fails_the_tests() -> None:
    figure = measure("small")

    assert figure.met, figure.facts
    assert figure.facts["by_hand_caught"] == len(MUTANTS) > 20


@pytest.mark.parametrize("core", [core for group in GROUPS for core in group.cores], ids=lambda core: core.file)
def test_what_is_named_as_security_core_stands_where_it_is_said_to(core: Core) -> None:
    assert set(core.functions) <= functions_of(ROOT / core.file).keys()


@pytest.mark.parametrize("test", [test for group in GROUPS for test in group.tests])
def test_the_tests_of_the_security_core_are_there(test: str) -> None:
    file, _, name = test.partition("::")

    assert not name or name in functions_of(ROOT / file)
    assert functions_of(ROOT / file)


def test_every_mutant_that_is_called_equivalent_has_a_reason_and_its_line_still_stands() -> None:
    core = {
        mutmut_name(core, function): functions_of(ROOT / core.file)[function]
        for group in GROUPS
        for core in group.cores
        for function in core.functions
    }

    for (function, was, becomes), reason in equivalent().items():
        assert len(reason) > 20
        assert was != becomes
        assert was in core[function], f"'{was}' has gone from {function}: take its excuse away too"


def test_an_excuse_that_no_survivor_needs_is_told() -> None:
    assert unneeded([]) == sorted(function for function, _, _ in equivalent())
    assert unneeded([Outcome(*entry[:1], strict=True, caught=False, change=entry[1:]) for entry in equivalent()]) == []


def test_only_the_case_of_an_expressions_words_is_no_difference() -> None:
    assert is_the_same_to_dynamodb('"SET a = :a", "b AND c"', '"set a = :a", "b and c"')
    assert not is_the_same_to_dynamodb("if a and b:", "if a or b:")
    assert not is_the_same_to_dynamodb('"a AND b"', '"a OR b"')


def test_everything_but_the_core_of_a_file_is_marked_to_be_left_alone() -> None:
    text = """\
class Guard:
    def lets_in(self, who: str) -> bool:
        return who == "us"

    def list(
        self, *, most: int
    ) -> list[str]:  # noqa: A003
        return []


class Other:
    pass
"""

    assert [line for line in core_alone(text, {"Guard.lets_in"}).splitlines() if "no mutate" in line] == [
        "    ) -> list[str]:  # noqa: A003  # pragma: no mutate block",
        "class Other:  # pragma: no mutate block",
    ]


def functions_of(file: Path) -> dict[str, str]:
    """The text of each function and method, in one line, by `Class.method` or `function`."""
    text = file.read_text()
    module = ast.parse(text)
    found = {each.name: each for each in module.body if isinstance(each, ast.FunctionDef)}
    for kind in (each for each in module.body if isinstance(each, ast.ClassDef)):
        found |= {f"{kind.name}.{each.name}": each for each in kind.body if isinstance(each, ast.FunctionDef)}
    return {name: " ".join((ast.get_source_segment(text, each) or "").split()) for name, each in found.items()}
