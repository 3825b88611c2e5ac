"""BM25 against values worked out by hand."""

from collections import Counter
from math import log

import numpy as np
import pytest
from numpy.typing import NDArray

from aisdr.index.analysis import terms
from aisdr.index.bm25 import Bm25, rounded


def index_of(*texts: str) -> Bm25:
    vocabulary: dict[str, int] = {}
    numbers: list[int] = []
    counts: list[int] = []
    distinct: list[int] = []
    for text in texts:
        counted = Counter(terms(text, "en"))
        numbers += [vocabulary.setdefault(term, len(vocabulary)) for term in counted]
        counts += counted.values()
        distinct.append(len(counted))
    return Bm25(vocabulary, *(np.array(each, dtype=np.int32) for each in (numbers, counts, distinct)))


def scores(index: Bm25, question: str) -> tuple[NDArray[np.float32], float]:
    return index.scores(terms(question, "en"))


def test_the_score_is_lucenes() -> None:
    index = index_of("apple apple banana cherry", "apple cherry")

    found, _ = scores(index, "banana apple")

    # Lengths 4 and 2, average 3. banana is in one of two texts, apple in both.
    banana_rarity, apple_rarity = log(1 + 1.5 / 1.5), log(1 + 0.5 / 2.5)
    long_text, short_text = 1.2 * (0.25 + 0.75 * 4 / 3), 1.2 * (0.25 + 0.75 * 2 / 3)
    assert found[0] == pytest.approx(banana_rarity / (1 + long_text) + apple_rarity * 2 / (2 + long_text), rel=1e-6)
    assert found[1] == pytest.approx(apple_rarity / (1 + short_text), rel=1e-6)


def test_a_word_that_is_asked_twice_counts_twice() -> None:
    index = index_of("apple banana", "cherry")

    once, twice = scores(index, "apple")[0], scores(index, "apple apple")[0]

    assert twice[0] == pytest.approx(2 * once[0])


def test_no_score_passes_the_bound() -> None:
    index = index_of(*["price " * 500, "price list", "something else"])

    found, bound = scores(index, "price price list")

    assert 0 < found.max() < bound


def test_unknown_words_and_empty_indexes_score_nothing() -> None:
    assert scores(index_of("apple"), "zebra")[0].tolist() == [0]
    assert scores(index_of(), "apple")[0].tolist() == []
    assert scores(index_of("the of and"), "the")[0].tolist() == [0]


def test_lengths_are_as_coarse_as_lucenes() -> None:
    """From 24 on Lucene's byte keeps four bits of what is above: 24 … 40 exactly, then every second, every fourth."""
    lengths = np.array([0, 1, 23, 24, 39, 40, 41, 42, 55, 57, 60, 100, 1000])

    assert rounded(lengths).tolist() == [0, 1, 23, 24, 39, 40, 40, 42, 54, 56, 60, 96, 984]
