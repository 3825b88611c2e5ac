"""Spelling: which word of the company's own material a visitor probably meant by one that nobody knows."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisdr.index.base import Vocabulary
from aisdr.inference.spelling import slips
from aisdr.inference.words import stem

SHORTEST, LONGEST = 4, 24
"""Letters. In a shorter word one slip makes another word."""
LONG = 8
"""From so many letters on two slips still leave no doubt."""
CLEARLY = 4
"""Of two words that are equally near, one must stand in so many times more chunks to be the one that was meant."""


@dataclass(frozen=True)
class _Near:
    word: str
    slips: int
    chunks: int


class Lexicon:
    """A company's words, ready to be compared with: near ones are found in a fraction of a millisecond among 20,000.

    Args:
        known: words that exist although the company does not use them; they are never corrected.
    """

    def __init__(self, vocabulary: Vocabulary, known: AbstractSet[str] = frozenset()) -> None:
        self._chunks = vocabulary.words
        self._known = known
        usual = [word for word in vocabulary.words if _is_comparable(word)]
        self._words = sorted(usual, key=len)
        codes = np.array(self._words, dtype=f"<U{LONGEST}").view(np.uint32).reshape(-1, LONGEST)
        self._first, self._second = codes[:, 0].copy(), codes[:, 1].copy()
        self._letters = _counted(codes)
        lengths = np.array([len(word) for word in self._words], dtype=np.int64)
        self._begins = np.searchsorted(lengths, np.arange(LONGEST + 4))

    def knows(self, word: str) -> bool:
        return word in self._chunks or word in self._known

    def meant(self, word: str) -> str | None:
        """The word that a lower-case `word` is a misspelling of; None when it is none, or when that is not clear."""
        if not _is_comparable(word) or self.knows(word):
            return None
        near = self._near(word)
        if not near or any(stem(each.word) == stem(word) for each in near):
            return None  # another form of a word that is there
        fewest = min(each.slips for each in near)
        best, *others = sorted((each for each in near if each.slips == fewest), key=lambda each: -each.chunks)
        rivals = (each for each in others if stem(each.word) != stem(best.word))
        return best.word if all(best.chunks >= CLEARLY * each.chunks for each in rivals) else None

    def _near(self, word: str) -> list[_Near]:
        most = 2 if len(word) >= LONG else 1
        begin, end = self._begins[max(0, len(word) - most)], self._begins[min(LONGEST, len(word) + most) + 1]
        # The first letter is seldom wrong, but it may be swapped with the second one.
        first, second = ord(word[0]), ord(word[1])
        firsts, seconds = self._first[begin:end], self._second[begin:end]
        rows = begin + np.flatnonzero((firsts == first) | ((firsts == second) & (seconds == first)))
        letters = _counted(np.array([[ord(letter) for letter in word]], dtype=np.uint32))
        rows = rows[np.abs(self._letters[rows] - letters).sum(axis=1) <= 2 * most]  # a slip changes two counts at most
        found = ((candidate, slips(word, candidate)) for candidate in (self._words[row] for row in rows))
        return [_Near(candidate, count, self._chunks[candidate]) for candidate, count in found if count <= most]


def _is_comparable(word: str) -> bool:
    """Letters only, and of a script that puts spaces between words."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha() and max(word) < "\u0e00"


def _counted(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
    """How often each letter stands in each word: shape (words, 32), letters by their last five bits."""
    counts = np.zeros((len(codes), 32), dtype=np.int8)
    for column in codes.T:
        rows = np.flatnonzero(column)
        counts[rows, column[rows] & 31] += 1
    return counts
