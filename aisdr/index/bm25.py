"""BM25 in memory with Lucene's formula, Snowball stems and Lucene's English stop words."""

import re
import threading
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from Stemmer import Stemmer  # type: ignore[import-not-found]  # ships without types

K1 = 1.2
B = 0.75
STOP_WORDS = frozenset(
    """a an and are as at be but by for if in into is it no not of on or such that the their then there these they this
    to was will with""".split()  # noqa: SIM905  (thirty-three quoted words would be harder to read)
)
# "don't" and "1,200.50" are one word each, as Lucene's standard tokenizer has it.
_WORD = re.compile(r"[^\W_]+(?:(?:['’]|(?<=\d)[.,](?=\d))[^\W_]+)*")
_POSSESSIVE = re.compile(r"['’]s$")
_stemmers = threading.local()  # a Stemmer keeps a buffer of its own and must not be shared by threads


def stems(text: str) -> list[str]:
    """The searchable words of a text, in order: lower case, no stop words, stemmed."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer("english")
    words = [word for word in written_words(text) if word not in STOP_WORDS]
    stemmed: list[str] = _stemmers.english.stemWords(words)
    return stemmed


def written_words(text: str) -> list[str]:
    """The words of a text as they are written, in lower case and in order."""
    return [_POSSESSIVE.sub("", word) for word in _WORD.findall(text.lower())]


class Bm25:
    """An inverted index over texts that are numbered 0 … n-1, built once and never changed.

    Args:
        vocabulary: stem → term number.
        terms: for each text, the numbers of its distinct terms.
        counts: for each text, how often it has each of them.
    """

    def __init__(
        self,
        vocabulary: dict[str, int],
        terms: Sequence[NDArray[np.int32]],
        counts: Sequence[NDArray[np.int32]],
    ) -> None:
        self._vocabulary = vocabulary
        self._size = size = len(terms)
        lengths = np.array([each.sum() for each in counts], dtype=np.float32)
        self._average = float(lengths.mean()) if size else 0.0
        flat_terms = np.concatenate(terms) if size else np.empty(0, dtype=np.int32)
        flat_counts = np.concatenate(counts).astype(np.float32) if size else np.empty(0, dtype=np.float32)
        flat_texts = np.repeat(np.arange(size, dtype=np.int32), [len(each) for each in terms])

        order = np.argsort(flat_terms, kind="stable")
        self._texts = flat_texts[order]
        norms = K1 * (1 - B + B * lengths / max(self._average, 1e-9))
        self._saturation = (flat_counts / (flat_counts + norms[flat_texts]))[order].astype(np.float32)
        highest = max(vocabulary.values(), default=-1)
        self._begins = np.searchsorted(flat_terms[order], np.arange(highest + 2))

    def scores(self, text: str) -> tuple[NDArray[np.float32], float]:
        """The score of every text, and the least upper bound that no text can pass for this question.

        The bound gives a score without neighbours a meaning: 1 would be every word of the question, again and again.
        """
        scores = np.zeros(self._size, dtype=np.float32)
        bound = 0.0
        for stem, repeated in Counter(stems(text)).items():
            postings = self._postings(stem)
            found = postings.stop - postings.start
            weight = repeated * np.log(1 + (self._size - found + 0.5) / (found + 0.5))
            scores[self._texts[postings]] += np.float32(weight) * self._saturation[postings]
            bound += float(weight)
        return scores, bound

    def _postings(self, stem: str) -> slice:
        number = self._vocabulary.get(stem)
        if number is None:
            return slice(0, 0)
        return slice(int(self._begins[number]), int(self._begins[number + 1]))
