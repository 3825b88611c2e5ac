"""`python -m benchmarks.scoreboard [S-01 ...] [--small] [--json]`: the security figures, measured now."""

import argparse
import json
import sys
import time
from collections.abc import Sequence

from rich.console import Console

from benchmarks.scoreboard.figure import Figure
from benchmarks.scoreboard.register import ENTRIES, Entry, entry


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scoreboard", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="S-01", help="which figures; without one, all")
    parser.add_argument("--small", action="store_true", help="the short form of each, as `make test` runs it")
    parser.add_argument("--json", action="store_true", help="a JSON line with the counts, after the table")
    asked = parser.parse_args(arguments)
    try:
        chosen = [entry(number) for number in asked.numbers] or list(ENTRIES)
    except LookupError as error:
        parser.error(str(error))
    console, found = Console(width=150), dict[str, Figure]()
    for each in chosen:
        found[each.number] = _told(console, each, small=asked.small)
    ok = all(figure.met for figure in found.values())
    if asked.json:
        print(json.dumps({"ok": ok} | {number: {"met": each.met} | each.facts for number, each in found.items()}))
    return 0 if ok else 1


def _told(console: Console, each: Entry, *, small: bool) -> Figure:
    began = time.monotonic()
    figure = each.measure("small" if small else "full")
    verdict = "met   " if figure.met else "MISSED"
    seconds = time.monotonic() - began
    console.print(
        f"{each.number} {verdict} {each.title}: {figure.value} (target {figure.target}; {seconds:.0f} s)",
        style="" if figure.met else "bold red",
        highlight=False,
        soft_wrap=True,
    )
    return figure


if __name__ == "__main__":
    sys.exit(main())
