"""Leads: contact data with the consent it was given under, once for each address, for the company it was given to."""

import threading
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from pydantic import ValidationError

from aisdr.company import Company
from aisdr.configuration import Webhook
from aisdr.lead import Lead, Leads
from aisdr.outbox import Outbox
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table
from aisdr.tenant import TenantScope
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock, a_company
from tests.webhook_receiver import SECRET

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACME = TenantScope.for_operator("acme")


@pytest.fixture
def leads(conversations_table: Table, clock: Clock) -> Leads:
    return Leads(conversations_table, clock)


@pytest.fixture
def outbox(conversations_table: Table, clock: Clock) -> Outbox:
    return Outbox(conversations_table, clock)


@pytest.fixture
def company() -> Company:
    return a_company(webhook=Webhook(url="https://hooks.acme.example/aisdr", secrets=(SECRET,)))


@pytest.fixture
def session(clock: Clock) -> Session:
    return a_visit("s1", clock)


def a_visit(session_id: str, clock: Clock, company_id: str = "acme", consent: str | None = "7") -> Session:
    return Session(session_id, company_id, ORIGIN, clock.now, consent_version=consent)


def kinds(outbox: Outbox) -> list[str]:
    return [message.kind for message in outbox.each(ACME)]


def test_a_lead_keeps_what_was_said_where_and_under_which_consent(
    leads: Leads, company: Company, session: Session, clock: Clock
) -> None:
    lead = Lead(email="jane@example.com", name="Jane Doë", message="Call me", qualification="200 stores")

    stored = leads.add(company, session, lead)

    assert leads.list(ACME) == [stored]
    assert (stored.lead, stored.origin, stored.consent_version, stored.created_at) == (lead, ORIGIN, "7", clock.now)


def test_leads_are_listed_oldest_first_and_outlive_the_conversation(
    leads: Leads, company: Company, session: Session, clock: Clock
) -> None:
    for name in ("first", "second", "third"):
        leads.add(company, session, Lead(email=f"{name}@example.com"))
        clock.advance(RETENTION_SECONDS)

    assert [stored.lead.email.split("@")[0] for stored in leads.list(ACME)] == ["first", "second", "third"]


def test_one_address_makes_one_lead_whatever_its_capitals_and_a_repeat_completes_it(
    leads: Leads, company: Company, outbox: Outbox, clock: Clock
) -> None:
    first = leads.add(company, a_visit("s1", clock), Lead(email="jane@example.com", name="Jane", message="A demo"))
    clock.advance(3600)
    again = Lead(email="JANE@Example.com", name="Mallory", phone="+49 30 1", message="And a price")

    second = leads.add(company, a_visit("s2", clock, consent="8"), again)

    assert leads.list(ACME) == [second]
    assert (second.lead_id, second.created_at, second.updated_at) == (first.lead_id, first.created_at, clock.now)
    assert second.lead == Lead(email="jane@example.com", name="Jane", phone="+49 30 1", message="And a price")
    assert (second.session_id, second.consent_version) == ("s2", "8")
    assert kinds(outbox) == ["lead.created", "lead.updated"]


def test_a_visit_without_a_consent_does_not_take_an_earlier_one_away(
    leads: Leads, company: Company, clock: Clock
) -> None:
    leads.add(company, a_visit("s1", clock), Lead(email="jane@example.com"))

    leads.add(company, a_visit("s2", clock, consent=None), Lead(email="jane@example.com"))

    assert [stored.consent_version for stored in leads.list(ACME)] == ["7"]


def test_the_same_once_more_is_nothing_new(leads: Leads, company: Company, session: Session, outbox: Outbox) -> None:
    lead = Lead(email="jane@example.com", name="Jane")

    assert leads.add(company, session, lead) == leads.add(company, session, lead)
    assert kinds(outbox) == ["lead.created"]


def test_a_repeated_wish_changes_nothing_and_gets_the_first_ones_answer(
    leads: Leads, company: Company, session: Session, outbox: Outbox, clock: Clock
) -> None:
    first = leads.add(company, session, Lead(email="jane@example.com"), key="confirmation-1")
    clock.advance(1)
    leads.add(company, session, Lead(email="jane@example.com", phone="+49 30 1"), key="confirmation-2")

    repeated = leads.add(company, session, Lead(email="jane@example.com"), key="confirmation-1")

    assert repeated == first
    assert kinds(outbox) == ["lead.created", "lead.updated"]


