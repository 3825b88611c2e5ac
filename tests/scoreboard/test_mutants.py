"""S-21 in its small form, which is T-TEN-03: what holds the companies apart cannot be taken away unnoticed."""

import pytest

from benchmarks.scoreboard.hand_mutants import MUTANTS
from benchmarks.scoreboard.mutants import measure
from benchmarks.scoreboard.mutmut_run import equivalent, is_the_same_to_dynamodb


@pytest.mark.slow
def test_each_wall_filter_and_condition_that_is_taken_away_fails_the_tests() -> None:
    figure = measure("small")

    assert figure.met, figure.facts
    assert figure.facts["by_hand_caught"] == len(MUTANTS) > 20


def test_every_mutant_that_is_called_equivalent_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in equivalent().values())


def test_only_the_case_of_an_expressions_words_is_no_difference() -> None:
    assert is_the_same_to_dynamodb('"SET a = :a", "b AND c"', '"set a = :a", "b and c"')
    assert not is_the_same_to_dynamodb("if a and b:", "if a or b:")
    assert not is_the_same_to_dynamodb('"a AND b"', '"a OR b"')
