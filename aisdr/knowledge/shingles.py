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
_NUMBER, _OWNER = 0xFFFFFFFFFFFFF000, 0xFFF
"""The bits of a triple's number, and those that are left for the text that it stands in."""
MOST_TEXTS = _OWNER + 1


def sharing(texts: Sequence[str], share: float) -> Iterator[tuple[int, int]]:
    """Pairs of positions, the earlier text first, where one has at least this share of the other's triples.

    Of at most `MOST_TEXTS` texts.
    """
    import numpy as np

    read = [triples(text) for text in texts]
    if len(read) < 2:
        return
    sizes = np.array([len(each) for each in read])
    # Whose a triple is stands in the bits that its number leaves free: so one sort does, and nothing is looked up.
    owned, owner = np.concatenate(read), np.uint64(_OWNER)
    owned += np.repeat(np.arange(len(read), dtype=np.uint64), sizes)
    owned.sort()
    common = np.zeros(len(read) * len(read), dtype=np.int64)
    step, equal = 1, np.flatnonzero((owned[1:] ^ owned[:-1]) <= owner)
    while len(equal):  # equal numbers that stand so many places apart; the earlier text's comes first
        pairs = (owned[equal] & owner) * np.uint64(len(read)) + (owned[equal + step] & owner)
        common += np.bincount(pairs.astype(np.intp), minlength=len(common))
        step += 1
        equal = equal[equal + step < len(owned)]
        equal = equal[(owned[equal + step] ^ owned[equal]) <= owner]
    found = np.flatnonzero(common)
    one, other = np.divmod(found, len(read))
    enough = common[found] >= share * np.minimum(sizes[one], sizes[other])
    yield from zip(one[enough].tolist(), other[enough].tolist(), strict=True)


@lru_cache(maxsize=8192)
def triples(text: str) -> "Numbers":
    """The distinct triples as numbers of this process, ascending; of fewer than three words, all of them as one.

    The bits of `_OWNER` are 0 in each.
    """
    import numpy as np

    words = WORD.findall(text.lower())
    if len(words) < len(_FACTORS):
        return np.array([hash(tuple(words))], dtype=np.int64).view(np.uint64) & np.uint64(_NUMBER)
    hashes = np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)
    length = len(words) - 2
    first, second, third = (np.uint64(factor) for factor in _FACTORS)
    numbers = hashes[:length] * first + hashes[1 : length + 1] * second + hashes[2:] * third
    numbers &= np.uint64(_NUMBER)
    numbers.sort()
    distinct: Numbers = numbers[np.flatnonzero(np.diff(numbers, prepend=~numbers[:1]))]
    return distinct
