"""Draws everything of `examples/aisdr` that is not written or recorded: `python -m examples.make.aisdr`."""

from pathlib import Path

from examples.make.draw import ART, draw_pictures
from examples.make.one_pager import write_one_pager

KNOWLEDGE = Path(__file__).parents[1] / "aisdr" / "knowledge"


def main() -> None:
    draw_pictures(sorted((ART / "aisdr").glob("*.html")), KNOWLEDGE)
    write_one_pager(KNOWLEDGE / "at-a-glance.pdf")


if __name__ == "__main__":
    main()
