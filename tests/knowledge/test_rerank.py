"""The learned second stage: a better order on questions it was not trained with, and a merge that keeps its meaning."""

import numpy as np
import pytest

from aisdr.index.base import IndexQuery, Modality, Place, SearchHit, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import VectorSpace
from aisdr.knowledge.merge import merge
from aisdr.knowledge.rerank.features import NAMES
from aisdr.knowledge.rerank.learned import FARTHEST, Learned, Weights
from aisdr.knowledge.rerank.order import WINDOW
from aisdr.tenant import TenantScope
from benchmarks.collections import NAMES as COLLECTIONS
from benchmarks.collections import read
from benchmarks.search_quality.measures import mean, ndcg
from scripts.train_rerank import is_learnt
from tests.chunks import LetterCounts, chunk, texts
from tests.material import a_company

COMPANY = a_company()
PLACE = Place(EmbeddedIndex("unused", LetterCounts().space), LetterCounts())

FEE = "The fee for early cancellation is 200 dollars."
PICTURE = "A man at a desk with a laptop."


def hit(text: str, score: float, **changes: object) -> SearchHit:
    found = SearchHit(chunk=chunk(text), score=score, origins=("own",), leg_scores={"own": score}, words=score)
    return found.model_copy(update=changes)


def reranked(question: str, *hits: SearchHit, weights: Weights | None = None) -> list[SearchHit]:
    return Learned(weights).rerank(COMPANY, IndexQuery(question, None), PLACE, hits, timeout=1)


def test_of_hits_that_are_about_equal_the_one_with_the_questions_words_in_a_row_comes_first() -> None:
    hits = [
        hit("Early bookings get a discount; the cancellation of a flight is possible, and no fee is due then.", 0.55),
        hit("The cancellation fee for early birds is 200 dollars, whatever the reason or the day may be.", 0.54),
    ]

    best = reranked("What is the cancellation fee?", *hits)[0]

    assert best.chunk.text.startswith("The cancellation fee")


def test_a_hit_that_is_far_better_stays_in_front() -> None:
    far = hit("Leaving before the year is over costs extra.", 0.3 + 2 * FARTHEST + 0.01)

    best = reranked("cancellation fee", far, hit(FEE, 0.3), hit("cancellation fee", 0.3))[0]

    assert best.chunk.text == far.chunk.text


def test_the_scores_keep_their_places_and_the_relevance_stays_with_its_hit() -> None:
    hits = [hit("Something else entirely.", 0.50), hit(FEE, 0.49), hit("Nothing of that kind either.", 0.48)]

    better = reranked("fee for early cancellation", *hits)

    assert texts(better)[0] == FEE
    assert [each.score for each in better] == [0.50, 0.49, 0.48]
    assert {each.chunk.text: each.relevance for each in better} == {each.chunk.text: each.relevance for each in hits}


def test_hits_that_only_fill_up_stay_behind_the_others() -> None:
    own = [hit("A page about other things.", 0.6), hit("Another page about other things.", 0.5)]
    tavus = [hit(FEE, 0.7, origins=("tavus",)), hit("The fee again.", 0.6, origins=("tavus",))]

    merged = merge({"own": own, "tavus": tavus}, {"own": 1.0, "tavus": 0.0}, 10)
    better = reranked("fee for early cancellation", *merged)

    assert [each.origins for each in better] == [("own",), ("own",), ("tavus",), ("tavus",)]


def test_equal_hits_keep_their_order() -> None:
    hits = [hit(f"Page {letter}.", 0.5) for letter in "abcdef"]

    assert texts(reranked("unheard of", *hits)) == texts(hits)


def test_hits_beyond_the_window_are_left_where_they_are() -> None:
    hits = [hit(f"Page {number}.", 0.5) for number in range(WINDOW)] + [hit(FEE, 0.5)]

    assert reranked("fee for early cancellation", *hits)[-1].chunk.text == FEE


def test_weights_of_zero_are_the_merges_own_order() -> None:
    hits = [hit("Something else.", 0.5), hit(FEE, 0.5), hit(PICTURE, 0.5)]

    assert reranked("early fee", *hits, weights=Weights("none", np.zeros(len(NAMES)))) == hits


@pytest.mark.parametrize("question", ["", "?!", "the", "料金はいくらですか", "a" * 5000, "word " * 500])
def test_any_question_gets_all_hits_back(question: str) -> None:
    hits = [hit(FEE, 0.5), hit("", 0.4), hit("料金は月額五千円です。", 0.3), hit(PICTURE, 0.2, words=0.0)]

    assert sorted(texts(reranked(question, *hits))) == sorted(texts(hits))


def test_one_hit_or_none_is_nothing_to_order() -> None:
    assert reranked("fee") == []
    assert texts(reranked("fee", hit(FEE, 0.5))) == [FEE]


@pytest.fixture(scope="module", params=COLLECTIONS)
def orders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[float, float]:
    """nDCG@10 of the questions that were not learnt from, before the second stage and after it."""
    collection = read(request.param)
    index = EmbeddedIndex(tmp_path_factory.mktemp("index"), VectorSpace("all-MiniLM-L6-v2", 384))
    scope, chunks = (
        TenantScope.for_operator("measured"),
        [passage.chunk(collection.name) for passage in collection.passages],
    )
    index.replace_source(scope, SourceRecord(collection.name, "1", len(chunks)), chunks, collection.passage_vectors)
    before, after, stage = {}, {}, Learned()
    for question, vector in zip(collection.questions, collection.question_vectors, strict=True):
        if is_learnt(question.text):
            continue
        query = IndexQuery(question.text, vector, WINDOW)
        hits = index.search(scope, query)
        before[question.question_id] = [each.chunk.chunk_id for each in hits]
        better = stage.rerank(COMPANY, query, PLACE, hits, timeout=1)
        after[question.question_id] = [each.chunk.chunk_id for each in better]
    return mean(before, collection.relevant, ndcg), mean(after, collection.relevant, ndcg)


@pytest.mark.slow
def test_every_collection_is_ordered_better_on_questions_that_were_not_learnt_from(
    orders: tuple[float, float],
) -> None:
    before, after = orders

    assert after >= before + 0.002


CHUNKS: list[tuple[Modality, str]] = [("image", PICTURE), ("video", "A man sits down at a desk."), ("text", FEE)]


@pytest.mark.parametrize(("modality", "text"), CHUNKS)
def test_what_a_hit_is_costs_it_nothing(modality: Modality, text: str) -> None:
    """A picture is described in few words. That must not push it behind a page that fits equally badly."""
    found = hit(text, 0.55)
    seen = found.model_copy(update={"chunk": found.chunk.model_copy(update={"modality": modality})})
    others = [hit(f"Page {number} about insurance for boats and what it covers at sea.", 0.45) for number in range(9)]

    assert reranked("laptop desk fee", seen, *others)[0].chunk.text == text
