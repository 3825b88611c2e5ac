"""Where a process may be killed: before and after each call that it makes to the world, one cell of F-LM-06 each.

The list beside this file is what the code did when it was recorded, `a-call-that-its-visitor-ends/03` a line: a story
of a call's life (`benchmarks/scoreboard/money/orphans.py`), and which call it was. A test counts them anew, give or
take three that depend on who of two threads is quicker; `python -m tests.faults.yield_points` writes it. Tools and
ingestion have each a test of their own that kills at every step, one cell.
"""

from pathlib import Path

RECORDED = Path(__file__).with_name("yield_points.txt")
TOLD_ELSEWHERE = ("tool/every-step", "ingest/every-step")


def yield_points() -> tuple[str, ...]:
    return (*RECORDED.read_text().split(), *TOLD_ELSEWHERE)


def slug(story: str) -> str:
    return story.replace(" ", "-")


def points_of(story: str, steps: list[str]) -> list[str]:
    return [f"{slug(story)}/{number:02}" for number in range(1, len(steps) + 1)]


def main() -> None:
    from benchmarks.scoreboard.money.killed_processes import processes
    from benchmarks.scoreboard.money.orphans import STORIES, Scene, told

    with processes() as world:
        scene = Scene(world)
        lines = [point for story in STORIES for point in points_of(story.name, told(scene, story, None)[0])]
    RECORDED.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
