"""The last look: a hit that bears another company's mark ends the whole answer, and somebody is woken."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from aisdr.errors import Forbidden, Trespass
from aisdr.index.base import SearchHit
from aisdr.inference.base import ToolRequest
from aisdr.knowledge.base import SearchResult
from aisdr.knowledge.hybrid import Knowledge
from aisdr.metrics import TRESPASSES
from aisdr.observability import begin
from aisdr.services import Services
from aisdr.tenant import TenantScope, mark_of
from aisdr.trespass import check_marks
from tests import doors
from tests.chunks import ACME, GLOBEX, LetterCounts
from tests.legs import PATIENT, Answer, GivenLeg, at, company, found
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.observed import Written, observed


def of(scope: TenantScope, text: str, score: float = 0.9) -> list[SearchHit]:
    return [hit.model_copy(update={"owner": mark_of(scope)}) for hit in found("own", text, score)]


def knowledge(own: Answer, tavus: Answer = ()) -> Knowledge:  # type: ignore[assignment]
    legs = GivenLeg("own", own), GivenLeg("tavus", tavus or [])
    return Knowledge(at(LetterCounts()), legs[0], lambda _: legs[1], deadline=PATIENT)


@contextmanager
def invocation() -> Iterator[Written]:
    """Outside of one, nothing is counted."""
    with observed() as lines:
        begin({"requestContext": {"requestId": "r"}}, None)
        yield lines


def alarms(written: Written) -> tuple[list[dict[str, object]], Sequence[tuple[str, str, float]]]:
    """The lines of the log that tell of it, and the values of the metric that somebody is woken by."""
    return [each for each in written.lines if each.get("message") == "trespass"], written.values(TRESPASSES.name)


@pytest.mark.parametrize("strategy", ["parallel", "fallback", "smart", "own"])
@pytest.mark.parametrize("place", ["first", "among its own", "the worst"])
def test_one_foreign_hit_among_many_ends_the_answer(strategy: str, place: str) -> None:
    own = [*of(ACME, "prices"), *of(ACME, "terms", 0.5)]
    hits = {
        "first": [*of(GLOBEX, "a secret", 0.99), *own],
        "among its own": [own[0], *of(GLOBEX, "a secret", 0.7), own[1]],
        "the worst": [*own, *of(GLOBEX, "a secret", 0.01)],
    }[place]

    with invocation() as written, pytest.raises(Trespass) as refused:
        knowledge(hits).search(ACME, company(strategy), "prices", limit=1)  # type: ignore[arg-type]

    lines, values = alarms(written)
    assert [(line["level"], line["company_id"], line["of"]) for line in lines] == [
        ("CRITICAL", "acme", [mark_of(GLOBEX)])
    ]
    assert values == [("acme", "text", 1)]
    assert [each["reason"] for each in written.lines if each.get("audit") == "tenant.check"] == ["trespass"]
    assert "a secret" not in written.text + refused.value.message


def test_the_log_names_five_of_those_whose_it_is_and_no_more() -> None:
    strangers = [TenantScope.for_operator(f"stranger-{each}") for each in range(7)]

    with invocation() as written, pytest.raises(Trespass):
        check_marks(ACME, (mark_of(each) for each in strangers), "legs")

    assert [line["of"] for line in alarms(written)[0]] == [sorted(map(mark_of, strangers))[:5]]


def test_a_foreign_hit_of_one_leg_is_not_left_out_for_the_others_answer() -> None:
    with pytest.raises(Trespass):
        knowledge(of(ACME, "prices"), of(GLOBEX, "prices")).search(ACME, company(), "prices")


@pytest.mark.parametrize("owner", ["-", "acme", "globex"])
def test_a_name_is_no_mark(owner: str) -> None:
    nobodys = [hit.model_copy(update={"owner": owner}) for hit in found("own", "prices", 0.9)]

    with pytest.raises(Trespass):
        knowledge(nobodys).search(ACME, company(), "prices")


def test_a_leg_that_finds_out_by_itself_ends_the_answer_too() -> None:
    """Any other failure of a leg costs that leg's hits alone."""

    def refuse() -> list[SearchHit]:
        raise Trespass("found by the engine")

    with pytest.raises(Trespass):
        knowledge(refuse, of(ACME, "prices")).search(ACME, company(), "prices")


def test_a_second_stage_that_brings_something_along_ends_the_answer_too() -> None:
    class Bringing:
        name = "bringing"

        def rerank(self, *given: object) -> list[SearchHit]:
            return [hit.model_copy(update={"leg_scores": {"own": 0.9}}) for hit in of(GLOBEX, "a secret")]

    own = GivenLeg("own", of(ACME, "prices"))
    asked = Knowledge(at(LetterCounts()), own, lambda _: own, rerank=lambda _: Bringing(), deadline=PATIENT)

    with invocation() as written, pytest.raises(Trespass):
        asked.search(ACME, company("own"), "prices")

    assert [line["where"] for line in alarms(written)[0]] == ["result"]


def test_a_kept_answer_is_looked_at_again_before_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = knowledge(of(ACME, "prices"))
    foreign = SearchResult(hits=tuple(of(GLOBEX, "a secret")), strategy="own")
    monkeypatch.setattr(asked._corpus, "version", lambda *_: "1")
    monkeypatch.setattr(asked._answers, "get", lambda _: foreign)

    with invocation() as written, pytest.raises(Trespass):
        asked.search(ACME, company("own"), "prices")

    assert [line["where"] for line in alarms(written)[0]] == ["cache"]


def test_a_company_is_not_searched_with_anothers_scope() -> None:
    with pytest.raises(Forbidden):
        knowledge(of(GLOBEX, "prices")).search(GLOBEX, company(), "prices")


@pytest.mark.parametrize("address", ["/api/search", "/api/answer", "/api/tavus/tool"])
def test_a_visitor_gets_an_error_that_tells_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    visited = a_company(tools=("search_knowledge",))
    services.companies.put(visited, expected_version=0)
    teach(services, visited, a_chunk("prices", "The prices are a secret of acme."))
    token = services.sessions.issue(services.sessions.open(visited, ORIGIN, None)).token
    search = {"companyId": "acme", "query": "prices"}
    tool = {"companyId": "acme", "name": "search_knowledge", "arguments": {"query": "prices"}}
    body = {"/api/search": search, "/api/answer": {"question": "prices?"}, "/api/tavus/tool": tool}[address]
    monkeypatch.setattr("aisdr.index.loaded.LoadedCompany.search", lambda *_: of(GLOBEX, "a secret of globex"))

    with observed() as written:
        reply = doors.call("POST", address, body=body, origin=ORIGIN, authorization=f"Bearer {token}")

    assert (reply.status, reply.json()["error"]["code"]) == (500, "internal_error")
    assert "globex" not in reply.text
    assert "a secret of" not in written.text
    assert len(alarms(written)[0]) >= 1


def test_no_model_gets_a_tools_result_instead(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other refusals a model can talk about: it would go on with what it had found before."""
    visited = a_company(tools=("search_knowledge",))
    services.companies.put(visited, expected_version=0)
    session = services.sessions.open(visited, ORIGIN, None)

    def trespass(*_: object) -> None:
        raise Trespass("Something failed on our side; it has been logged")

    monkeypatch.setattr(services.tools, "run", trespass)

    with pytest.raises(Trespass):
        services.agent._run_tool(visited, session, ToolRequest("call-1", "search_knowledge", {"query": "prices"}))
