"""`python -m benchmarks.search_latency`: how fast our search is, beside other engines in the same run.

--only NAME      one part: growth, merge, given-up, reading
--quick          small sizes, few questions: to see that it runs
--no-libraries   without the peers' environment (`make bench` makes it)
--draw FILE      the growth as an SVG
--json           the last line is one JSON object
"""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from aisdr.observability import logger
from benchmarks.report import Section, tell
from benchmarks.search_latency import given_up, growth, merged, reading
from benchmarks.search_latency.drawing import drawn
from benchmarks.search_quality.own_leg import PEERS

TITLE = "One question to the own leg, vector at hand, p50"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-libraries", action="store_true")
    parser.add_argument("--draw", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not asked.no_libraries and not PEERS.exists():
        parser.error("the libraries are not installed: run `scripts/setup bench`, or say --no-libraries")
    logger.setLevel(logging.ERROR)  # a line for each search is for operators
    quick: bool = asked.quick

    def grown(folder: Path) -> list[Section]:
        sizes = growth.QUICK_SIZES if quick else growth.SIZES
        found = growth.grown(folder, sizes, with_libraries=not asked.no_libraries)
        if asked.draw:
            lines = {engine: found.milliseconds(engine) for engine in found.timed}
            asked.draw.write_text(drawn(TITLE, found.sizes, lines), encoding="utf-8")
        return growth.sections(found)

    def hung(folder: Path) -> list[Section]:
        questions = given_up.QUICK_QUESTIONS if quick else given_up.QUESTIONS
        return given_up.sections(folder, questions, given_up.QUICK_GIVEN_UP if quick else given_up.GIVEN_UP)

    parts: dict[str, Callable[[Path], list[Section]]] = {
        "growth": grown,
        "merge": lambda folder: [merged.section(folder, merged.QUICK_QUESTIONS if quick else merged.QUESTIONS)],
        "given-up": hung,
        "reading": lambda folder: [reading.section(folder, reading.QUICK_CHUNKS if quick else reading.CHUNKS)],
    }
    if asked.only and asked.only not in parts:
        parser.error(f"--only knows {', '.join(parts)}")
    with TemporaryDirectory(prefix="search-latency-") as name:
        told = [
            section for part, make in parts.items() if asked.only in (None, part) for section in make(Path(name) / part)
        ]
    return 0 if tell(told, as_json=asked.json) else 1


if __name__ == "__main__":
    sys.exit(main())
