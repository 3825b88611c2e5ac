"""The fault matrix: as many cells as the fault model names, and none without a test."""

import pytest

from tests.faults.cells import Proofs, collected
from tests.faults.matrix import FAMILIES, NAMED, cells
from tests.faults.yield_points import yield_points


@pytest.fixture(scope="module")
def proofs() -> Proofs:
    return collected()


def test_the_matrix_has_the_cells_that_the_fault_model_names() -> None:
    assert len(list(cells())) == len(set(cells())) == NAMED + len(yield_points())


def test_each_family_says_what_it_expects() -> None:
    assert all(family.fault and family.expected for family in FAMILIES)


@pytest.mark.slow
def test_no_cell_is_without_a_test(proofs: Proofs) -> None:
    assert [cell for cell in cells() if cell not in proofs] == []


@pytest.mark.slow
def test_no_test_names_a_cell_that_does_not_exist(proofs: Proofs) -> None:
    assert sorted(proofs.keys() - set(cells())) == []
