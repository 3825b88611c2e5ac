"""S-06 in its small form."""

import pytest

from benchmarks.scoreboard.fault_matrix import measure
from tests.faults.matrix import NAMED


@pytest.mark.slow
def test_every_cell_of_the_fault_matrix_has_a_test_and_those_that_are_run_pass() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["cells"] > NAMED
    assert figure.facts["tests_passed"] >= 10
