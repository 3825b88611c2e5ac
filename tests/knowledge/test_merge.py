"""The arithmetic of two lists becoming one."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from aisdr.index.base import Chunk, Origin, SearchHit
from aisdr.knowledge.merge import merge
from tests.chunks import chunk, picture, texts

HALF: dict[Origin, float] = {"own": 0.5, "tavus": 0.5}


def hits(leg: Origin, *scored: tuple[str | Chunk, float]) -> list[SearchHit]:
    return [
        SearchHit(
            chunk=chunk(what, source=f"{what}.md") if isinstance(what, str) else what, score=score, origins=(leg,)
        )
        for what, score in scored
    ]


def weighted(weight: float) -> dict[Origin, float]:
    return {"own": 1 - weight, "tavus": weight}


def test_one_leg_keeps_its_order_and_scores() -> None:
    merged = merge({"own": hits("own", ("a", 0.8), ("b", 0.3)), "tavus": []}, HALF, 10)

    assert [(hit.chunk.text, hit.score) for hit in merged] == [("a", 0.8), ("b", 0.3)]


def test_contributions_of_the_same_chunk_add_up_and_all_origins_are_kept() -> None:
    own = hits("own", ("shared", 0.8), ("only own", 0.8), ("low", 0.2))
    tavus = hits("tavus", ("shared", 0.8), ("low", 0.2))

    merged = merge({"own": own, "tavus": tavus}, HALF, 10)

    assert texts(merged) == ["shared", "only own", "low"]
    assert merged[0].origins == ("own", "tavus")
    assert merged[0].score == pytest.approx(1.0)
    assert merged[1].origins == ("own",)
    assert merged[1].score == pytest.approx(1 - 0.5**3)


def test_a_worked_example() -> None:
    own = hits("own", ("both", 0.9), ("own only", 0.6), ("own last", 0.3))
    tavus = hits("tavus", ("tavus only", 0.45), ("both", 0.25), ("tavus last", 0.05))

    merged = {hit.chunk.text: hit.score for hit in merge({"own": own, "tavus": tavus}, weighted(0.3), 10)}

    gate = (0.45 / 0.9) ** 4
    assert merged["both"] == pytest.approx(0.7 * 1.0 + 0.3 * 0.5 * gate)
    assert merged["own only"] == pytest.approx(0.5 * (1 - 0.3**3))
    assert merged["tavus only"] == pytest.approx(1.0 * gate * (1 - 0.7**3))
    assert merged["own last"] == merged["tavus last"] == 0


def test_a_leg_that_knows_nothing_cannot_push_a_picture_away() -> None:
    own = hits("own", (picture("the chart"), 0.7), ("text", 0.2))
    tavus = hits("tavus", ("unrelated", 0.3), ("also unrelated", 0.25))

    for weight in (0.3, 0.5, 0.7):
        assert texts(merge({"own": own, "tavus": tavus}, weighted(weight), 10))[0] == "the chart"


def test_relevance_stays_absolute_whatever_the_weight() -> None:
    own, tavus = hits("own", ("a", 0.62), ("b", 0.1)), hits("tavus", ("a", 0.5), ("c", 0.3))

    for weight in (0.0, 0.3, 1.0):
        merged = {hit.chunk.text: hit for hit in merge({"own": own, "tavus": tavus}, weighted(weight), 10)}
        assert {text: hit.relevance for text, hit in merged.items()} == {"a": 0.62, "b": 0.1, "c": 0.3}
        assert merged["a"].leg_scores == {"own": 0.62, "tavus": 0.5}


@pytest.mark.parametrize(("weight", "expected"), [(0.0, ["a", "b", "c", "z"]), (1.0, ["z", "y", "a", "b"])])
def test_at_the_ends_of_the_weight_one_leg_decides_and_the_other_fills_up(weight: float, expected: list[str]) -> None:
    own, tavus = hits("own", ("a", 0.9), ("b", 0.8), ("c", 0.1)), hits("tavus", ("z", 0.85), ("y", 0.2))

    assert texts(merge({"own": own, "tavus": tavus}, weighted(weight), 4)) == expected


def test_more_weight_never_lowers_a_hit_of_that_leg() -> None:
    own = hits("own", ("both", 0.6), ("own", 0.9), ("low", 0.1))
    tavus = hits("tavus", ("both", 0.8), ("tavus", 0.7), ("low", 0.1))

    scores = [
        {hit.chunk.text: hit.score for hit in merge({"own": own, "tavus": tavus}, weighted(step / 10), 10)}
        for step in range(11)
    ]

    assert all(a["tavus"] <= b["tavus"] and a["own"] >= b["own"] for a, b in pairwise(scores))


def test_duplicates_are_one_hit_with_the_own_legs_citation() -> None:
    passage = "Support answers within four hours on working days and within a day on weekends"
    own = hits("own", (chunk(passage, source="guide.pdf"), 0.5), ("other", 0.6))
    tavus = hits("tavus", (chunk(f"Good to know: {passage}", source="tavus"), 0.7), ("another", 0.3))

    merged = merge({"own": own, "tavus": tavus}, HALF, 10)

    assert len(merged) == 3
    joined = next(hit for hit in merged if hit.origins == ("own", "tavus"))
    assert joined.chunk.source_id == "guide.pdf"
    assert joined.leg_scores == {"own": 0.5, "tavus": 0.7}


@pytest.mark.parametrize("legs", [("own",), ("own", "tavus")])
def test_a_hit_keeps_how_well_its_words_and_its_meaning_fit(legs: tuple[Origin, ...]) -> None:
    found = {
        leg: [hit.model_copy(update={"words": 0.8, "meaning": 0.3}) for hit in hits(leg, ("a", 0.4), ("b", 0.2))]
        for leg in legs
    }

    merged = merge(found, HALF, 10)

    assert [(hit.words, hit.meaning) for hit in merged] == [(0.8, 0.3)] * 2


def test_copies_within_one_leg_take_one_place_and_gain_nothing() -> None:
    passage = "Support answers within four hours on working days and within a day on weekends"
    copies = [(chunk(passage, source=f"{n}.md"), 0.5) for n in range(3)]

    merged = merge({"own": hits("own", *copies, ("better", 0.6))}, HALF, 10)

    assert texts(merged) == ["better", passage]
    assert merged[1].score == 0.5


@pytest.mark.parametrize("strange", [-3.0, -0.0])
def test_negative_scores_count_as_nothing(strange: float) -> None:
    own, tavus = hits("own", ("a", 0.9), ("b", 0.2)), hits("tavus", ("odd", strange), ("c", 0.8))

    merged = merge({"own": own, "tavus": tavus}, HALF, 10)

    assert texts(merged)[0] == "a"
    assert all(0 <= hit.score <= 1 for hit in merged)
    assert {hit.chunk.text: hit.score for hit in merged}["odd"] == 0


def test_scores_above_one_count_as_one() -> None:
    merged = merge({"own": hits("own", ("a", 17.0), ("b", 0.5))}, HALF, 10)

    assert [hit.score for hit in merged] == [1.0, 0.5]


@pytest.mark.parametrize("score", [0.0, 0.5])
def test_equal_scores_keep_a_stable_order(score: float) -> None:
    def merged_from(own: Sequence[str], tavus: Sequence[str]) -> list[str]:
        found: dict[Origin, list[SearchHit]] = {
            "own": hits("own", *[(each, score) for each in own]),
            "tavus": hits("tavus", *[(each, score) for each in tavus]),
        }
        return texts(merge(found, HALF, 10))

    assert merged_from("abc", "xy") == merged_from("cba", "yx")


def test_nothing_found_is_nothing() -> None:
    assert merge({}, HALF, 10) == []
    assert merge({"own": [], "tavus": []}, HALF, 10) == []
