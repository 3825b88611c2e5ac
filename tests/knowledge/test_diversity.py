"""No source may be all that a model reads while another one has something to say."""

from collections import Counter

import pytest

from aisdr.index.base import SearchHit, SourceRecord
from aisdr.knowledge.diversity import diverse
from aisdr.knowledge.hybrid import Knowledge
from aisdr.services import Services
from aisdr.tools.base import ToolContext
from tests.agent_scene import agent
from tests.chunks import LetterCounts, chunk
from tests.legs import PATIENT, GivenLeg, at, company
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.models import CHAIN, Scripted, say

QUESTION = "What does the Growth plan cost?"


def hits(order: str) -> list[SearchHit]:
    """One hit a letter, the best first; the letter is its source."""
    return [
        SearchHit(chunk=chunk(f"{letter}{number}", source=letter), score=1 - number / 100, origins=("own",))
        for number, letter in enumerate(order)
    ]


@pytest.mark.parametrize(
    ("found", "read"),
    [
        ("aaaaaaaaaa", "a0 a1 a2 a3 a4 a5 a6 a7"),
        ("aaaaaaaaaabbbbbb", "a0 a1 a2 a3 b10 b11 b12 b13"),
        ("aaaaaabaaac", "a0 a1 a2 a3 a4 a5 b6 c10"),
        ("aaaabbbbcccc", "a0 a1 a2 a3 b4 b5 b6 b7"),
        ("aab", "a0 a1 b2"),
        ("", ""),
    ],
)
def test_one_source_has_half_of_the_places_while_another_ones_are_left_to_take(found: str, read: str) -> None:
    assert " ".join(hit.chunk.text for hit in diverse(hits(found), 8)) == read


def test_half_of_an_odd_number_is_rounded_up() -> None:
    assert [hit.chunk.source_id for hit in diverse(hits("aaaaabbbbb"), 5)] == ["a", "a", "a", "b", "b"]


def test_only_what_a_model_reads_is_spread() -> None:
    leg = GivenLeg("own", hits("a" * 10 + "bb"))
    knowledge = Knowledge(at(LetterCounts()), leg, lambda _: leg, deadline=PATIENT)
    acme = company("own", uses_tavus=False)

    for_visitor = knowledge.search(acme.operator_scope, acme, "prices", limit=4)
    for_model = knowledge.search(acme.operator_scope, acme, "prices", limit=4, for_model=True)

    assert Counter(hit.chunk.source_id for hit in for_visitor.hits) == {"a": 4}
    assert Counter(hit.chunk.source_id for hit in for_model.hits) == {"a": 2, "b": 2}


def test_a_document_that_fits_every_question_does_not_silence_the_price_list(services: Services) -> None:
    acme = a_company(models={"chat": CHAIN[:1]})
    services.companies.put(acme, expected_version=0)
    fillers = ("harbour", "violin", "glacier", "beehive", "bridge", "desert", "comet", "orchard", "lantern")
    stuffed = [
        a_chunk("stuffed", f" {each} ".join(QUESTION.split()), chunk_id=f"stuffed#{each}", title="Stuffed")
        for each in fillers
    ]
    place = services.writing_place(acme.operator_scope)
    vectors = place.embedder.embed_passages([each.searchable_text for each in stuffed])
    place.index.replace_source(acme.operator_scope, SourceRecord("stuffed", "h", len(stuffed)), stuffed, vectors)
    teach(services, acme, a_chunk("prices", "Growth: $149 a month."))
    session = services.sessions.open(acme, ORIGIN, None)
    model = Scripted(say("Hello."))

    list(agent(services, model).answer(acme, session, QUESTION))
    told = services.tools.run(ToolContext(acme, session), None, "search_knowledge", {"query": QUESTION})

    assert "Prices" in [each.title for each in model.prompts[0].passages]
    assert "Prices" in [each["title"] for each in told.result["passages"]]
    # Without the rule it would have been silenced.
    found = services.knowledge.search(acme.operator_scope, acme, QUESTION, limit=8)
    assert {hit.chunk.source_id for hit in found.hits} == {"stuffed"}
