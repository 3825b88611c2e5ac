"""Strategies: who is asked, what happens when somebody is late or broken, what is told about it."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aisdr.configuration import Search, SearchStrategy
from aisdr.errors import InvalidInput, VendorError
from aisdr.index.base import Modality, SearchHit
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusMirror
from tests.chunks import ACME, LetterCounts, chunk, picture, store, texts
from tests.legs import PATIENT, GivenLeg, at, broken, company, found, hanging, statuses


def knowledge(own: GivenLeg, tavus: GivenLeg, deadline: float = PATIENT) -> Knowledge:
    return Knowledge(at(LetterCounts()), own, lambda _: tavus, deadline=deadline, first_leg_seconds=0.4 * deadline)


def test_parallel_asks_both_legs_the_same_and_merges() -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.9))

    result = knowledge(own, tavus).search(company().operator_scope, company(), "prices", limit=5)

    assert set(texts(result.hits)) == {"a", "b"}
    assert statuses(result) == {"own": "ok", "tavus": "ok"}
    assert result.strategy == "parallel"
    assert not result.degraded
    assert own.asked[0] is tavus.asked[0]
    assert own.scopes == tavus.scopes == [ACME]


def test_the_question_is_embedded_once() -> None:
    letters = LetterCounts()
    own, tavus = GivenLeg("own", []), GivenLeg("tavus", [])

    Knowledge(at(letters), own, lambda _: tavus, deadline=PATIENT).search(
        company("fallback").operator_scope, company("fallback"), "prices"
    )

    assert letters.texts == ["prices"]


@pytest.mark.parametrize("strategy", ["parallel", "smart", "fallback", "own"])
def test_a_company_without_tavus_knowledge_asks_its_own_leg_only(strategy: SearchStrategy) -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.62)), GivenLeg("tavus", found("tavus", "b", 0.9))

    result = knowledge(own, tavus).search(
        company(strategy, uses_tavus=False).operator_scope, company(strategy, uses_tavus=False), "prices"
    )

    assert [(hit.chunk.text, hit.score) for hit in result.hits] == [("a", 0.62)]
    assert statuses(result) == {"own": "ok"}
    assert result.strategy == "own"
    assert tavus.asked == []


def test_a_caller_may_insist_on_a_strategy() -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.9))

    result = knowledge(own, tavus).search(
        company("parallel").operator_scope, company("parallel"), "prices", strategy="own"
    )

    assert result.strategy == "own"
    assert tavus.asked == []


def test_a_broken_leg_degrades_the_answer_and_never_breaks_it() -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.6)), GivenLeg("tavus", broken)

    result = knowledge(own, tavus).search(company().operator_scope, company(), "prices")

    assert [(hit.chunk.text, hit.score) for hit in result.hits] == [("a", 0.6)]
    assert statuses(result) == {"own": "ok", "tavus": "failed vendor_failed"}
    assert result.degraded


def test_a_late_leg_is_not_waited_for() -> None:
    with hanging() as never:
        own, tavus = GivenLeg("own", found("own", "a", 0.6)), GivenLeg("tavus", never)

        result = knowledge(own, tavus, deadline=0.5).search(company().operator_scope, company(), "prices")

    assert texts(result.hits) == ["a"]
    assert statuses(result) == {"own": "ok", "tavus": "late deadline"}
    assert result.degraded


def test_a_tavus_leg_that_cannot_be_made_is_that_legs_failure() -> None:
    def wrong(_: object) -> GivenLeg:
        raise InvalidInput("the address is plain http", code="insecure_search_url")

    own = GivenLeg("own", found("own", "a", 0.6))

    result = Knowledge(at(LetterCounts()), own, wrong, deadline=PATIENT).search(
        company().operator_scope, company(), "prices"
    )

    assert texts(result.hits) == ["a"]
    assert statuses(result) == {"own": "ok", "tavus": "failed insecure_search_url"}


@pytest.mark.parametrize(("live", "seconds"), [(False, 3.0), (True, 1.0)])
def test_the_company_says_how_long_a_search_may_take_in_text_and_on_the_line(live: bool, seconds: float) -> None:
    own = GivenLeg("own", found("own", "a", 0.6))
    settings = Search(deadline_ms=3000, live_deadline_ms=1000)

    Knowledge(at(LetterCounts()), own, lambda _: own).search(
        company("own", search=settings).operator_scope, company("own", search=settings), "prices", live=live
    )

    assert own.timeouts[0] <= seconds
    assert own.timeouts[0] > seconds / 2


def test_both_legs_broken_is_an_empty_degraded_answer() -> None:
    result = knowledge(GivenLeg("own", broken), GivenLeg("tavus", broken)).search(
        company().operator_scope, company(), "prices"
    )

    assert result.hits == ()
    assert result.degraded


def test_an_empty_leg_is_no_failure() -> None:
    result = knowledge(GivenLeg("own", []), GivenLeg("tavus", found("tavus", "b", 0.5))).search(
        company().operator_scope, company(), "prices"
    )

    assert statuses(result) == {"own": "empty", "tavus": "ok"}
    assert not result.degraded


class BrokenEmbedder:
    """An embedder whose provider is down."""

    space = VectorSpace("down", 26)

    def embed_passages(self, texts: object) -> Vectors:
        raise AssertionError("a search embeds no passages")

    def embed_question(self, text: str) -> Vectors:
        raise VendorError("no embeddings today", vendor="bedrock", retryable=True)


def test_without_a_vector_words_alone_are_searched_and_the_answer_says_so() -> None:
    own = GivenLeg("own", found("own", "a", 0.3))

    result = Knowledge(at(BrokenEmbedder()), own, lambda _: own, deadline=PATIENT).search(
        company("own").operator_scope, company("own"), "prices"
    )

    assert own.asked[0].vector is None
    assert texts(result.hits) == ["a"]
    assert result.degraded


def test_fallback_is_content_with_a_good_first_answer() -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.46))

    result = knowledge(own, tavus).search(company("fallback").operator_scope, company("fallback"), "prices")

    assert [(hit.chunk.text, hit.score) for hit in result.hits] == [("b", 0.46)]
    assert statuses(result) == {"tavus": "ok", "own": "skipped not needed"}
    assert not result.degraded


@pytest.mark.parametrize(
    ("first", "status"),
    [(found("tavus", "b", 0.44), "ok"), ([], "empty"), (broken, "failed vendor_failed")],
)
def test_fallback_asks_the_own_leg_when_the_first_answer_is_weak_empty_or_failed(
    first: list[SearchHit] | Callable[[], list[SearchHit]], status: str
) -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", first)

    result = knowledge(own, tavus).search(
        company("fallback", weight=1.0).operator_scope, company("fallback", weight=1.0), "prices"
    )

    assert texts(result.hits)[0] == "a"
    assert statuses(result) == {"tavus": status, "own": "ok"}


def test_fallback_keeps_time_for_the_second_leg() -> None:
    with hanging() as never:
        own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", never)

        result = knowledge(own, tavus, deadline=1.0).search(
            company("fallback").operator_scope, company("fallback"), "prices"
        )

    assert texts(result.hits) == ["a"]
    assert statuses(result) == {"tavus": "late overtaken", "own": "ok"}
    assert result.degraded


def test_a_first_leg_that_answers_after_its_time_is_still_heard() -> None:
    with hanging() as never:
        own = GivenLeg("own", never)

        def at_last() -> list[SearchHit]:
            never.asked.wait()  # until the second leg was asked
            return found("tavus", "b", 0.8)

        result = knowledge(own, GivenLeg("tavus", at_last), deadline=2.0).search(
            company("fallback").operator_scope, company("fallback"), "prices"
        )

    assert texts(result.hits) == ["b"]
    assert statuses(result) == {"tavus": "ok", "own": "skipped overtaken"}
    assert not result.degraded


def test_the_company_says_what_a_weak_answer_is() -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.3))

    result = knowledge(own, tavus).search(
        company("fallback", search=Search(weak=0.25)).operator_scope,
        company("fallback", search=Search(weak=0.25)),
        "prices",
    )

    assert texts(result.hits) == ["b"]


@pytest.mark.parametrize(
    ("question", "modalities", "route", "asked"),
    [
        ("How much does it cost?", (), "text", {"tavus"}),
        ("Show me a picture of the dashboard", (), "multimodal", {"own"}),
        ("Can I see the editor?", (), "both", {"own", "tavus"}),
        ("How much does it cost?", ("image", "video"), "multimodal", {"own"}),
    ],
)
def test_smart_asks_the_leg_that_can_answer(
    tmp_path: Path, question: str, modalities: tuple[Modality, ...], route: str, asked: set[str]
) -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.9))
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, picture("dashboard"))
    everything = Knowledge(at(letters, index), own, lambda _: tavus, deadline=PATIENT, first_leg_seconds=PATIENT)

    result = everything.search(company("smart").operator_scope, company("smart"), question, modalities=modalities)

    assert result.route == route
    assert {leg.name for leg in (own, tavus) if leg.asked} == asked


def test_smart_also_asks_the_own_leg_when_text_has_no_good_answer() -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.8)), GivenLeg("tavus", found("tavus", "b", 0.2))

    result = knowledge(own, tavus).search(company("smart").operator_scope, company("smart"), "How much does it cost?")

    assert texts(result.hits)[0] == "a"


def test_smart_also_asks_the_tavus_leg_when_nothing_to_see_convinces(tmp_path: Path) -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.3)), GivenLeg("tavus", found("tavus", "b", 0.6))
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, picture("dashboard"))
    everything = Knowledge(at(letters, index), own, lambda _: tavus, deadline=PATIENT, first_leg_seconds=PATIENT)

    result = everything.search(company("smart").operator_scope, company("smart"), "Show me a picture of the dashboard")

    assert result.route == "multimodal"
    assert set(texts(result.hits)) == {"a", "b"}


def test_without_anything_to_see_no_question_is_for_pictures(tmp_path: Path) -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.9))
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, chunk("prices"))
    everything = Knowledge(at(letters, index), own, lambda _: tavus, deadline=PATIENT, first_leg_seconds=PATIENT)

    result = everything.search(company("smart").operator_scope, company("smart"), "Show me a picture of the dashboard")

    assert result.route == "text"


def test_the_routers_decision_is_logged_and_the_question_is_not(caplog: pytest.LogCaptureFixture) -> None:
    own, tavus = GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", found("tavus", "b", 0.9))

    with caplog.at_level(logging.INFO):
        knowledge(own, tavus).search(
            company("smart").operator_scope, company("smart"), "How much is xylophone insurance?"
        )

    line = next(vars(record) for record in caplog.records if record.message == "searched")
    assert {"route", "confidence", "router", "reason"} <= line.keys()
    assert "xylophone" not in str(line)


def test_modalities_reach_the_legs_and_the_limit_holds() -> None:
    many = [hit for number in range(30) for hit in found("own", f"text {number}", 0.5)]
    own = GivenLeg("own", many)

    result = knowledge(own, own).search(
        company("own").operator_scope, company("own"), "prices", limit=3, modalities=("text",)
    )

    assert len(result.hits) == 3
    assert own.asked[0].modalities == ("text",)


def test_the_company_says_how_much_words_count() -> None:
    own = GivenLeg("own", found("own", "a", 0.9))
    tavus = GivenLeg("tavus", found("tavus", "b", 0.9))

    knowledge(own, tavus).search(
        company(search=Search(words_weight=0.35)).operator_scope, company(search=Search(words_weight=0.35)), "prices"
    )

    assert [leg.asked[0].words_weight for leg in (own, tavus)] == [0.35, 0.35]


def test_every_hit_tells_the_sentence_it_was_found_for() -> None:
    own = GivenLeg("own", found("own", "We sell plans. The Team plan costs 49 euros.", 0.9))

    result = knowledge(own, own).search(company("own").operator_scope, company("own"), "What does the Team plan cost?")

    assert [hit.highlight for hit in result.hits] == ["The Team plan costs 49 euros."]


def test_the_real_legs_agree_about_what_both_brains_know(tmp_path: Path) -> None:
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    shared = chunk("prices for teams", source="shared.md", origins=("own", "tavus"))
    store(index, letters, ACME, shared, chunk("prices inside", source="inside.md"), picture("zebra"))

    result = Knowledge(at(letters, index), OwnLeg(), lambda _: TavusMirror(), deadline=PATIENT).search(
        ACME, company(weight=0.3), "prices"
    )

    origins = {hit.chunk.text: hit.origins for hit in result.hits}
    assert origins["prices for teams"] == ("own", "tavus")
    assert origins["prices inside"] == ("own",)
    assert all(np.isfinite(hit.score) for hit in result.hits)
