"""How far an ingestion is: what is read, how fast, and how long it will take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from aisdr.ingest.run import Progress
from scripts.ingest.printable import printable

NAMES = 2
"""Sources that are named on the line below the bar."""
NAME_WIDTH = 40


@contextmanager
def running(title: str, console: Console) -> Iterator[Progress]:
    """Shows a run as long as the block lasts."""
    progress, began = Progress(), time.monotonic()
    picture = (
        Live(
            get_renderable=lambda: picture_of(title, progress, time.monotonic() - began),
            console=console,
            refresh_per_second=4,
            transient=True,
        )
        if console.is_terminal
        else nullcontext()
    )
    with picture:
        yield progress


def picture_of(title: str, progress: Progress, seconds: float) -> RenderableType:
    """Three lines: how much is done, how fast, and what is done now."""
    total = max(progress.expected or 0, progress.done)
    line = Table.grid(padding=(0, 2))
    bar = ProgressBar(total=total or None, completed=progress.done, width=24, pulse=not total)
    counted = f"{progress.done:,} of {total:,}" if total else f"{progress.done:,}"
    line.add_row(Text(title, style="bold"), bar, Text(counted))
    # A line of its own: in a terminal of 80 columns it would be broken in the middle beside the bar.
    rates = Text("  " + speed(progress, seconds), style="cyan", overflow="ellipsis", no_wrap=True)
    details = Text("  " + "  ·  ".join(_now(progress)), style="dim", overflow="ellipsis", no_wrap=True)
    return Group(line, rates, details)


def speed(progress: Progress, seconds: float) -> str:
    """Rates, failures and the time that is left, as far as they are known."""
    if progress.done == 0 or seconds < 1:
        return "beginning"
    rate = progress.done / seconds
    parts = [f"{rate:.1f} sources/s", f"{progress.chunks / seconds:.0f} chunks/s"]
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.expected and progress.expected > progress.done:
        parts.append(f"{duration((progress.expected - progress.done) / rate)} left")
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """`8 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _now(progress: Progress) -> Iterator[str]:
    for source_id, (done, total) in list(progress.reading.items())[:NAMES]:
        yield f"reads {_name(source_id)}" + (f" {done:,}/{total:,}" if total else "")
    if progress.storing:
        done, total = progress.embedding
        yield f"stores {_name(progress.storing)}" + (f" {done:,}/{total:,} chunks" if total else "")


def _name(source_id: str) -> str:
    return printable(source_id if len(source_id) <= NAME_WIDTH else f"…{source_id[1 - NAME_WIDTH :]}")
