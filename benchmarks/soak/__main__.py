"""`python -m benchmarks.soak`, or `make soak`: visitors in all modes while things break, and what holds at the end."""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.soak.run import Outcome, Soak, soak


def show(outcome: Outcome, console: Console) -> None:
    visits = ", ".join(f"{count} {mode}" for mode, count in sorted(outcome.told.visits.items()))
    console.print(f"Visits: {visits}. Lines reopened: {outcome.told.reconnects}. Functions killed: {outcome.kills}.")
    console.print("Mishaps: " + ", ".join(f"{name} ×{count}" for name, count in sorted(outcome.happened.items())) + ".")
    refused = ", ".join(f"{name} ×{count}" for name, count in sorted(outcome.told.statuses.items()))
    console.print(f"Refusals: {refused or 'none'}.")
    table = Table(title=f"What must hold; every call closed {outcome.settled_after:.0f} s after the last visitor")
    for heading in ("", "", "found"):
        table.add_column(heading)
    for proof in outcome.proofs:
        table.add_row("holds" if proof.holds else "[bold red]FAILS[/]", proof.name, proof.found)
    console.print(table)
    for problem in outcome.told.broken[:20]:
        console.print(f"  {problem}", highlight=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--visitors", type=int, default=8, help="at the same time")
    parser.add_argument("--seed", type=int, default=1, help="of visitors and mishaps")
    parser.add_argument("--short", action="store_true", help="without what takes a minute to be found out and mended")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave data and logs there")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    given = parser.parse_args()
    outcome = soak(Soak(given.minutes * 60, given.visitors, given.seed, short=given.short), given.keep)
    show(outcome, Console(width=150))
    if given.json:
        found = {proof.name: {"found": proof.found, "holds": proof.holds} for proof in outcome.proofs}
        print(json.dumps({"ok": outcome.ok, "visits": outcome.told.visits, "proofs": found}))
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
