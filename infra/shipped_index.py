"""The index files that go with the code where no search engine stands: `python -m infra.shipped_index INDEX BUILD`.

A function's folder cannot be written to, and SQLite opens a file in write-ahead mode only where it can write beside it.
So the files are copied into the mode that needs nothing. They are as the operator's last `aisdr ingest` left them: new
material is new code.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

READERS = ("tool", "search", "ws-relay")
"""The functions that search. None of them writes."""
FOLDER = "index"
"""Below a function's own folder, `/var/task` on AWS."""


def ship(index: Path, build: Path) -> list[Path]:
    """Copies every company's file into the bundles of the functions that search, in place of what was there.

    Raises:
        FileNotFoundError: there is no file to ship, or no bundle to ship it in; the message says what to do.
    """
    files = sorted(index.glob("*.sqlite3"))
    if not files:
        raise FileNotFoundError(f"There is no index file in {index}: run `aisdr ingest` first")
    shipped = []
    for name in READERS:
        if not (build / name).is_dir():
            raise FileNotFoundError(f"There is no bundle {build / name}: run `make build` first")
        folder = build / name / FOLDER
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        shipped += [_copied(file, folder / file.name) for file in files]
    return shipped


def _copied(source: Path, target: Path) -> Path:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)  # also what still stands in the write-ahead file
        copy.execute("PRAGMA journal_mode = DELETE")
    return target


if __name__ == "__main__":
    try:
        print(*ship(Path(sys.argv[1]), Path(sys.argv[2])), sep="\n")
    except FileNotFoundError as error:
        sys.exit(str(error))
