"""S-19 in its small form, and that the scanners would find something."""

from pathlib import Path

import pytest

from benchmarks.scoreboard.code.scanners import SOURCES, bandit, measure, nosecs, zizmor

UNSAFE = "import subprocess\n\nsubprocess.run(input(), shell=True)\n"
UNSAFE_WORKFLOW = """
on: push
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.head_commit.message }}
"""


@pytest.mark.slow
def test_no_scanner_finds_what_nobody_has_given_a_reason_for() -> None:
    figure = measure("small")

    assert figure.met, figure
    assert figure.facts["acknowledged"]["bandit"] > 0


def test_what_is_unsafe_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "unsafe.py").write_text(UNSAFE)
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "push.yml").write_text(UNSAFE_WORKFLOW)

    assert [each.split()[0] for each in bandit(str(tmp_path))] == ["B602"]
    assert any(each.startswith("template-injection") for each in zizmor(tmp_path / "workflow" / "push.yml"))


def test_every_acknowledged_finding_says_why() -> None:
    assert [place for place, reason in nosecs() if len(reason) < 8] == []
    assert all((Path(__file__).parents[3] / each).is_dir() for each in SOURCES)
