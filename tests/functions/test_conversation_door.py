"""The doors of a page that was loaded anew: what was said, what became of its forms, and a ticket of its own."""

from collections.abc import Callable
from typing import Any

import pytest

from aisdr.answer import answer_of
from aisdr.company import Company
from aisdr.services import Services
from aisdr.session import Session
from aisdr.tools.base import ToolContext
from tests import doors
from tests.material import ORIGIN, a_company

CALL = "rtc_1"


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(modes=("text", "voice"), tools=("log_lead",))
    services.companies.put(company, expected_version=0)
    return company


@pytest.fixture
def session(services: Services, company: Company) -> Session:
    return services.sessions.open(company, ORIGIN, None)


@pytest.fixture
def door(services: Services, session: Session) -> Callable[[str, str], dict[str, Any]]:
    token = services.sessions.issue(session).token

    def ask(method: str, way: str) -> dict[str, Any]:
        address = f"/api/session/{session.session_id}{way}"
        reply = doors.call(method, address, authorization=f"Bearer {token}", origin=ORIGIN)
        assert reply.status == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    return ask


def test_a_page_that_was_loaded_anew_knows_which_forms_were_answered(
    services: Services, company: Company, session: Session, door: Callable[[str, str], dict[str, Any]]
) -> None:
    context, ids = ToolContext(company, session), {}
    for name in ("yes", "no", "open"):
        asked = services.tools.run(context, f"call-{name}", "log_lead", {"email": f"{name}@example.com"})
        services.transcripts.append(session, "assistant", "", channel="text", answer=answer_of(asked.cards))
        ids[name] = asked.result["confirmationId"]
    services.tools.confirm(context, ids["yes"], accept=True)
    services.tools.confirm(context, ids["no"], accept=False)

    said = door("GET", "")

    assert [turn["answer"]["actions"][0]["confirmationId"] for turn in said["turns"]] == [*ids.values()]
    assert said["confirmations"] == {ids["yes"]: "confirmed", ids["no"]: "declined"}


def test_a_form_that_nobody_answered_in_time_has_expired(
    services: Services, company: Company, session: Session, door: Callable[[str, str], dict[str, Any]]
) -> None:
    asked = services.tools.run(ToolContext(company, session), "call-late", "log_lead", {"email": "a@example.com"})
    services.transcripts.append(session, "assistant", "", channel="text", answer=answer_of(asked.cards))
    identity = asked.result["confirmationId"]
    services.conversations.delete(session.key, f"toolcall#{identity}")

    assert door("GET", "")["confirmations"] == {identity: "expired"}


@pytest.mark.parametrize(("way", "mode", "call"), [("/renew", "voice", CALL), ("/renew?call=none", "text", None)])
def test_only_the_page_that_sits_in_the_call_gets_a_ticket_to_it(
    services: Services,
    company: Company,
    session: Session,
    door: Callable[[str, str], dict[str, Any]],
    way: str,
    mode: str,
    call: str | None,
) -> None:
    operation, _ = services.ledger.reserve(
        company, session.session_id, "a key that nobody guesses", "f", 0.1, mode="voice", vendor="openai"
    )
    services.ledger.created(operation, CALL, sdp_answer="v=0")

    grant = door("POST", way)

    entry = services.sessions.redeem(grant["ticket"], ORIGIN)
    assert (entry.mode, entry.call_id, grant["mode"]) == (mode, call, mode)
