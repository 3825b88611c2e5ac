"""A plugin for pytest, `-p tests.faults.cells`: which tests prove which cells of the fault matrix, and how they went.

`--cells FILE` has it written there as JSON, {cell: {test: outcome}}; of what was not run the outcome is "collected".
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Proofs = dict[str, dict[str, str]]
"""What each cell's tests came to: passed, failed, skipped, or collected."""
_EVERY = {"AISDR_EVERY_CELL": "1"}
_MARKED = re.compile(r"\bmark\.cell\(")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cells", type=Path, help="where to write what the cells' tests came to")


def pytest_configure(config: pytest.Config) -> None:
    if written := config.getoption("--cells"):
        config.pluginmanager.register(_Proved(written))


class _Proved:
    def __init__(self, written: Path) -> None:
        self._written = written
        self._cells: dict[str, list[str]] = {}
        self._outcomes: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            # Of the function and of the parameter: a test may prove more than one.
            for mark in item.iter_markers("cell"):
                self._cells.setdefault(item.nodeid, []).extend(mark.args)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # What fails before or after a test fails it as well.
        if report.when == "call" or report.outcome != "passed":
            self._outcomes[report.nodeid] = report.outcome

    def pytest_sessionfinish(self) -> None:
        proofs: Proofs = {}
        for test, cells in self._cells.items():
            for cell in cells:
                proofs.setdefault(cell, {})[test] = self._outcomes.get(test, "collected")
        self._written.write_text(json.dumps(proofs))


def marked_files() -> list[Path]:
    """The test files that prove cells: the others need not be read."""
    return [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if _MARKED.search(path.read_text())]


@cache
def collected(seconds: float = 120) -> Proofs:
    """Which tests claim which cells; found once in a process. Raises: RuntimeError, with what pytest says."""
    return _asked(["--collect-only", "-m", "cell"], marked_files(), seconds, _EVERY)


def run(expression: str, seconds: float, *, below: str = "tests", every: bool = False) -> Proofs:
    """Runs the cells' tests of a folder that `expression` chooses, as in `pytest -m`; `every` also those that the
    suite leaves to S-06.

    Raises:
        RuntimeError: pytest could not.
    """
    files = [path for path in marked_files() if path.is_relative_to(ROOT / below)]
    return _asked(["-m", expression], files, seconds, _EVERY if every else {})


def _asked(
    arguments: Sequence[str], files: Sequence[Path], seconds: float, more: Mapping[str, str] | None = None
) -> Proofs:
    if not files:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "cells.json"
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"]
        command += ["-p", "tests.faults.cells", f"--cells={written}"]
        done = subprocess.run(
            [*command, *arguments, *map(str, files)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
            | dict(more or {}),
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        # 1: a test failed, which its outcome says; 5: there is none.
        if done.returncode not in (0, 1, 5) or not written.exists():
            raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        proofs: Proofs = json.loads(written.read_text())
        return proofs
