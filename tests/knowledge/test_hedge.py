"""A slow read behind a network is asked once more, rarely, and never while something is broken."""

import threading
from collections.abc import Callable, Iterator

import pytest

from aisdr.index.base import SearchHit
from aisdr.knowledge.base import SearchResult
from aisdr.knowledge.durations import FEWEST_SEEN
from aisdr.knowledge.hedge import EXTRA_LOAD, Hedge
from aisdr.knowledge.hybrid import Knowledge
from tests.chunks import LetterCounts, texts
from tests.legs import GivenLeg, Hanging, at, broken, company, found, hanging, statuses

GOOD = found("own", "a", 0.9)


@pytest.fixture
def stalled() -> Iterator[Hanging]:
    with hanging() as answer:
        yield answer


class Scene:
    """An own leg whose engine is behind a network, and which has answered quickly so far."""

    def __init__(self, engine: str = "opensearch", times: int = FEWEST_SEEN) -> None:
        self.own = GivenLeg("own", GOOD)
        self._knowledge = Knowledge(at(LetterCounts(), engine=engine), self.own, lambda _: self.own, deadline=0.5)
        for _ in range(times):
            self.search()
        self.own.asked.clear()

    def search(self) -> SearchResult:
        return self._knowledge.search(company("own").operator_scope, company("own"), "prices")


def once(stalled: Hanging, then: Callable[[], list[SearchHit]]) -> Callable[[], list[SearchHit]]:
    """Stalls the first time."""
    first = threading.Lock()
    return lambda: stalled() if first.acquire(blocking=False) else then()


def test_the_first_of_two_tries_to_answer_counts(stalled: Hanging) -> None:
    scene = Scene()
    scene.own.answer = once(stalled, lambda: GOOD)

    result = scene.search()

    assert len(scene.own.asked) == 2
    assert texts(result.hits) == ["a"]
    assert statuses(result) == {"own": "ok"}
    assert not result.degraded


def test_a_second_try_that_fails_leaves_the_first_its_time(stalled: Hanging) -> None:
    scene = Scene()
    asked_twice = threading.Event()

    def fails() -> list[SearchHit]:
        asked_twice.set()
        stalled.let_go()
        return broken()

    scene.own.answer = once(stalled, fails)

    result = scene.search()

    assert asked_twice.is_set()
    assert statuses(result) == {"own": "empty"}  # what the first one said when it was let go


def test_there_is_one_second_try_at_most(stalled: Hanging) -> None:
    scene = Scene()
    scene.own.answer = stalled

    result = scene.search()

    assert stalled.waiting == 2
    assert statuses(result) == {"own": "late deadline"}


def test_of_two_slow_legs_one_is_asked_again(stalled: Hanging) -> None:
    own, tavus = GivenLeg("own", GOOD), GivenLeg("tavus", GOOD)
    knowledge = Knowledge(at(LetterCounts(), engine="opensearch"), own, lambda _: tavus, deadline=0.5, remember=0)
    for _ in range(FEWEST_SEEN):
        knowledge.search(company().operator_scope, company(), "prices")
    own.asked.clear()
    tavus.asked.clear()
    own.answer = tavus.answer = stalled

    knowledge.search(company().operator_scope, company(), "prices")

    assert sorted([len(own.asked), len(tavus.asked)]) == [1, 2]


def test_an_engine_in_this_process_is_not_asked_twice(stalled: Hanging) -> None:
    scene = Scene("embedded")
    scene.own.answer = stalled

    scene.search()

    assert stalled.waiting == 1


def test_nobody_is_asked_twice_before_it_is_known_what_is_usual(stalled: Hanging) -> None:
    scene = Scene(times=FEWEST_SEEN - 1)
    scene.own.answer = stalled

    scene.search()

    assert stalled.waiting == 1


def test_more_than_a_twentieth_is_never_added() -> None:
    hedge = Hedge()
    for _ in range(FEWEST_SEEN):
        hedge.observe(0.1)

    spent = sum(hedge.worth_after() is not None and hedge.spend() for _ in range(1000))

    assert spent == pytest.approx(1000 * EXTRA_LOAD, abs=1)


def test_slow_is_what_nineteen_of_twenty_are_not() -> None:
    hedge = Hedge()
    for hundredths in range(100):
        hedge.observe(hundredths / 100)

    assert hedge.worth_after() == pytest.approx(0.95)
