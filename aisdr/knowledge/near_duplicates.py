"""Which chunks of a whole corpus say nearly the same: for the operator, who may want to keep one of them.

Each chunk's word triples become a sketch of its smallest hashes (bottom-k, Broder 1997), which is kept with its source.
Chunks that share some of them are compared in full, so the sketches decide only who is looked at.
"""

import base64
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from aisdr.index.base import Chunk, SearchIndex, SourceRecord
from aisdr.knowledge.duplicates import are_duplicates
from aisdr.knowledge.shingles import WORD
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

SKETCH = 24
"""Hashes of a chunk: two texts that share 60 % of their triples have about 10 of them in common."""
ENOUGH = 6
"""Common hashes from which two chunks are compared."""
CROWD = 40
"""A triple that so many chunks have is a footer or a menu and says nothing about them."""
MOST_PAIRS = 200
"""Pairs that a report names; it counts the others."""
TRIGRAMS = "trigrams"
"""Key of a source record's `extra`: the sketches of its chunks in the order of their ids."""

_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
_EMPTY = np.uint32(0xFFFFFFFF)

Sketches = NDArray[np.uint32]
"""Shape (chunks, SKETCH), ascending in each row, filled up with `_EMPTY`."""


class NearDuplicate(Wire):
    """Two chunks that say the same, by their sources."""

    first: str
    second: str
    text: str
    """How the first one begins."""


def packed_sketches(chunks: Sequence[Chunk]) -> str:
    """For a record's `extra`."""
    rows = [_sketch(chunk.text) for chunk in sorted(chunks, key=lambda chunk: chunk.chunk_id)]
    return base64.b85encode(np.stack(rows).astype("<u4").tobytes()).decode() if rows else ""


def near_duplicates(scope: TenantScope, index: SearchIndex, records: Iterable[SourceRecord]) -> list[NearDuplicate]:
    """Pairs of chunks from two sources that say the same, in the order of their sources."""
    sketches = {record.source_id: _unpacked(record.extra.get(TRIGRAMS, "")) for record in records}
    pairs = _alike(sketches)
    chunks: dict[str, list[Chunk]] = {}
    found = []
    for (one, row), (other, position) in sorted(pairs):
        for source_id in (one, other):
            if source_id not in chunks:
                chunks[source_id] = index.chunks(scope, source_id)
        if max(row - len(chunks[one]), position - len(chunks[other])) >= 0:
            continue  # replaced since the records were read
        first, second = chunks[one][row], chunks[other][position]
        if are_duplicates(first, second):
            found.append(NearDuplicate(first=one, second=other, text=" ".join(first.text.split())[:80]))
    return found


def _alike(sketches: Mapping[str, Sketches]) -> set[tuple[tuple[str, int], tuple[str, int]]]:
    """Chunks of different sources with enough hashes in common, as (source id, position) each."""
    having: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for source_id, rows in sorted(sketches.items()):
        for position, row in enumerate(rows):
            for number in row[row != _EMPTY].tolist():
                having[number].append((source_id, position))
    common: Counter[tuple[tuple[str, int], tuple[str, int]]] = Counter()
    for holders in having.values():
        if 1 < len(holders) <= CROWD:
            common.update((one, other) for one, other in combinations(holders, 2) if one[0] != other[0])
    short = {key for key, rows in _lengths(sketches).items() if rows < SKETCH}
    return {pair for pair, count in common.items() if count >= ENOUGH or (count >= 2 and not short.isdisjoint(pair))}


def _lengths(sketches: Mapping[str, Sketches]) -> dict[tuple[str, int], int]:
    return {
        (source_id, position): int(count)
        for source_id, rows in sketches.items()
        for position, count in enumerate((rows != _EMPTY).sum(axis=1) if len(rows) else ())
    }


def _sketch(text: str) -> NDArray[np.uint32]:
    """Of stable hashes, unlike those that a search compares hits by, which change with the process."""
    words = [zlib.crc32(word.encode()) for word in WORD.findall(text.lower())]
    row = np.full(SKETCH, _EMPTY, dtype=np.uint32)
    if len(words) >= len(_FACTORS):
        numbers = np.array(words, dtype=np.uint64)
        length = len(words) - 2
        mixed = sum(numbers[start : start + length] * factor for start, factor in enumerate(_FACTORS))
        # Not by np.unique, which loads numpy.ma: that one reads docstrings, and bundles have none.
        smallest = sorted(set((np.asarray(mixed) >> np.uint64(32)).tolist()))[:SKETCH]
        row[: len(smallest)] = smallest
    return row


def _unpacked(packed: str) -> Sketches:
    return np.frombuffer(base64.b85decode(packed), dtype="<u4").reshape(-1, SKETCH)
