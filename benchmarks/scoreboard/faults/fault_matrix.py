"""S-06: how many cells of the fault matrix hold, each by tests that name it.

The whole form runs every test of every cell, in browsers too. The short one runs a dozen to see that running works, and
asks of all others only that they are there: `make test` runs them anyway.
"""

from benchmarks.scoreboard.figure import Figure, Form
from tests.faults.cells import Proofs, collected, run
from tests.faults.matrix import cells

SECONDS = {"small": 120.0, "full": 1500.0}
QUICK = "tests/faults/test_secrets_and_clocks.py"


def measure(form: Form) -> Figure:
    names = list(cells())
    proofs = _in_whole(SECONDS[form]) if form == "full" else _in_short(SECONDS[form])
    shows = {"passed"} if form == "full" else {"passed", "collected"}
    held = [name for name in names if _holds(proofs.get(name, {}), shows)]
    ran = sum(outcome == "passed" for tests in proofs.values() for outcome in tests.values())
    missing = [name for name in names if name not in held]
    return Figure(
        value=f"{len(held)} of {len(names)}" + (f", not {', '.join(missing[:8])}" if missing else ""),
        target=f"{len(names)} of {len(names)}",
        met=not missing and ran > 0,
        facts={"cells": len(names), "held": len(held), "tests_passed": ran, "missing": missing},
    )


def _in_whole(seconds: float) -> Proofs:
    """Browsers apart: Playwright keeps its event loop running, and a test that wants one of its own is refused."""
    without, within = (run(f"cell and {which}", seconds, every=True) for which in ("not browser", "browser"))
    return {cell: without.get(cell, {}) | within.get(cell, {}) for cell in without | within}


def _in_short(seconds: float) -> Proofs:
    claimed, ran = collected(), run("cell and not browser and not slow and not deployed", seconds, below=QUICK)
    return {cell: tests | ran.get(cell, {}) for cell, tests in claimed.items()}


def _holds(tests: dict[str, str], shows: set[str]) -> bool:
    """What was skipped shows nothing, and one that failed is enough."""
    return "failed" not in tests.values() and not shows.isdisjoint(tests.values())
