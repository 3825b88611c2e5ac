"""Leads: contact data with the consent it was given under, for the company that it was given to."""

import pytest
from pydantic import ValidationError

from aisdr.company import TenantScope
from aisdr.lead import Lead, Leads
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table
from tests.material import ORIGIN, Clock


@pytest.fixture
def leads(conversations_table: Table, clock: Clock) -> Leads:
    return Leads(conversations_table, clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now, consent_version="7")


def test_a_lead_keeps_what_was_said_where_and_under_which_consent(leads: Leads, session: Session, clock: Clock) -> None:
    lead = Lead(email="jane@example.com", name="Jane Doë", message="Call me")

    stored = leads.add(session, lead)

    assert leads.list(TenantScope("acme")) == [stored]
    assert (stored.lead, stored.origin, stored.consent_version, stored.created_at) == (lead, ORIGIN, "7", clock.now)


def test_leads_are_listed_oldest_first_and_outlive_the_conversation(
    leads: Leads, session: Session, clock: Clock
) -> None:
    for name in ("first", "second", "third"):
        leads.add(session, Lead(email=f"{name}@example.com"))
        clock.advance(RETENTION_SECONDS)

    assert [stored.lead.email.split("@")[0] for stored in leads.list(TenantScope("acme"))] == [
        "first",
        "second",
        "third",
    ]


def test_a_lead_belongs_to_one_company(leads: Leads, session: Session) -> None:
    leads.add(session, Lead(email="jane@example.com"))

    assert leads.list(TenantScope("globex")) == []
    assert leads.list(TenantScope("acm")) == []


@pytest.mark.parametrize(
    "email", ["", "jane", "jane@", "@example.com", "jane@example", "a b@example.com", "a@b@c.de", "jane@example.com\n"]
)
def test_what_is_no_address_makes_no_lead(email: str) -> None:
    with pytest.raises(ValidationError):
        Lead(email=email)
