"""A leg that fails again and again is left alone for a while, seen from the breaker itself and from a search."""

import logging

import pytest

from aisdr.index.base import SearchHit
from aisdr.knowledge.breaker import RETRY_SECONDS, Breaker
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.workers import MOST_OVERDUE
from tests.chunks import LetterCounts, texts
from tests.legs import PATIENT, GivenLeg, at, broken, company, found, hanging, statuses
from tests.material import Clock


def tried(breaker: Breaker, *outcomes: bool) -> None:
    for succeeded in outcomes:
        permit = breaker.enter()
        assert permit is not None
        breaker.leave(permit, succeeded=succeeded)


def test_five_failures_in_a_row_open_it(clock: Clock) -> None:
    breaker = Breaker(clock)

    tried(breaker, False, False, False, False)
    before = breaker.state
    tried(breaker, False)

    assert (before, breaker.state) == ("closed", "open")
    assert breaker.enter() is None


def test_half_of_the_last_twenty_open_it_although_no_five_came_in_a_row(clock: Clock) -> None:
    breaker = Breaker(clock)

    tried(breaker, *[False, True] * 9, True)
    before = breaker.state
    tried(breaker, False)

    assert (before, breaker.state) == ("closed", "open")


def test_old_failures_are_forgotten(clock: Clock) -> None:
    breaker = Breaker(clock)

    tried(breaker, *[False, False, True] * 3, *[True] * 20, *[False, False, True] * 3)

    assert breaker.state == "closed"


@pytest.mark.parametrize(("succeeded", "state"), [(True, "closed"), (False, "open")])
def test_one_probe_decides_after_ten_seconds(clock: Clock, succeeded: bool, state: str) -> None:
    breaker = Breaker(clock)
    tried(breaker, *[False] * 5)

    clock.now += RETRY_SECONDS
    probe, another = breaker.enter(), breaker.enter()
    assert probe is not None
    breaker.leave(probe, succeeded=succeeded)

    assert another is None
    assert breaker.state == state


def test_a_probe_of_which_nothing_is_heard_makes_room_for_another(clock: Clock) -> None:
    breaker = Breaker(clock)
    tried(breaker, *[False] * 5)
    clock.now += RETRY_SECONDS
    lost = breaker.enter()

    clock.now += RETRY_SECONDS
    tried(breaker, True)

    assert lost is not None
    assert breaker.state == "closed"


def test_what_was_begun_before_it_opened_does_not_close_it(clock: Clock) -> None:
    breaker = Breaker(clock)
    early = breaker.enter()
    tried(breaker, *[False] * 5)
    clock.now += RETRY_SECONDS
    breaker.enter()

    assert early is not None
    breaker.leave(early, succeeded=True)

    assert breaker.state == "half-open"


def test_every_change_is_logged_with_whom_it_is_about(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker(clock, lane="address", company_id="acme")

    with caplog.at_level(logging.INFO):
        tried(breaker, *[False] * 5)
        clock.now += RETRY_SECONDS
        tried(breaker, True)

    told = [(line["after"], line["company_id"]) for line in map(vars, caplog.records)]
    assert told == [("open", "acme"), ("half-open", "acme"), ("closed", "acme")]


@pytest.mark.parametrize("which", ["own", "tavus"])
def test_a_search_leaves_a_broken_leg_alone_and_comes_back_to_it(clock: Clock, which: str) -> None:
    legs = {"own": GivenLeg("own", found("own", "a", 0.6)), "tavus": GivenLeg("tavus", found("tavus", "b", 0.6))}
    knowledge = Knowledge(at(LetterCounts()), legs["own"], lambda _: legs["tavus"], deadline=PATIENT, clock=clock)
    bad, answer = legs[which], legs[which].answer

    bad.answer = broken
    during = [statuses(knowledge.search(company().operator_scope, company(), "prices"))[which] for _ in range(7)]
    clock.now += RETRY_SECONDS
    probe = statuses(knowledge.search(company().operator_scope, company(), "prices"))[which]
    after_probe = knowledge.search(company().operator_scope, company(), "prices")
    bad.answer = answer
    clock.now += RETRY_SECONDS
    healed = [statuses(knowledge.search(company().operator_scope, company(), "prices"))[which] for _ in range(2)]

    assert during == ["failed vendor_failed"] * 5 + ["skipped breaker"] * 2
    assert probe == "failed vendor_failed"
    assert statuses(after_probe)[which] == "skipped breaker"
    assert after_probe.degraded
    assert len(after_probe.hits) == 1
    assert healed == ["ok", "ok"]


def test_late_counts_as_failure(clock: Clock) -> None:
    with hanging() as never:
        own, tavus = GivenLeg("own", found("own", "a", 0.6)), GivenLeg("tavus", never)
        knowledge = Knowledge(at(LetterCounts()), own, lambda _: tavus, deadline=0.1, clock=clock)

        told = [statuses(knowledge.search(company().operator_scope, company(), "prices"))["tavus"] for _ in range(6)]

    assert told == ["late deadline"] * 5 + ["skipped breaker"]


def test_one_companys_broken_leg_says_nothing_about_anothers(clock: Clock) -> None:
    own, tavus = GivenLeg("own", broken), GivenLeg("tavus", broken)
    knowledge = Knowledge(at(LetterCounts()), own, lambda _: tavus, deadline=PATIENT, clock=clock)

    for _ in range(6):
        knowledge.search(company().operator_scope, company(), "prices")
    other = knowledge.search(company(company_id="globex").operator_scope, company(company_id="globex"), "prices")

    assert statuses(other) == {"own": "failed vendor_failed", "tavus": "failed vendor_failed"}


def test_both_legs_left_alone_is_an_empty_degraded_answer(clock: Clock) -> None:
    own, tavus = GivenLeg("own", broken), GivenLeg("tavus", broken)
    knowledge = Knowledge(at(LetterCounts()), own, lambda _: tavus, deadline=PATIENT, clock=clock)

    results = [knowledge.search(company().operator_scope, company(), "prices") for _ in range(7)]

    assert statuses(results[-1]) == {"own": "skipped breaker", "tavus": "skipped breaker"}
    assert all(result.hits == () and result.degraded for result in results)


def test_a_leg_that_ignores_its_timeout_cannot_pile_up_threads(clock: Clock) -> None:
    def in_turn() -> list[SearchHit]:
        return found("own", "a", 0.6)

    with hanging() as never:
        own, tavus = GivenLeg("own", in_turn), GivenLeg("tavus", never)
        knowledge = Knowledge(at(LetterCounts()), own, lambda _: tavus, deadline=0.1, clock=clock)
        results = []
        for _ in range(20):
            clock.now += RETRY_SECONDS  # the breaker would let every one of them try
            results.append(knowledge.search(company().operator_scope, company(), "prices"))

        assert statuses(results[-1])["tavus"] == "failed stuck"
        assert never.waiting <= MOST_OVERDUE + 4  # those within the grace of their timeout
        assert all(texts(result.hits) == ["a"] for result in results)
