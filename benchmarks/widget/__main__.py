"""`python -m benchmarks.widget`: what a website pays for a widget, ours beside those that are sold or given away.

--runs N    visits of each website (5); the median counts
--json      the last line is one JSON object
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from benchmarks.relay.stack import free_port
from benchmarks.report import Bar, Section, tell
from benchmarks.widget.pages import BLANK, OURS, PEERS, Site
from benchmarks.widget.peers import NotFetched, fetch
from benchmarks.widget.visit import Visit, visit
from benchmarks.widget.website import website
from dev.environment import ROOT, Ports

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def product() -> Iterator[str]:
    """`make dev` on free ports, with data of its own."""
    ports = Ports(*(free_port() for _ in Ports.VARIABLES))
    chosen = {variable: str(getattr(ports, name)) for name, variable in Ports.VARIABLES.items()}
    with TemporaryDirectory() as data:
        environment = os.environ | chosen | {"AISDR_DATA": data, "AISDR_LOCAL_FILE": os.devnull}
        process = subprocess.Popen(
            [sys.executable, "-m", "dev"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            if not any(line.startswith("Ready") for line in process.stdout or ()):
                raise RuntimeError("make dev did not become ready")
            yield f"http://localhost:{ports.gateway}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def section(found: dict[str, list[Visit]]) -> Section:
    floor = median(each.busy_before for each in found.pop(BLANK.name))
    rows: list[tuple[str, list[float | str]]] = []
    figures: dict[str, list[float | None]] = {}
    for name, visits in found.items():
        one = visits[-1]
        busy = median(each.busy_before for each in visits) - floor
        opened = None if one.bytes_open is None else one.bytes_open / 1000
        figures[name] = [one.bytes_before / 1000, one.requests_before, busy, opened, one.requests_open]
        cells = [f"{one.bytes_before / 1000:.1f}", str(one.requests_before), f"{busy:.0f}"]
        cells += ["-", "-"] if opened is None else [f"{opened:.1f}", str(one.requests_open)]
        rows.append((name, [*cells, str(one.stored_before), str(one.foreign_before)]))
    columns = ["widget", "kB", "requests", "main thread ms", "kB open", "requests open", "stored", "foreign hosts"]
    # Whoever sends everything at once needs no request later: requests of an open panel are told, and have no bar.
    told = ("kB before the click", "requests before the click", "main thread, ms", "kB when open")
    bars = []
    ours = figures.pop(OURS.name)
    for place, what in enumerate(told):
        peers = [figure for row in figures.values() if (figure := row[place]) is not None]
        bars.append(Bar(f"{what}: not more than the best peer", ours[place] or 0.0, most=min(peers)))
    bars.append(Bar("stored before the click", float(found[OURS.name][-1].stored_before), most=0))
    bars.append(Bar("foreign hosts before the click", float(found[OURS.name][-1].foreign_before), most=0))
    return Section("widget", columns, rows, bars)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    sites: dict[str, Site] = {f"site{number}": site for number, site in enumerate((BLANK, OURS, *PEERS))}
    with TemporaryDirectory(prefix="widgets-") as name, product() as ours, sync_playwright() as playwright:
        folder = Path(name)
        try:
            packages = fetch(folder / "packages")
        except NotFetched as problem:
            print(problem, file=sys.stderr)
            return 1
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        found: dict[str, list[Visit]] = {site.name: [] for site in sites.values()}
        with website(folder, sites, packages, ours) as address:
            for run in range(asked.runs):
                for key, site in sites.items():
                    found[site.name].append(visit(browser, f"{address}/{key}.html", site))
                print(f"· {run + 1} of {asked.runs}", file=sys.stderr, flush=True)
        browser.close()
    return 0 if tell([section(found)], as_json=asked.json) else 1


if __name__ == "__main__":
    sys.exit(main())
