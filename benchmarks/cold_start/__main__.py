"""`python -m benchmarks.cold_start`: how fast the built bundles start under AWS's own runtime client.

--runs N         lives of each process that count (15); one more before them fills the machine's cache
--python PATH    a Python 3.13; without one the bundles are built for this machine's Python
--only NAME      one function
--json           the last line is one JSON object
"""

import argparse
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.cold_start import first_search
from benchmarks.cold_start.process import Life, Subject, live, python_of_lambda
from benchmarks.cold_start.share import share_of_our_code
from benchmarks.cold_start.subjects import BARE, SETTINGS, bare, subjects
from benchmarks.report import Bar, Section, tell
from infra.bundle.archive import size
from infra.bundle.build import LAYER_FOLDER, build, named
from infra.bundle.packages import HOST, X86_64, Target, install

RATIO = {"ws-relay": 6.0, "session": 10.0, "tool": 11.0, "search": 14.0}
"""Cold start, times that of the bare handler in the same run."""
MEMORY = {"ws-relay": 48.0, "session": 60.0, "tool": 64.0, "search": 72.0}
"""MiB at the peak."""
ZIPPED = {"ws-relay": 8.0, "session": 10.0, "tool": 11.0, "search": 13.0}
"""MiB."""
FIRST_MS = 20.0
LEAST_SLOWER_WITHOUT_BYTECODE = 1.8
WARM = 200
CLIENT_LOCK = Path(__file__).with_name("requirements.lock")


def lives_of(python: str, client: Path, all_of_them: list[Subject], runs: int) -> dict[str, list[Life]]:
    """One after the other, again and again, so that whatever the machine does meanwhile hits all alike."""
    found: dict[str, list[Life]] = {subject.name: [] for subject in all_of_them}
    for run in range(runs + 1):
        for subject in all_of_them:
            life = live(python, client, subject, SETTINGS, WARM if run else 1)
            if run:
                found[subject.name].append(life)
        print(f"· {run} of {runs}", file=sys.stderr, flush=True)
    return found


def section(found: dict[str, list[Life]], zipped: dict[str, float], ours: dict[str, float]) -> Section:
    floor = median(life.cold for life in found[BARE])
    warm_floor = median(time for life in found[BARE] for time in life.warm)
    rows: list[tuple[str, list[float | str]]] = []
    bars: list[Bar] = []
    for name, lives in found.items():
        cold, init = median(life.cold for life in lives), median(life.init for life in lives)
        first, memory = median(life.first for life in lives) * 1000, median(life.memory for life in lives)
        warm = sorted(time for life in lives for time in life.warm)
        p50, p99 = warm[len(warm) // 2] * 1000, warm[len(warm) * 99 // 100] * 1000
        figures = [f"{init * 1000:.0f}", f"{first:.1f}", f"{cold / floor:.2f}", f"{p50:.2f}", f"{p99:.2f}"]
        figures += [f"{p50 / 1000 / warm_floor:.1f}", f"{ours[name]:.0%}" if name in ours else "-"]
        rows.append((name, [*figures, f"{memory:.0f}", f"{zipped[name]:.1f}" if name in zipped else "-"]))
        if name in RATIO:
            bars += [
                Bar(f"{name}: times the bare handler", cold / floor, most=RATIO[name]),
                Bar(f"{name}: MiB of memory", memory, most=MEMORY[name]),
                Bar(f"{name}: MiB zipped", zipped[name], most=ZIPPED[name]),
                Bar(f"{name}: first answer, ms", first, most=FIRST_MS),
            ]
        if name in zipped and f"{name}, no bytecode" in found:
            slower = median(life.init for life in found[f"{name}, no bytecode"]) / init
            bars.append(Bar(f"{name}: times slower without bytecode", slower, least=LEAST_SLOWER_WITHOUT_BYTECODE))
    notes = [f"beside it, {name}: {each:.1f} MiB" for name, each in zipped.items() if name.startswith(LAYER_FOLDER)]
    columns = [
        "cold start",
        "init ms",
        "first ms",
        "× bare",
        "warm p50",
        "warm p99",
        "warm × bare",
        "our code",
        "MiB",
        "zip MiB",
    ]
    return Section("cold start", columns, rows, bars, notes)


def without_bytecode(subject: Subject, folder: Path) -> Subject:
    """The negative control: the same files, but for what was compiled."""
    place = folder / f"{subject.name}-source"
    shutil.copytree(subject.path[0], place, ignore=shutil.ignore_patterns("__pycache__"))
    return Subject(f"{subject.name}, no bytecode", (place,), subject.handler, subject.event, subject.status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--python")
    parser.add_argument("--only", choices=RATIO)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    given = asked.python or python_of_lambda()
    target: Target = X86_64 if given else HOST
    with TemporaryDirectory(prefix="cold-start-") as name:
        folder = Path(name)
        chosen = [asked.only] if asked.only else list(RATIO)
        bundles = build(named(chosen), target, folder / "build")
        install(CLIENT_LOCK, target, folder / "client")
        started = [each for each in subjects(folder / "build") if each.name in chosen]
        control = without_bytecode(started[0], folder)
        zipped = {made.relative_to(folder / "build").as_posix(): size(made).zipped / 2**20 for made in bundles}
        found = lives_of(given or sys.executable, folder / "client", [bare(folder), *started, control], asked.runs)
        ours = {each.name: share_of_our_code(given or sys.executable, each, SETTINGS) for each in started}
        sections = [section(found, zipped, ours)]
        if first_search.FUNCTION in chosen:
            sections.append(first_search.section(given or sys.executable, folder / "build", SETTINGS, asked.runs))
    return 0 if tell(sections, as_json=asked.json) else 1


if __name__ == "__main__":
    sys.exit(main())
