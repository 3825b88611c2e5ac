"""F-LM-06: a process is killed before and after each of its calls to the world; nothing is left, and the books balance.

Some hundred cells with two deaths each take minutes, so a run of the suite tries every sixteenth, always the same
ones; with AISDR_EVERY_CELL=1, as S-06 has it every night, all of them.
"""

import os
from collections.abc import Iterator

import pytest

from benchmarks.scoreboard.money.killed_processes import processes
from benchmarks.scoreboard.money.orphans import STORIES, Scene, outlived, told
from tests.faults.yield_points import RECORDED, slug

pytestmark = pytest.mark.slow
EVERY = 1 if os.environ.get("AISDR_EVERY_CELL") else 16
POINTS = RECORDED.read_text().split()
BY_SLUG = {slug(story.name): story for story in STORIES}


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with processes() as world:
        yield Scene(world)


def test_the_points_are_those_that_the_code_has(scene: Scene) -> None:
    """When it fails: `python -m tests.faults.yield_points`, and look at what changed."""
    for story in STORIES:
        recorded = sum(point.startswith(f"{slug(story.name)}/") for point in POINTS)

        assert abs(len(told(scene, story, None)[0]) - recorded) <= 3, story.name


@pytest.mark.parametrize(
    "point",
    [pytest.param(point, marks=pytest.mark.cell(f"F-LM-06/{point}"), id=point) for point in POINTS[::EVERY]],
)
def test_who_is_killed_at_this_point_leaves_nothing_running_and_books_that_balance(scene: Scene, point: str) -> None:
    name, _, step = point.partition("/")

    for when in ("before", "after"):
        left = outlived(scene, BY_SLUG[name], (int(step), when))

        assert left in ((0, ""), None), f"killed {when}"  # the last step is not always there
