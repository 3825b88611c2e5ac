"""The search benchmarks' own arithmetic, and their parts on a small collection: that they run, and what they count."""

import math
from pathlib import Path

import pytest

from aisdr.knowledge.rerank.learned import Learned
from benchmarks.collections import DATA, NAMES, Collection, read
from benchmarks.report import Bar, Section
from benchmarks.search_quality.duplicates import distinct
from benchmarks.search_quality.fusions import min_max, reciprocal_ranks
from benchmarks.search_quality.held_out import Half, learnt_passages
from benchmarks.search_quality.measures import mean, ndcg, recall
from benchmarks.search_quality.own_leg import OwnLeg, formulas
from benchmarks.search_quality.ready import MINILM
from benchmarks.search_quality.two_legs import LEGS, SHAPES, TwoLegs
from scripts.train_rerank import is_learnt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def small() -> Collection:
    return read("xquad-en").first(36)


@pytest.fixture(scope="module")
def leg(small: Collection, tmp_path_factory: pytest.TempPathFactory) -> OwnLeg:
    return OwnLeg(tmp_path_factory.mktemp("own"), small, MINILM, small.passage_vectors)


def test_gains_are_discounted_by_place_and_held_against_the_best_order() -> None:
    grades = {"a": 2, "b": 1}

    assert ndcg(["a", "b"], grades) == 1
    assert ndcg(["x", "a"], grades) == pytest.approx((2 / math.log2(3)) / (2 + 1 / math.log2(3)))
    assert ndcg([], grades) == ndcg(["a"], {}) == 0
    assert recall(["x", "a"], grades) == 0.5
    assert mean({"q": ["a", "b"], "unjudged": ["a"], "none": []}, {"q": grades, "none": grades}) == 0.5


def test_where_both_legs_know_the_same_the_first_five_are_five_passages(leg: OwnLeg, small: Collection) -> None:
    assert distinct(leg, small) == 1.0


def test_fusions_are_those_of_the_libraries() -> None:
    words, meaning = [(1, 9.0), (2, 3.0), (3, 0.0)], [(2, 0.9), (1, 0.8), (4, 0.1)]

    assert reciprocal_ranks(words, meaning) == [1, 2, 3, 4]
    assert min_max(words, meaning)[0] == 1
    assert min_max(words, []) == [1, 2, 3]


def test_a_bar_holds_up_to_its_edge_and_is_told_in_json() -> None:
    section = Section("part", ["what", "value"], [("row", [0.5])], [Bar("high", 0.5, least=0.5), Bar("low", 2, most=1)])

    assert [bar.holds for bar in section.bars] == [True, False]
    assert section.as_json()["rows"] == {"row": {"value": 0.5}}


def test_every_collection_names_its_source_and_licence() -> None:
    folders = [folder for folder in DATA.iterdir() if folder.is_dir()]
    told = [(folder / "README.md").read_text(encoding="utf-8") for folder in folders]

    assert {folder.name for folder in folders} >= set(NAMES)
    assert all(any(word in text for word in ("CC BY", "free to use")) for text in told)


def test_our_leg_and_every_formula_answer_every_question(small: Collection, leg: OwnLeg) -> None:
    ours = leg.rankings(small.question_vectors)
    peers = formulas(leg, small, small.question_vectors)

    assert set(peers) == {"BM25", "vectors", "RRF-60", "min-max .5/.5"}
    assert all(
        set(each) == set(ours) == {question.question_id for question in small.questions} for each in peers.values()
    )
    assert mean(ours, small.relevant) > 0.9


def test_what_was_learnt_from_is_not_asked(small: Collection) -> None:
    everything = [question.text for name in NAMES for question in read(name).questions]
    learnt = {text.lower() for text in everything if is_learnt(text)}

    assert not [text for text in everything if not is_learnt(text) and text.lower() in learnt]
    assert 0.45 < len(learnt) / len({text.lower() for text in everything}) < 0.55


def test_the_second_stage_is_measured_on_hits_as_they_are(small: Collection, leg: OwnLeg) -> None:
    asked = list(zip(small.questions, small.question_vectors, strict=True))[:40]
    half = Half(small, {question.question_id: leg.hits(question.text, vector, 20) for question, vector in asked})

    after = half.after(Learned())

    assert len(half.took) == len(after) == 40
    assert all(sorted(after[number]) == sorted(before) for number, before in half.before().items())
    assert half.gain(half.before()) <= half.gain(half.perfect()) <= 1
    assert half.on_new_passages(set()) == half.hits.keys()
    assert half.on_new_passages({passage.text for passage in small.passages}) == set()
    assert learnt_passages(small) <= {passage.text for passage in small.passages}


@pytest.mark.parametrize("kind", LEGS)
def test_a_second_leg_of_every_kind_fills_what_ours_does_not_hold(small: Collection, tmp_path: Path, kind: str) -> None:
    legs = TwoLegs(tmp_path, small, SHAPES[1], kind)

    assert legs.alone()["text"] < 0.7 < legs.merged(0.5)["text"]
