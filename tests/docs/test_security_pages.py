"""The pages about security name only files and tests that exist, every threat, every figure and every action."""

import re
from pathlib import Path

import pytest

from aisdr.audit import ACTIONS
from benchmarks.scoreboard.register import ENTRIES

ROOT = Path(__file__).parents[2]
SECURITY, ASVS = ROOT / "docs" / "security.md", ROOT / "docs" / "asvs.md"
FILE = re.compile(r"`((?:aisdr|functions|infra|scripts|tests|widget|dev|benchmarks|docs)/[\w./-]*|requirements\.lock)`")


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of the page's tables, without their heads."""
    lines = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    cells = [re.split(r"(?<!\\)\|", line.strip("| ")) for line in lines if not re.match(r"\| -", line)]
    return [[cell.strip() for cell in row] for row in cells]


@pytest.mark.parametrize("page", [SECURITY, ASVS], ids=lambda page: page.name)
def test_every_file_and_test_that_is_named_exists(page: Path) -> None:
    named = set(FILE.findall(page.read_text()))

    assert len(named) > 30
    assert [each for each in sorted(named) if not (ROOT / each).exists()] == []


def test_every_threat_has_a_control_and_a_test() -> None:
    threats = [row for row in rows(SECURITY) if re.fullmatch(r"B\d+", row[0])]

    assert {row[0] for row in threats} == {f"B{number}" for number in range(1, 23)}
    for row in threats:
        assert len(row) == 4, row
        assert len(row[2]) > 15
        assert "tests/" in row[3] or "#privacy" in row[2], row


def test_every_requirement_is_met_by_a_file_and_a_test_or_says_that_it_is_not() -> None:
    requirements = [row for row in rows(ASVS) if re.match(r"\d+\.\d+\.\d+", row[0])]

    assert len(requirements) >= 40
    assert len({row[0] for row in requirements}) == len(requirements)
    for row in requirements:
        assert len(row) == 4, row
        assert ("tests/" in row[3]) != ("**not met**" in row[2]), row


def test_the_audits_actions_are_all_told() -> None:
    page = SECURITY.read_text()

    assert [action for action in ACTIONS if f"`{action}`" not in page] == []


def test_no_figure_is_told_that_there_is_not() -> None:
    known = {each.number for each in ENTRIES}

    assert set(re.findall(r"S-\d\d", SECURITY.read_text())) <= known
