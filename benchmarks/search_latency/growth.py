"""The own leg as it grows, beside what people would otherwise take: asked, opened and built, embedding excluded."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import Bar, Section
from benchmarks.search_latency.engines import Timed, embedded, fts5, lancedb

OURS = "ours"
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 200_000)
QUICK_SIZES = (300, 1_000)
MOST_MILLISECONDS = {10_000: 2.0, 100_000: 20.0}
"""Chunks → p50 of one question."""
BLOCKS = 24
"""The longest bar that is drawn in the table."""

Engine = Callable[[Path, int], Timed]
ENGINES: dict[str, Engine] = {OURS: embedded, "SQLite FTS5 and numpy": fts5}
LIBRARIES: dict[str, Engine] = {"LanceDB hybrid": lancedb}


@dataclass(frozen=True)
class Grown:
    """Engine → number of chunks → its times."""

    timed: dict[str, dict[int, Timed]]

    @property
    def sizes(self) -> list[int]:
        return list(self.timed[OURS])

    def milliseconds(self, engine: str, percentile: float = 50) -> list[float]:
        """At each size."""
        return [timed.percentile(percentile) * 1000 for timed in self.timed[engine].values()]


def grown(folder: Path, sizes: Sequence[int], *, with_libraries: bool) -> Grown:
    engines = ENGINES | (LIBRARIES if with_libraries else {})
    return Grown(
        {
            name: {size: engine(folder / f"{number}-{size}", size) for size in sizes}
            for number, (name, engine) in enumerate(engines.items())
        }
    )


def sections(found: Grown) -> list[Section]:
    rows: list[tuple[str, list[float | str]]] = []
    for engine, by_size in found.timed.items():
        for (size, timed), ours in zip(by_size.items(), found.timed[OURS].values(), strict=True):
            middle, late = timed.percentile(50) * 1000, timed.percentile(99) * 1000
            times = f"{timed.percentile(50) / ours.percentile(50):.1f} ×"
            title = f"{size:,} chunks: {engine}"
            rows.append((title, [middle, late, times, timed.opened * 1000, timed.built]))
    rows.sort(key=lambda row: int(row[0].split(" ")[0].replace(",", "")))
    bars = [
        Bar(f"{size:,} chunks, p50 ms", found.timed[OURS][size].percentile(50) * 1000, most=most)
        for size, most in MOST_MILLISECONDS.items()
        if size in found.timed[OURS]
    ]
    columns = ["one question, vector at hand", "p50 ms", "p99 ms", "times ours", "first one ms", "build s"]
    return [Section("own leg by size", columns, rows, bars), _drawn(found)]


def _drawn(found: Grown) -> Section:
    """A bar that is one block longer stands for a time that is longer by the same factor."""
    columns = {engine: found.milliseconds(engine) for engine in found.timed}
    every = [each for column in columns.values() for each in column]
    least, most = min(every), max(every)

    def bar(value: float) -> str:
        blocks = 1 + round((BLOCKS - 1) * math.log(value / least) / (math.log(most / least) or 1.0))
        return f"{value:.1f} {'█' * blocks}"

    rows = [
        (f"{size:,}", [bar(column[place]) for column in columns.values()]) for place, size in enumerate(found.sizes)
    ]
    return Section("growth, logarithmic", ["chunks, p50 ms", *columns], rows)
