"""One deadline over everything: legs, embedder, understanding and second stage, and nothing left behind."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from aisdr.company import Company
from aisdr.configuration import Search
from aisdr.index.base import IndexQuery, Place, SearchHit, Vocabulary
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.knowledge.base import SearchResult, SecondStage, Understood
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusLegs
from tests.chunks import ACME, LetterCounts, chunk, store, texts
from tests.legs import PATIENT, GivenLeg, Hanging, at, company, found, hanging, statuses
from tests.material import Clock
from tests.stubborn import stubborn


class SlowEmbedder(LetterCounts):
    """An embedder whose vector comes when it is let go."""

    def __init__(self, slow: Hanging) -> None:
        super().__init__()
        self._slow = slow

    def embed_question(self, text: str) -> Vectors:
        self._slow()
        return super().embed_question(text)


def test_a_slow_embedder_costs_the_meaning_and_not_the_answer() -> None:
    with hanging() as never:
        own = GivenLeg("own", found("own", "a", 0.3))

        result = Knowledge(at(SlowEmbedder(never)), own, lambda _: own, deadline=0.4).search(
            company("own").operator_scope, company("own"), "prices"
        )

    assert texts(result.hits) == ["a"]
    assert result.degraded
    assert own.asked[0].vector is None
    assert own.timeouts[0] > 0.05


def test_an_embedder_that_is_never_in_time_is_not_waited_for_any_more(clock: Clock) -> None:
    with hanging() as never:
        own = GivenLeg("own", found("own", "a", 0.3))
        knowledge = Knowledge(at(SlowEmbedder(never)), own, lambda _: own, deadline=0.1, clock=clock)

        results = [
            knowledge.search(company("own").operator_scope, company("own"), f"prices {number}") for number in range(8)
        ]

    assert never.waiting <= 5
    assert all(result.degraded and texts(result.hits) == ["a"] for result in results)


class Pictures:
    """Puts questions into the space of pictures."""

    space = VectorSpace("pictures", 3)

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        raise AssertionError("a search embeds no pictures")

    def embed_question(self, text: str) -> Vectors:
        return np.array([1, 0, 0], dtype=np.float32)


def test_where_pictures_have_vectors_the_question_gets_one_in_their_space() -> None:
    own, letters = GivenLeg("own", found("own", "a", 0.3)), LetterCounts()
    place = Place(EmbeddedIndex(Path("never-made"), letters.space), letters, Pictures())

    Knowledge(lambda _: place, own, lambda _: own, deadline=PATIENT).search(
        company("own").operator_scope, company("own"), "prices"
    )

    assert own.asked[0].picture_vector is not None
    assert own.asked[0].picture_vector.shape == (3,)


def test_the_question_is_understood_before_it_is_embedded_and_asked(tmp_path: Path) -> None:
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, chunk("prices for teams"))
    own = GivenLeg("own", found("own", "a", 0.9))
    vocabularies: list[Vocabulary | None] = []

    def understand(company: Company, question: str, vocabulary: Vocabulary | None) -> Understood:
        vocabularies.append(vocabulary)
        return Understood("prices", "prices costs", ("pricse → prices",))

    Knowledge(at(letters, index), own, lambda _: own, understand=understand, deadline=PATIENT).search(
        ACME, company("own"), "pricse"
    )

    assert letters.texts[-1] == "prices"
    assert own.asked[0].text == "prices costs"
    assert vocabularies[0] is not None
    assert "teams" in vocabularies[0].words


@pytest.mark.parametrize("kind", ["hanging", "broken"])
def test_a_question_that_cannot_be_understood_is_searched_as_it_is(kind: str) -> None:
    with hanging() as never:

        def understand(company: Company, question: str, vocabulary: Vocabulary | None) -> Understood:
            if kind == "hanging":
                never()
            raise ValueError("no idea")

        own = GivenLeg("own", found("own", "a", 0.9))
        knowledge = Knowledge(at(LetterCounts()), own, lambda _: own, understand=understand, deadline=0.5)

        result = knowledge.search(company("own").operator_scope, company("own"), "prices")

    assert texts(result.hits) == ["a"]
    assert own.asked[0].text == "prices"


class Backwards:
    """A second stage that turns the order round, after `wait`."""

    name = "backwards"

    def __init__(self, wait: Callable[[], object] = lambda: None) -> None:
        self._wait = wait
        self.timeouts: list[float] = []

    def rerank(
        self, company: Company, query: IndexQuery, place: Place, hits: Sequence[SearchHit], timeout: float
    ) -> list[SearchHit]:
        self.timeouts.append(timeout)
        self._wait()
        return list(reversed(hits))


def staged(stage: SecondStage, deadline: float = PATIENT) -> SearchResult:
    own = GivenLeg("own", [*found("own", "a", 0.9), *found("own", "b", 0.8), *found("own", "c", 0.7)])
    knowledge = Knowledge(at(LetterCounts()), own, lambda _: own, rerank=lambda _: stage, deadline=deadline)
    return knowledge.search(company("own").operator_scope, company("own"), "prices", limit=2)


def test_the_second_stage_orders_all_candidates_before_they_are_cut() -> None:
    result = staged(Backwards())

    assert texts(result.hits) == ["c", "b"]
    assert not result.degraded


def test_a_late_or_broken_second_stage_leaves_the_order_as_it_was() -> None:
    def breaks() -> None:
        raise ValueError("no model")

    with hanging() as never:
        late = staged(Backwards(never), deadline=0.3)
    failed = staged(Backwards(breaks))

    assert texts(late.hits) == texts(failed.hits) == ["a", "b"]
    assert late.degraded
    assert failed.degraded


def test_a_second_stage_that_always_fails_is_left_alone_for_a_while(clock: Clock) -> None:
    asked = []

    def breaks() -> None:
        asked.append(1)
        raise ValueError("no model")

    own = GivenLeg("own", found("own", "a", 0.9))
    knowledge = Knowledge(
        at(LetterCounts()), own, lambda _: own, rerank=lambda _: Backwards(breaks), deadline=PATIENT, clock=clock
    )

    results = [knowledge.search(company("own").operator_scope, company("own"), "prices") for _ in range(8)]

    assert len(asked) == 5
    assert all(result.degraded and texts(result.hits) == ["a"] for result in results)


def test_a_late_leg_leaves_time_for_the_second_stage() -> None:
    stage = Backwards()
    with hanging() as never:
        own = GivenLeg("own", [*found("own", "a", 0.9), *found("own", "b", 0.8)])
        tavus = GivenLeg("tavus", never)
        knowledge = Knowledge(at(LetterCounts()), own, lambda _: tavus, rerank=lambda _: stage, deadline=1.0)

        result = knowledge.search(company().operator_scope, company(), "prices")

    assert statuses(result)["tavus"] == "late deadline"
    assert texts(result.hits) == ["b", "a"]
    assert stage.timeouts[0] > 0


ADDRESSES = {
    "says nothing": (b"", b""),
    "drips its answer": (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" "),
}


def leftovers() -> tuple[int, int]:
    """Threads of searches and open files of this process."""
    threads = sum(thread.name == "search" for thread in threading.enumerate())
    return threads, len(os.listdir("/proc/self/fd"))


def gone(before: tuple[int, int]) -> bool:
    """Whether nothing more is there than before, a moment from now."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        threads, files = leftovers()
        if threads <= before[0] and files <= before[1]:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("kind", ADDRESSES)
def test_nothing_is_left_of_a_thousand_searches_that_were_given_up(tmp_path: Path, clock: Clock, kind: str) -> None:
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, chunk("prices for teams"))
    before = leftovers()

    with stubborn(*ADDRESSES[kind]) as address, httpx.Client() as http:
        knowledge = Knowledge(at(letters, index), OwnLeg(), TavusLegs(http), clock=clock)

        def give_up(caller: int) -> set[str]:
            asking = company(company_id=f"caller-{caller}", search=Search(deadline_ms=50))
            asking = asking.model_copy(update={"tavus_kb_search_url": address.url})
            told = set()
            for number in range(125):
                clock.now += 60  # no breaker spares the address
                told.add(statuses(knowledge.search(asking.operator_scope, asking, f"prices {number}"))["tavus"])
            return told

        with ThreadPoolExecutor(8) as callers:
            told = set[str]().union(*callers.map(give_up, range(8)))

    assert told <= {"late deadline", "failed stuck"}
    assert "late deadline" in told
    assert gone(before)
