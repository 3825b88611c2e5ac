"""`python -m benchmarks.ingest`: what reading a company's content takes, and whether its facts are found again.

--only NAME      one part: kinds, whole, large
--large [NAME]   also a PDF of 2,000 pages, a website of 10,000 and a clip of 500 MB; or one of pdf, site, clip
--no-libraries   without the peers' environment (`make bench` makes it)
--json           the last line is one JSON object
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from aisdr.observability import logger
from benchmarks.ingest import kinds, libraries
from benchmarks.ingest.asking import Judged, answered, by_kind, share
from benchmarks.ingest.content import KNOWLEDGE, questions, served_site
from benchmarks.ingest.job import place_in
from benchmarks.ingest.large import LARGE, Large, room
from benchmarks.ingest.run import Run, ingested, media_store
from benchmarks.report import Bar, Section, tell

LEAST_FOUND = 0.9
MOST_OF_FIRST = 0.05
MOST_ABOVE = 600.0
"""Megabytes above what a small source of the same kind takes."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("kinds", "whole", "large"))
    parser.add_argument("--large", nargs="?", const="all", choices=("all", *LARGE))
    parser.add_argument("--no-libraries", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if not asked.no_libraries and not libraries.PYTHON.exists():
        parser.error("the libraries are not installed: run `scripts/setup bench`, or say --no-libraries")
    logger.setLevel(logging.ERROR)  # a line for each search is for operators
    with TemporaryDirectory(prefix="ingest-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with media_store(folder / "s3") as endpoint:
            names = {None: [], "all": list(LARGE)}.get(asked.large, [asked.large])
            parts: dict[str, Callable[[], list[Section]]] = {
                "kinds": lambda: [by_each_kind(folder / "kinds", endpoint)],
                "whole": lambda: whole(folder / "whole", endpoint, with_libraries=not asked.no_libraries),
                "large": lambda: [large(folder, endpoint, names)] if names else [],
            }
            sections = [section for title, make in parts.items() if asked.only in (None, title) for section in make()]
    return 0 if tell(sections, as_json=asked.json) else 1


def by_each_kind(folder: Path, endpoint: str) -> Section:
    """Each kind by itself, with the start of the readers and of the models that they need."""
    rows = []
    failed = 0
    for kind, files in kinds.folders(folder / "files"):
        run = ingested(folder / "index" / files.name, endpoint, str(files))
        told = run.told
        failed += len(told.failed)
        figures = (told.sources / told.seconds, told.chunks / told.seconds)
        rows.append(
            (kind, [f"{told.sources}", f"{told.chunks}", *(f"{each:.1f}" for each in figures), f"{run.megabytes:.0f}"])
        )
    columns = ("kind", "files", "chunks", "files/s", "chunks/s", "MB at most")
    return Section("by kind", columns, rows, [Bar("files that were not read", failed, most=0)])


def whole(folder: Path, endpoint: str, *, with_libraries: bool) -> list[Section]:
    """The folder and the website; then the folder again; then the questions."""
    first = ingested(folder / "index", endpoint, str(KNOWLEDGE))
    second = ingested(folder / "index", endpoint, str(KNOWLEDGE))
    with served_site() as website:
        ingested(folder / "index", endpoint, website)
        judged = answered(place_in(folder / "index"), questions(), website)
    rows: list[tuple[str, list[float | str]]] = [_row("ours", first), _row("ours, unchanged", second)]
    found = {"ours": judged}
    if with_libraries:
        for library, title in libraries.NAMES.items():
            peer = libraries.peer(library, KNOWLEDGE, questions(with_site=False))
            found[title] = list(peer.judged)
            seconds = peer.read_seconds + peer.embed_seconds
            rows.append((title, [f"{seconds:.1f}", f"{peer.chunks}", f"{len(peer.failed)}", "", ""]))
    again = second.told.seconds / first.told.seconds
    bars = [
        Bar("second run, of the first", again, most=MOST_OF_FIRST),
        Bar("embedded again", second.told.embedded, most=0),
    ]
    columns = ("the whole folder", "seconds", "chunks", "not read", "embedded", "MB at most")
    return [Section("whole folder", columns, rows, bars), _questions(found)]


def _row(title: str, run: Run) -> tuple[str, list[float | str]]:
    told = run.told
    figures = (f"{told.seconds:.1f}", f"{told.chunks}", f"{len(told.failed)}", f"{told.embedded}")
    return title, [*figures, f"{run.megabytes:.0f}"]


def _questions(found: dict[str, list[Judged]]) -> Section:
    """Of the questions those whose place is in the first three, and in brackets those whose file is."""
    columns = ["questions", "asked", *found]
    counted = {system: by_kind(judged) for system, judged in found.items()}
    rows = [
        (kind, [f"{len(asked)}", *(_counts(kinds_.get(kind, [])) for kinds_ in counted.values())])
        for kind, asked in counted["ours"].items()
    ]
    ours = found["ours"]
    in_folder = {system: [each for each in judged if not each.question.on_site] for system, judged in found.items()}
    rows.append(("all", [f"{len(ours)}", *(_counts(judged) for judged in found.values())]))
    bars = [Bar("right place in the first three", share(ours), least=LEAST_FOUND)]
    bars += [
        Bar(f"ahead of {system}, without the website", share(in_folder["ours"]) - share(judged), least=0.0)
        for system, judged in in_folder.items()
        if system != "ours"
    ]
    notes = ["right place in the first three (right file, wherever in it)"]
    return Section("questions", columns, rows, bars, notes)


def _counts(judged: Sequence[Judged]) -> str:
    if not judged:
        return "–"
    return f"{sum(each.right for each in judged)} ({sum(each.right_source for each in judged)})"


def large(folder: Path, endpoint: str, names: Sequence[str]) -> Section:
    rows, bars = [], []
    for name in names:
        with room(folder / f"large-{name}") as place:
            one: Large = LARGE[name](place, endpoint)
        told = one.whole.told
        rows.append(
            (
                one.name,
                [
                    f"{told.seconds:.0f}",
                    f"{told.chunks}",
                    f"{one.found} of {one.wanted}",
                    f"{one.small.megabytes:.0f}",
                    f"{one.whole.megabytes:.0f}",
                    f"{told.looks}",
                ],
            )
        )
        lost = max(0, one.wanted - one.found)
        if name == "clip":  # its last words are followed by silence
            lost = max(0, lost - 10)
        bars += [
            Bar(f"{one.name}: MB above a small one", one.above, most=MOST_ABOVE),
            Bar(f"{one.name}: pages or seconds lost", lost, most=0),
            Bar(f"{one.name}: progress shown, times", told.looks, least=1),
        ]
    columns = ("large", "seconds", "chunks", "pages or seconds", "MB, small one", "MB", "progress shown")
    return Section("large", columns, rows, bars)


if __name__ == "__main__":
    sys.exit(main())