def test_a_key_belongs_to_its_conversation(leads: Leads, company: Company, clock: Clock) -> None:
    leads.add(company, a_visit("s1", clock), Lead(email="jane@example.com"), key="call-1")
    leads.add(company, a_visit("s2", clock), Lead(email="joe@example.com"), key="call-1")

    assert {stored.lead.email for stored in leads.list(ACME)} == {"jane@example.com", "joe@example.com"}


@pytest.mark.parametrize("key", [None, "the same wish"])
def test_of_many_who_add_one_address_at_once_one_makes_the_lead(
    one_at_a_time: "DynamoDBClient", company: Company, clock: Clock, key: str | None
) -> None:
    table = Table(one_at_a_time, CONVERSATIONS, clock)
    leads, ready = Leads(table, clock), threading.Barrier(4)
    made: list[str] = []

    def add(number: int) -> None:
        visit = a_visit("s1" if key else f"s{number}", clock)
        ready.wait()
        made.append(leads.add(company, visit, Lead(email="jane@example.com", phone="+49 30 1"), key=key).lead_id)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (stored,) = leads.list(ACME)
    assert made == [stored.lead_id] * 4
    assert kinds(Outbox(table, clock)).count("lead.created") == 1


def test_nothing_is_lost_when_a_lead_is_completed_from_two_sides_at_once(
    aws: "DynamoDBClient", company: Company, leads: Leads, clock: Clock
) -> None:
    leads.add(company, a_visit("s1", clock), Lead(email="jane@example.com"))
    slow: DynamoDBClient = boto3.client("dynamodb")

    def between_look_and_write(**_: Any) -> None:
        slow.meta.events.unregister(event, between_look_and_write)
        leads.add(company, a_visit("s2", clock), Lead(email="jane@example.com", phone="+49 30 1"))

    event = "before-call.dynamodb.TransactWriteItems"
    slow.meta.events.register(event, between_look_and_write)
    Leads(Table(slow, CONVERSATIONS, clock), clock).add(
        company, a_visit("s3", clock), Lead(email="jane@example.com", company="Globex")
    )

    (stored,) = leads.list(ACME)
    assert (stored.lead.phone, stored.lead.company) == ("+49 30 1", "Globex")


def test_an_erased_lead_may_come_again(
    leads: Leads, company: Company, session: Session, conversations_table: Table
) -> None:
    leads.add(company, session, Lead(email="jane@example.com", name="Jane"))
    (item,) = conversations_table.query("acme#leads", prefix="lead#")
    conversations_table.delete("acme#leads", item["sk"])

    leads.add(company, session, Lead(email="jane@example.com"))

    assert [stored.lead.name for stored in leads.list(ACME)] == [None]


def test_a_conversation_knows_its_leads(leads: Leads, company: Company, session: Session, clock: Clock) -> None:
    jane = leads.add(company, session, Lead(email="jane@example.com"), key="call-1")
    leads.add(company, session, Lead(email="jane@example.com", phone="+49 30 1"), key="call-2")
    joe = leads.add(company, session, Lead(email="joe@example.com"))

    assert sorted(leads.of_session(session)) == sorted([jane.lead_id, joe.lead_id])
    assert leads.of_session(a_visit("s2", clock)) == []


def test_a_lead_belongs_to_one_company(leads: Leads, company: Company, session: Session, clock: Clock) -> None:
    ours = leads.add(company, session, Lead(email="jane@example.com", name="Jane"))
    theirs = leads.add(a_company("globex"), a_visit("s1", clock, "globex"), Lead(email="jane@example.com"))

    assert leads.list(TenantScope.for_operator("globex")) == [theirs]
    assert (theirs.lead.name, theirs.lead_id == ours.lead_id) == (None, False)
    assert leads.list(TenantScope.for_operator("acm")) == []


def test_a_lead_is_never_told_to_another_company(leads: Leads, session: Session) -> None:
    with pytest.raises(AssertionError):
        leads.add(a_company("globex"), session, Lead(email="jane@example.com"))


@pytest.mark.parametrize(
    "email", ["", "jane", "jane@", "@example.com", "jane@example", "a b@example.com", "a@b@c.de", "jane@example.com\n"]
)
def test_what_is_no_address_makes_no_lead(email: str) -> None:
    with pytest.raises(ValidationError):
        Lead(email=email)
