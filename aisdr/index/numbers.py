"""Numbers for terms and words in a company's file, so that a chunk remembers them in four bytes each."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from aisdr.index.bm25 import Numbers

_AT_ONCE = 500
"""Names in one statement; SQLite takes some thousands."""


def numbers_of(connection: sqlite3.Connection, table: str, names: Iterable[str]) -> dict[str, int]:
    """Every name's number in the table (`terms` or `words`); new names get one.

    Names keep their number for good: those that no chunk uses any more cost a row and harm nothing.
    """
    wanted = sorted(set(names))
    known: dict[str, int] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        known |= connection.execute(f"SELECT name, number FROM {table} WHERE name IN ({marks})", some).fetchall()  # noqa: S608  # nosec B608  # tables by names of our own, values by place
    missing = [name for name in wanted if name not in known]
    highest = connection.execute(f"SELECT coalesce(max(number), -1) FROM {table}").fetchone()[0]  # noqa: S608  # nosec B608  # tables by names of our own, values by place
    new = {name: highest + 1 + place for place, name in enumerate(missing)}
    connection.executemany(f"INSERT INTO {table} (name, number) VALUES (?, ?)", new.items())  # noqa: S608  # nosec B608  # tables by names of our own, values by place
    return known | new


def packed(counted: Counter[str], numbers: Mapping[str, int]) -> tuple[bytes, bytes]:
    """A text's terms and how often it has each of them, as two arrays of 32-bit numbers."""
    terms = np.array([numbers[name] for name in counted], dtype=np.int32)
    return terms.tobytes(), np.array(list(counted.values()), dtype=np.int32).tobytes()


def unpacked(blobs: Iterable[bytes]) -> Numbers:
    """All arrays, one after another."""
    return np.frombuffer(b"".join(blobs), dtype=np.int32)
