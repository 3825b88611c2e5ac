"""The fault matrix has as many cells as the fault model names, and none without a test; and S-06 in its small form."""

import pytest

from benchmarks.scoreboard.faults.fault_matrix import measure
from tests.faults.cells import collected
from tests.faults.matrix import FAMILIES, NAMED, cells
from tests.faults.yield_points import yield_points


def test_the_matrix_has_the_cells_that_the_fault_model_names() -> None:
    assert len(list(cells())) == len(set(cells())) == NAMED + len(yield_points())


def test_each_family_says_what_it_expects() -> None:
    assert all(family.fault and family.expected for family in FAMILIES)


@pytest.mark.slow
def test_no_cell_is_without_a_test() -> None:
    assert [cell for cell in cells() if cell not in collected()] == []


@pytest.mark.slow
def test_no_test_names_a_cell_that_does_not_exist() -> None:
    assert sorted(collected().keys() - set(cells())) == []


@pytest.mark.slow
def test_the_tests_of_cells_that_are_run_pass() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["cells"] > NAMED
    assert figure.facts["tests_passed"] >= 10
