"""BM25 in memory, score for score what Lucene computes: its formula, its rounded lengths.

Source: Lucene's `BM25Similarity` and `SmallFloat.intToByte4`. The factor `k1 + 1` that older versions multiply with is
left out; it changes no order and no share.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
B = 0.75
_EXACT = 24
"""Lengths up to here are kept exactly; of what is longer, Lucene keeps the four highest bits of the rest."""

Numbers = NDArray[np.int32]


class Bm25:
    """An inverted index over texts that are numbered 0 … n-1, built once and never changed.

    Args:
        vocabulary: term → its number.
        terms: the numbers of the distinct terms of all texts, one text after another.
        counts: how often the text has each of them, in the same order.
        distinct: how many of them belong to each text, shape (n,).
    """

    def __init__(self, vocabulary: Mapping[str, int], terms: Numbers, counts: Numbers, distinct: Numbers) -> None:
        self._vocabulary = vocabulary
        self._size = size = len(distinct)
        texts = np.repeat(np.arange(size, dtype=np.int32), distinct)
        lengths = np.bincount(texts, weights=counts, minlength=size)
        average = float(lengths.mean()) if size else 0.0
        order = np.argsort(terms, kind="stable")
        self._texts = texts[order]
        norms = (K1 * (1 - B + B * rounded(lengths) / max(average, 1e-9))).astype(np.float32)
        frequencies = counts.astype(np.float32)
        self._saturation = (frequencies / (frequencies + norms[texts]))[order]
        highest = max(vocabulary.values(), default=-1)
        self._begins = np.searchsorted(terms[order], np.arange(highest + 2))

    def scores(self, terms: Sequence[str]) -> tuple[NDArray[np.float32], float]:
        """The score of every text, and the least upper bound that no text can pass for this question.

        The bound gives a score without neighbours a meaning: 1 would be every word of the question, again and again.
        """
        scores = np.zeros(self._size, dtype=np.float32)
        bound = 0.0
        for term, repeated in Counter(terms).items():
            postings = self._postings(term)
            weight = repeated * inverse_frequency(self._size, postings.stop - postings.start)
            scores[self._texts[postings]] += np.float32(weight) * self._saturation[postings]
            bound += weight
        return scores, bound

    def _postings(self, term: str) -> slice:
        number = self._vocabulary.get(term)
        if number is None:
            return slice(0, 0)
        return slice(int(self._begins[number]), int(self._begins[number + 1]))


def inverse_frequency(texts: int, found: int) -> float:
    """Lucene's idf of a term that `found` of so many texts have."""
    return float(np.log(1 + (texts - found + 0.5) / (found + 0.5)))


def rounded(lengths: NDArray[np.number[Any]]) -> NDArray[np.float64]:
    """Lengths as Lucene remembers them, in one byte each: rounded down, ever more coarsely."""
    rest = np.maximum(lengths.astype(np.int64) - _EXACT, 0)
    bits = np.frexp(rest.astype(np.float64))[1]
    shift = np.maximum(bits - 4, 0)
    return np.where(lengths < _EXACT, lengths, _EXACT + ((rest >> shift) << shift)).astype(np.float64)
