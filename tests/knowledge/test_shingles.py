"""Word triples: the pairs that are found are those that comparing everything with everything would find."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.knowledge.shingles import WORD, sharing

SHARE = 0.6
TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join), max_size=8)


def compared_one_by_one(texts: list[str]) -> list[tuple[int, int]]:
    def triples(text: str) -> frozenset[tuple[str, ...]]:
        words = WORD.findall(text.lower())
        return frozenset(zip(words, words[1:], words[2:], strict=False)) or frozenset([tuple(words)])

    read = [triples(text) for text in texts]
    return [
        (one, other)
        for one, other in combinations(range(len(texts)), 2)
        if len(read[one] & read[other]) >= max(1, SHARE * min(len(read[one]), len(read[other])))
    ]


@settings(deadline=None)
@given(TEXTS)
def test_the_pairs_are_those_of_a_comparison_one_by_one(texts: list[str]) -> None:
    assert list(sharing(texts, SHARE)) == compared_one_by_one(texts)


def test_a_text_that_stands_in_many_is_found_with_each_of_them() -> None:
    texts = ["our support answers within a day", *(f"our support answers within a day, page {n}" for n in range(60))]

    assert len(list(sharing(texts, SHARE))) == 61 * 60 / 2


def test_a_triple_that_a_text_repeats_counts_once() -> None:
    assert list(sharing(["la la la la la la", "la la la and then another line altogether"], SHARE)) == [(0, 1)]


@pytest.mark.parametrize("texts", [[], ["alone"], ["", "x"]])
def test_nothing_is_shared_where_there_is_nothing_to_share(texts: list[str]) -> None:
    assert list(sharing(texts, SHARE)) == []
