"""The same question to the same material is searched once, and never answered with what is no longer true."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aisdr.configuration import Search
from aisdr.index.base import SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import Embedder
from aisdr.knowledge.cache import LIFE_SECONDS
from aisdr.knowledge.hybrid import Knowledge
from tests.chunks import ACME, GLOBEX, LetterCounts, chunk, store, texts
from tests.legs import PATIENT, GivenLeg, at, broken, company, found
from tests.material import Clock

LETTERS = LetterCounts()


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    index = EmbeddedIndex(tmp_path, LETTERS.space)
    store(index, LETTERS, ACME, chunk("prices"))
    store(index, LETTERS, GLOBEX, chunk("prices"))
    return index


class Scene:
    """Two legs with an answer, and the knowledge that asks them."""

    def __init__(self, index: SearchIndex, clock: Clock, embedder: Embedder = LETTERS) -> None:
        self.own = GivenLeg("own", found("own", "a", 0.9))
        self.tavus = GivenLeg("tavus", found("tavus", "b", 0.8))
        self.day = date(2027, 1, 31)
        self.knowledge = Knowledge(
            at(embedder, index),
            self.own,
            lambda _: self.tavus,
            deadline=PATIENT,
            clock=clock,
            first_leg_seconds=PATIENT,
            today=lambda: self.day,
        )

    @property
    def times(self) -> int:
        return len(self.own.asked)


@pytest.fixture
def scene(index: SearchIndex, clock: Clock) -> Scene:
    return Scene(index, clock)


def test_the_same_question_is_searched_once(scene: Scene) -> None:
    first = scene.knowledge.search(company().operator_scope, company(), "What does it cost?")
    second = scene.knowledge.search(company().operator_scope, company(), "  What does\nit cost? ")

    assert scene.times == 1
    assert second == first


@pytest.mark.parametrize(
    "other",
    [
        {"limit": 3},
        {"modalities": ("text",)},
        {"strategy": "own"},
        {"live": True},
    ],
    ids=str,
)
def test_whatever_the_answer_depends_on_is_another_question(scene: Scene, other: dict[str, Any]) -> None:
    scene.knowledge.search(company().operator_scope, company(), "prices")
    scene.knowledge.search(company().operator_scope, company(), "prices", **other)

    assert scene.times == 2


def test_another_configuration_is_another_question(scene: Scene) -> None:
    scene.knowledge.search(company().operator_scope, company(), "prices")
    scene.knowledge.search(company(weight=0.7).operator_scope, company(weight=0.7), "prices")
    scene.knowledge.search(
        company(search=Search(synonyms=(("prices", "costs"),))).operator_scope,
        company(search=Search(synonyms=(("prices", "costs"),))),
        "prices",
    )

    assert scene.times == 3


def test_another_company_is_never_answered_from_here(scene: Scene) -> None:
    scene.knowledge.search(company().operator_scope, company(), "prices")
    scene.own.answer = found("own", "of globex", 0.9)

    result = scene.knowledge.search(
        company(company_id="globex").operator_scope, company(company_id="globex"), "prices", strategy="own"
    )

    assert texts(result.hits) == ["of globex"]
    assert [scope.company_id for scope in scene.own.scopes] == ["acme", "globex"]


def test_new_material_is_searched_anew(scene: Scene, index: SearchIndex) -> None:
    scene.knowledge.search(company().operator_scope, company(), "prices")
    store(index, LETTERS, ACME, chunk("new prices", source="new.md"))
    scene.knowledge.search(company().operator_scope, company(), "prices")

    assert scene.times == 2


def test_an_answer_is_kept_for_a_minute_only(scene: Scene, clock: Clock) -> None:
    scene.knowledge.search(company().operator_scope, company(), "prices")
    clock.now += LIFE_SECONDS
    scene.knowledge.search(company().operator_scope, company(), "prices")

    assert scene.times == 2


def test_an_answer_ends_with_its_day_since_chunks_may_expire_with_it(scene: Scene) -> None:
    scene.knowledge.search(company().operator_scope, company(), "prices")
    scene.day = date(2027, 2, 1)
    scene.knowledge.search(company().operator_scope, company(), "prices")

    assert scene.times == 2


def test_what_is_degraded_is_not_kept(scene: Scene) -> None:
    scene.tavus.answer = broken
    first = scene.knowledge.search(company().operator_scope, company(), "prices")
    scene.tavus.answer = found("tavus", "b", 0.8)
    second = scene.knowledge.search(company().operator_scope, company(), "prices")

    assert first.degraded
    assert set(texts(second.hits)) == {"a", "b"}


def test_without_a_version_of_the_material_nothing_is_kept(clock: Clock) -> None:
    scene = Scene(EmbeddedIndex(Path("never-made"), LETTERS.space), clock)

    for _ in range(2):
        scene.knowledge.search(company().operator_scope, company(), "prices")

    assert scene.times == 2
