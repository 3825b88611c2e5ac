"""An explanation tells the whole way of a question: read, routed, asked, merged, put in order."""

from collections.abc import Sequence
from pathlib import Path

from aisdr.company import Company
from aisdr.index.base import IndexQuery, Place, SearchHit, Vocabulary
from aisdr.index.embedded import EmbeddedIndex
from aisdr.knowledge.base import Understood
from aisdr.knowledge.explanation import Explanation
from aisdr.knowledge.hybrid import Knowledge
from tests.chunks import ACME, LetterCounts, chunk, picture, store
from tests.legs import PATIENT, GivenLeg, at, broken, company, found

SHARED = "The Team plan costs 49 euros a month, and the first two weeks are free of charge for everybody."
REPEATED = f"{SHARED} Really."


class Backwards:
    name = "backwards"

    def rerank(
        self, company: Company, query: IndexQuery, place: Place, hits: Sequence[SearchHit], timeout: float
    ) -> list[SearchHit]:
        return list(reversed(hits))


def understand(company: Company, question: str, vocabulary: Vocabulary | None) -> Understood:
    return Understood("team price", "team price costs", ("pricse → price",))


def explained(tmp_path: Path, own: GivenLeg, tavus: GivenLeg) -> Explanation:
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, picture("dashboard"))
    knowledge = Knowledge(
        at(letters, index),
        own,
        lambda _: tavus,
        understand=understand,
        rerank=lambda _: Backwards(),
        deadline=PATIENT,
        first_leg_seconds=PATIENT,
    )
    told = knowledge.search(
        company("smart").operator_scope, company("smart"), "Can I see the pricse?", explain=True
    ).explanation
    assert told is not None
    return told


def test_it_tells_every_step_of_a_question(tmp_path: Path) -> None:
    own = GivenLeg("own", [*found("own", SHARED, 0.9), *found("own", "b", 0.3)])
    tavus = GivenLeg("tavus", found("tavus", REPEATED, 0.8))

    told = explained(tmp_path, own, tavus)

    assert (told.question.asked, told.question.text, told.question.notes) == (
        "Can I see the pricse?",
        "team price",
        ("pricse → price",),
    )
    assert (told.place.engine, told.place.embedder) == ("embedded", "letter-counts")
    assert told.place.version
    assert told.route is not None
    assert told.route.confidence > 0
    assert [(leg.name, leg.status, leg.reason) for leg in told.legs] == [
        ("tavus", "ok", ""),
        ("own", "skipped", "not needed"),
    ]
    assert [(hit.excerpt, hit.score) for hit in told.legs[0].hits] == [(REPEATED, 0.8)]
    assert {"version", "understanding", "embedding", "route", "legs", "merge", "second stage", "highlights"} == {
        step.name for step in told.steps
    }


def test_it_tells_what_was_joined_and_how_places_changed(tmp_path: Path) -> None:
    own = GivenLeg("own", [*found("own", SHARED, 0.9), *found("own", "b", 0.3)])
    tavus = GivenLeg("tavus", found("tavus", REPEATED, 0.2))

    told = explained(tmp_path, own, tavus)

    best = told.merged[0]
    assert best.leg_scores == {"own": 0.9, "tavus": 0.2}
    assert [(each.leg, each.chunk_id) for each in best.joined] == [("tavus", f"{REPEATED}.md:text:{REPEATED}")]
    assert told.second_stage is not None
    assert [(each.before, each.after) for each in told.second_stage.moved] == [(2, 1), (1, 2)]


def test_it_tells_what_was_wrong_with_a_leg(tmp_path: Path) -> None:
    told = explained(tmp_path, GivenLeg("own", found("own", "a", 0.9)), GivenLeg("tavus", broken))

    tavus = next(leg for leg in told.legs if leg.name == "tavus")
    assert (tavus.status, tavus.reason, tavus.breaker, tavus.hits) == ("failed", "vendor_failed", "closed", ())


def test_an_explanation_is_always_fresh_and_nobody_else_gets_it(tmp_path: Path) -> None:
    letters = LetterCounts()
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, chunk("prices"))
    own = GivenLeg("own", found("own", "a", 0.9))
    knowledge = Knowledge(at(letters, index), own, lambda _: own, deadline=PATIENT)

    explanation = knowledge.search(company("own").operator_scope, company("own"), "prices", explain=True).explanation
    plain = knowledge.search(company("own").operator_scope, company("own"), "prices")
    again = knowledge.search(company("own").operator_scope, company("own"), "prices", explain=True).explanation

    assert explanation is not None
    assert plain.explanation is None
    assert again is not None
    assert len(own.asked) == 2
    assert "kept" in again.notes[0]
