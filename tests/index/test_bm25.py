"""BM25 against values worked out by hand."""

from math import log

import numpy as np
import pytest

from aisdr.index.bm25 import Bm25, stems


def index_of(*texts: str) -> Bm25:
    vocabulary: dict[str, int] = {}
    terms, counts = [], []
    for text in texts:
        numbers = [vocabulary.setdefault(stem, len(vocabulary)) for stem in stems(text)]
        distinct, how_often = np.unique(np.array(numbers, dtype=np.int32), return_counts=True)
        terms.append(distinct.astype(np.int32))
        counts.append(how_often.astype(np.int32))
    return Bm25(vocabulary, terms, counts)


def test_the_score_is_lucenes() -> None:
    index = index_of("apple apple banana cherry", "apple cherry")

    scores, _ = index.scores("banana apple")

    # Lengths 4 and 2, average 3. banana is in one of two texts, apple in both.
    banana_rarity, apple_rarity = log(1 + 1.5 / 1.5), log(1 + 0.5 / 2.5)
    long_text, short_text = 1.2 * (0.25 + 0.75 * 4 / 3), 1.2 * (0.25 + 0.75 * 2 / 3)
    assert scores[0] == pytest.approx(banana_rarity / (1 + long_text) + apple_rarity * 2 / (2 + long_text), rel=1e-6)
    assert scores[1] == pytest.approx(apple_rarity / (1 + short_text), rel=1e-6)


def test_a_word_that_is_asked_twice_counts_twice() -> None:
    index = index_of("apple banana", "cherry")

    once, twice = index.scores("apple")[0], index.scores("apple apple")[0]

    assert twice[0] == pytest.approx(2 * once[0])


def test_no_score_passes_the_bound() -> None:
    index = index_of(*["price " * 500, "price list", "something else"])

    scores, bound = index.scores("price price list")

    assert 0 < scores.max() < bound


def test_unknown_words_and_empty_indexes_score_nothing() -> None:
    assert index_of("apple").scores("zebra")[0].tolist() == [0]
    assert index_of().scores("apple")[0].tolist() == []
    assert index_of("the of and").scores("the")[0].tolist() == [0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The prices are rising", ["price", "rise"]),
        ("Acme's customers' data", ["acm", "custom", "data"]),
        ("It costs $1,200.50 a month.", ["cost", "1,200.50", "month"]),
        ("Größe in Zürich", ["größe", "zürich"]),
        ("snake_case and e-mail", ["snake", "case", "e", "mail"]),
    ],
)
def test_words_are_cut_and_stemmed_for_search(text: str, expected: list[str]) -> None:
    assert stems(text) == expected
