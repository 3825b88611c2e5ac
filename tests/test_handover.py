"""Handovers: who asked for a person, stored once for a wish, for the company that was asked."""

import pytest

from aisdr.company import Company
from aisdr.configuration import Webhook
from aisdr.handover import HandoverRequest, Handovers
from aisdr.outbox import Outbox
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table
from aisdr.tenant import TenantScope
from tests.material import ORIGIN, Clock, a_company
from tests.webhook_receiver import SECRET

ACME = TenantScope.for_operator("acme")


@pytest.fixture
def handovers(conversations_table: Table, clock: Clock) -> Handovers:
    return Handovers(conversations_table, clock)


@pytest.fixture
def company() -> Company:
    return a_company(webhook=Webhook(url="https://hooks.acme.example/aisdr", secrets=(SECRET,)))


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now, consent_version="7")


def test_a_request_is_kept_with_where_it_was_made_and_outlives_the_conversation(
    handovers: Handovers, company: Company, session: Session, clock: Clock
) -> None:
    request = HandoverRequest(reason="A contract question", email="jane@example.com", name="Jane")

    stored = handovers.add(company, session, request)
    clock.advance(RETENTION_SECONDS)

    assert [*handovers.each(ACME)] == [stored]
    assert (stored.request, stored.origin, stored.consent_version) == (request, ORIGIN, "7")
    assert [*handovers.each(TenantScope.for_operator("acm"))] == []


def test_a_repeated_wish_is_one_request_and_one_message(
    handovers: Handovers, company: Company, session: Session, conversations_table: Table, clock: Clock
) -> None:
    first = handovers.add(company, session, HandoverRequest(reason="A contract"), key="confirmation-1")
    clock.advance(5)

    repeated = handovers.add(company, session, HandoverRequest(reason="A contract"), key="confirmation-1")

    assert repeated == first
    assert [*handovers.each(ACME)] == [first]
    assert [message.kind for message in Outbox(conversations_table, clock).each(ACME)] == ["handover.requested"]
    assert handovers.of_session(session) == [first.handover_id]


def test_two_wishes_are_two_requests_in_their_order(
    handovers: Handovers, company: Company, session: Session, clock: Clock
) -> None:
    handovers.add(company, session, HandoverRequest(reason="first"))
    clock.advance(1)
    handovers.add(company, session, HandoverRequest(reason="second"))

    assert [stored.request.reason for stored in handovers.each(ACME)] == ["first", "second"]


def test_a_request_is_never_told_to_another_company(handovers: Handovers, session: Session) -> None:
    with pytest.raises(AssertionError):
        handovers.add(a_company("globex"), session, HandoverRequest(reason="A contract"))
