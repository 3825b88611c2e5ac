"""request_human: how to reach a person, and a request that is passed on when there is somebody to get back to."""

import pytest
from pydantic import ValidationError

from aisdr.answer import ContactCard
from aisdr.configuration import People
from aisdr.handover import Handovers
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import ToolContext
from aisdr.tools.registry import ToolRegistry
from aisdr.tools.request_human import RequestHuman, RequestHumanArguments
from tests.material import ORIGIN, Clock, a_company

PEOPLE = People(name="the sales desk", email="sales@acme.example", phone="+1 555 0100", hours="Mon to Fri")
CARD = ContactCard(
    title="Talk to the sales desk", text="Mon to Fri", email="sales@acme.example", phone="+1 555 0100", url=None
)


@pytest.fixture
def handovers(conversations_table: Table, clock: Clock) -> Handovers:
    return Handovers(conversations_table, clock)


@pytest.fixture
def registry(handovers: Handovers, conversations_table: Table, clock: Clock) -> ToolRegistry:
    return ToolRegistry((RequestHuman(handovers),), conversations_table, clock, sleep=clock.advance)


def asking(people: People = PEOPLE) -> ToolContext:
    return ToolContext(a_company(people=people), Session("s1", "acme", ORIGIN, 0.0, "7"))


def test_without_an_address_the_visitor_learns_how_to_reach_a_person_and_nothing_is_written(
    registry: ToolRegistry, handovers: Handovers
) -> None:
    outcome = registry.run(asking(), "call-0001", "request_human", {"reason": "Wants a discount"})

    assert (outcome.success, outcome.cards, outcome.result["passedOn"]) == (True, (CARD,), False)
    assert list(handovers.each(asking().company.operator_scope)) == []


def test_with_an_address_the_request_is_passed_on_after_the_visitor_confirmed(
    registry: ToolRegistry, handovers: Handovers
) -> None:
    wish = {"reason": "Wants a discount", "email": "jane at example dot com", "name": "Jane"}

    waiting = registry.run(asking(), "call-0001", "request_human", wish)
    before = list(handovers.each(asking().company.operator_scope))
    outcome = registry.confirm(
        asking(), waiting.result["confirmationId"], accept=True, values={"phone": "+1 (555) 0100"}
    )

    assert before == []
    (stored,) = handovers.each(asking().company.operator_scope)
    assert (stored.request.email, stored.request.phone) == ("jane@example.com", "+1 (555) 0100")
    assert (stored.request.reason, stored.consent_version) == ("Wants a discount", "7")
    assert outcome.result["handoverId"] == stored.handover_id
    assert outcome.cards == (CARD,)


def test_a_company_that_names_nobody_promises_nothing_but_to_write(registry: ToolRegistry) -> None:
    outcome = registry.run(asking(People()), "call-0001", "request_human", {"email": "", "phone": " "})

    assert outcome.cards == ()
    assert "e-mail" in outcome.result["say"]


@pytest.mark.parametrize(
    "wrong", [{"email": "jane"}, {"phone": "call me"}, {"phone": "12"}, {"reason": "x" * 501}, {"company": "Globex"}]
)
def test_what_is_no_way_to_reach_somebody_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RequestHumanArguments.model_validate(wrong)
