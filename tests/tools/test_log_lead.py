"""log_lead: an address as it was written or spoken becomes a lead, and nothing else does."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from aisdr.answer import LeadCard
from aisdr.configuration import Consent
from aisdr.lead import Agreement, Leads
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.tools.base import ToolContext
from aisdr.tools.log_lead import LogLead, LogLeadArguments
from tests.material import ORIGIN, Clock, a_company


def test_a_lead_is_stored_and_shown_as_it_was_stored(conversations_table: Table, clock: Clock) -> None:
    leads = Leads(conversations_table, clock)
    context = ToolContext(a_company(), Session("s1", "acme", ORIGIN, clock.now, "7"))

    outcome = LogLead(leads).run(
        context, LogLeadArguments(email="jane@example.com", name="Jane", company="Globex", message="Call me")
    )

    (stored,) = leads.list(TenantScope.for_operator("acme"))
    assert (stored.lead.message, stored.consent_version) == ("Call me", "7")
    assert stored.agreed_to == Agreement(text="When you confirm, Acme receives these details to get back to you.")
    assert stored.agreed_at is not None
    assert outcome.cards == (LeadCard(name="Jane", email="jane@example.com", company="Globex"),)


@pytest.mark.parametrize(
    "spoken",
    [
        "jane.doe@example.com",
        "  jane.doe@example.com ",
        "jane dot doe at example dot com",
        "jane.doe at example.com",
        "jane.doe AT example DOT com",
        "jane.doe@example dot com",
        "jane.doe @ example.com",
        "j a n e dot d o e at example dot com",
        "jane.doe@example.com.",
    ],
)
def test_a_spoken_address_is_understood(spoken: str) -> None:
    assert LogLeadArguments(email=spoken).email == "jane.doe@example.com"


@pytest.mark.parametrize(
    "spoken",
    [
        "",
        "jane",
        "at",
        "at example dot com",
        "look at jane at example dot com",
        "jane@example",
        "5",
        "a@b@c.de",
        "a..b@c.de",
        "<a@b.de>",
    ],
)
def test_what_is_no_address_is_refused(spoken: str) -> None:
    with pytest.raises(ValidationError):
        LogLeadArguments(email=spoken)


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("jane underscore doe at example dot com", "jane_doe@example.com"),
        ("jane dash doe plus news at example dot co dot uk", "jane-doe+news@example.co.uk"),
    ],
)
def test_signs_are_spoken_as_words(spoken: str, written: str) -> None:
    assert LogLeadArguments(email=spoken).email == written


def test_the_visitor_is_told_who_receives_the_details(conversations_table: Table) -> None:
    company = a_company(consent=Consent(privacy_url="https://acme.example/privacy"))

    title, note = LogLead(Leads(conversations_table)).question(ToolContext(company, Session("s1", "acme", ORIGIN, 0)))

    assert title == "Send your details to Acme?"
    assert note.startswith("When you confirm, Acme receives these details")
    assert "https://acme.example/privacy" in note


def test_the_same_key_is_one_lead(conversations_table: Table, clock: Clock) -> None:
    leads = Leads(conversations_table, clock)
    context = ToolContext(a_company(), Session("s1", "acme", ORIGIN, clock.now), key="confirmation-1")

    first, again = (LogLead(leads).run(context, LogLeadArguments(email="jane@example.com")) for _ in range(2))

    assert again == first
    assert len(leads.list(TenantScope.for_operator("acme"))) == 1


@pytest.mark.parametrize("value", [None, 5, ["jane@example.com"], {"at": "example.com"}])
def test_an_address_is_text(value: object) -> None:
    with pytest.raises(ValidationError):
        LogLeadArguments.model_validate({"email": value})


def test_nobody_learns_what_another_visitor_left_under_the_same_address(
    conversations_table: Table, clock: Clock
) -> None:
    context = ToolContext(a_company(), Session("s1", "acme", ORIGIN, clock.now, None), key="first")
    tool = LogLead(Leads(conversations_table, clock))
    known = LogLeadArguments(email="jane@example.com", name="Jane Doe", company="Secret Project", phone="+1 555 0100")
    tool.run(context, known)
    stranger = replace(context, session=Session("s2", "acme", ORIGIN, clock.now, None), key="second")

    outcome = tool.run(stranger, LogLeadArguments(email="JANE@example.com"))
    unknown = tool.run(replace(stranger, key="third"), LogLeadArguments(email="new@example.com"))

    assert outcome.cards == (LeadCard(name=None, email="JANE@example.com", company=None),)
    assert "Jane" not in outcome.model_dump_json().replace("JANE@example.com", "")
    assert outcome.result.keys() == unknown.result.keys() == {"say"}
