"""Word triples: which of a hundred texts have so many in common that they may say the same.

To compare each text with each other one takes ten milliseconds for a hundred. So every triple becomes a number, and one
sort of all numbers brings those together that stand in several texts.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

# Functions that only describe tools import this file, too, and carry no numpy.
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
"""Odd and of 64 bits, so that a triple's number depends on the order of its words."""


def sharing(texts: Sequence[str], share: float) -> Iterator[tuple[int, int]]:
    """Pairs of positions, the earlier text first, where one has at least this share of the other's triples."""
    import numpy as np

    read = [triples(text) for text in texts]
    if len(read) < 2:
        return
    sizes = np.array([len(each) for each in read])
    numbers, owners = np.concatenate(read), np.repeat(np.arange(len(read)), sizes)
    order = np.argsort(numbers)
    numbers, owners = numbers[order], owners[order]
    common = np.zeros(len(read) * len(read), dtype=np.int64)
    step, equal = 1, np.flatnonzero(numbers[1:] == numbers[:-1])
    while len(equal):  # equal numbers that stand so many places apart
        common += np.bincount(owners[equal] * len(read) + owners[equal + step], minlength=len(common))
        step += 1
        equal = equal[equal + step < len(numbers)]
        equal = equal[numbers[equal + step] == numbers[equal]]
    both = common.reshape(len(read), len(read))
    both = np.triu(both + both.T, 1)
    enough = (both > 0) & (both >= share * np.minimum.outer(sizes, sizes))
    yield from ((one, other) for one, other in np.argwhere(enough).tolist())


@lru_cache(maxsize=8192)
def triples(text: str) -> "Numbers":
    """The distinct triples as numbers of this process, ascending; of fewer than three words, all of them as one."""
    import numpy as np

    words = WORD.findall(text.lower())
    if len(words) < len(_FACTORS):
        return np.array([hash(tuple(words)) & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64)
    hashes = np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)
    length = len(words) - 2
    first, second, third = (np.uint64(factor) for factor in _FACTORS)
    numbers = hashes[:length] * first + hashes[1 : length + 1] * second + hashes[2:] * third
    numbers.sort()
    distinct: Numbers = numbers[np.flatnonzero(np.diff(numbers, prepend=~numbers[:1]))]
    return distinct
