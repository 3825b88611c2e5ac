"""Parity: the same collection in both engines is answered with the same hits, in the same order, at the same scores."""

from pathlib import Path

import pytest

from aisdr.index.base import SearchHit
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from benchmarks.collections import read
from benchmarks.search_quality.parity import answered, compared, fill, same_order, widest
from benchmarks.search_quality.ready import COMPANY, MINILM
from tests.chunks import chunk

PASSAGES = 30
DEPTH = 10


@pytest.mark.slow
def test_both_engines_answer_with_the_same_hits_at_the_same_scores(node: str, tmp_path: Path) -> None:
    collection = read("xquad-en").first(PASSAGES)
    embedded, remote = EmbeddedIndex(tmp_path, MINILM), OpenSearchIndex(client(node, "", None), MINILM)
    remote.remove_company(COMPANY)
    for index in (embedded, remote):
        fill(index, collection)

    found = compared(answered(embedded, collection, DEPTH).hits, answered(remote, collection, DEPTH).hits, DEPTH)

    assert len(collection.questions) > 100
    assert found.agreed >= 0.99
    assert found.apart <= 1e-3


def hits(**scores: float) -> list[SearchHit]:
    return [
        SearchHit(chunk=chunk(name, chunk_id=name), score=score, origins=("own",)) for name, score in scores.items()
    ]


def test_hits_that_score_the_same_may_stand_either_way_round() -> None:
    assert same_order(hits(a=0.9, b=0.5, c=0.4), hits(a=0.9, b=0.5, c=0.4))
    assert same_order(hits(a=0.9, b=0.50001, c=0.4), hits(a=0.9, c=0.4, b=0.50001)[:1] + hits(b=0.5, c=0.4))
    assert same_order(hits(a=0.5, b=0.5, c=0.4), hits(b=0.5, a=0.5, c=0.4))


def test_the_last_hit_may_be_any_of_those_that_score_the_same() -> None:
    assert same_order(hits(a=0.9, b=0.4), hits(a=0.9, c=0.4))
    assert not same_order(hits(a=0.9, b=0.4), hits(a=0.9, c=0.3))


def test_another_order_another_hit_or_one_less_is_no_parity() -> None:
    assert not same_order(hits(a=0.9, b=0.5, c=0.4), hits(b=0.9, a=0.5, c=0.4))
    assert not same_order(hits(a=0.9, b=0.5, c=0.4), hits(a=0.9, d=0.5, c=0.4))
    assert not same_order(hits(a=0.9, b=0.5), hits(a=0.9))


def test_the_widest_difference_is_that_of_one_chunk() -> None:
    assert widest(hits(a=0.9, b=0.5), hits(b=0.7, a=0.9)) == pytest.approx(0.2)
    assert widest([], []) == 0
