"""What a visitor may do with a conversation: say what an answer was worth, and have everything erased."""

from collections.abc import Callable

import pytest

from aisdr.company import Company
from aisdr.lead import Lead
from aisdr.services import Services
from aisdr.session import Session
from aisdr.transcript import answered
from tests import doors
from tests.doors import Reply
from tests.material import ORIGIN, a_company

Door = Callable[..., Reply]


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(modes=("text",), tools=("log_lead",))
    services.companies.put(company, expected_version=0)
    return company


@pytest.fixture
def session(services: Services, company: Company) -> Session:
    return services.sessions.open(company, ORIGIN, None)


@pytest.fixture
def door(services: Services, session: Session) -> Door:
    token = services.sessions.issue(session).token

    def ask(method: str, way: str, *, to: str = session.session_id, body: object = None) -> Reply:
        authorization = f"Bearer {token}"
        return doors.call(method, f"/api/session/{to}{way}", body=body, authorization=authorization, origin=ORIGIN)

    return ask


def say(services: Services, session: Session) -> None:
    services.transcripts.append(session, "visitor", "What does it cost?", channel="text")
    services.transcripts.append(session, "assistant", "$49 a month.", channel="text", key=answered("q-1"))


def test_a_word_about_an_answer_is_stored_with_it_and_can_be_taken_back(
    services: Services, session: Session, door: Door
) -> None:
    say(services, session)

    for rating in ("bad", "good"):
        assert door("POST", "/rating", body={"answerId": "q-1", "rating": rating}).status == 204
        assert door("GET", "").json()["turns"][1]["rating"] == rating
    door("POST", "/rating", body={"answerId": "q-1", "rating": None})

    turns = door("GET", "").json()["turns"]
    assert [(turn["answerId"], turn["rating"]) for turn in turns] == [(None, None), ("q-1", None)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"answerId": "another", "rating": "good"}, 404, "answer_not_found"),
        ({"answerId": "q-1", "rating": "excellent"}, 422, "invalid_input"),
        ({"rating": "good"}, 422, "invalid_input"),
    ],
)
def test_only_an_answer_of_this_conversation_is_rated(
    services: Services, session: Session, door: Door, body: object, status: int, code: str
) -> None:
    say(services, session)

    refusal = door("POST", "/rating", body=body)

    assert (refusal.status, refusal.json()["error"]["code"]) == (status, code)


def test_an_erased_conversation_is_gone_and_its_token_opens_nothing(
    services: Services, company: Company, session: Session, door: Door
) -> None:
    say(services, session)
    services.leads.add(company, session, Lead(email="ada@acme.example"))

    assert door("DELETE", "/conversation").status == 204

    assert [item["sk"] for item in services.conversations.query(session.key)] == ["erasure"]
    assert door("GET", "").status == 401
    # What the visitor confirmed is the company's.
    assert [stored.lead.email for stored in services.leads.list(company.operator_scope)] == ["ada@acme.example"]


def test_nobody_erases_the_conversation_of_somebody_else(
    services: Services, company: Company, session: Session, door: Door
) -> None:
    other = services.sessions.open(company, ORIGIN, None)
    say(services, other)

    assert door("DELETE", "/conversation", to=other.session_id).status == 404

    assert len(services.transcripts.all(other)) == 2
