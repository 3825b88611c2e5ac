"""How much memory a process and its children hold, as the kernel shares it out (PSS), and the most of a run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
EVERY_SECONDS = 0.1
MEGABYTE = 1024 * 1024


@dataclass
class Peak:
    """The most that was seen, in bytes."""

    most: int = 0

    @property
    def megabytes(self) -> float:
        return self.most / MEGABYTE


def of_tree(root: int) -> int:
    """Bytes that a process and everything it started hold now."""
    parents = {int(path.name): _parent(path) for path in PROC.iterdir() if path.name.isdecimal()}
    tree = {root}
    while found := {each for each, parent in parents.items() if parent in tree} - tree:
        tree |= found
    return sum(_held(each) for each in tree)


@contextmanager
def watched(root: int) -> Iterator[Peak]:
    """Looks ten times a second, as long as the block lasts."""
    peak, over = Peak(), threading.Event()

    def look() -> None:
        while not over.wait(EVERY_SECONDS):
            peak.most = max(peak.most, of_tree(root))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _held(process_id: int) -> int:
    try:
        lines = (PROC / str(process_id) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
