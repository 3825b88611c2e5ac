"""The end of a live call reaches the page that is in it, whoever ended it, and no other page."""

from typing import Any

import pytest

from aisdr.ledger import Operation
from aisdr.services import Services
from tests.calls import start_call
from tests.material import Clock, a_company
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme
from tests.tavus import KEY, Tavus

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox)


def call(visitor: Visitor, connection_id: str, wish: str = "the wish of a visitor") -> Operation:
    """A video call with a page in it."""
    operation = start_call(visitor.services.calls, a_company(), visitor.session, wish)
    visitor.connect(connection_id, "video", operation.conversation_id)
    return operation


def time_is_up(visitor: Visitor, operation: Operation) -> None:
    """A minute ago, for the ledger and for who looks after its calls."""
    clock = Clock(operation.deadline + 60)
    visitor.services.ledger._clock = visitor.services.calls._overdue._clock = clock


def ends(visitor: Visitor, connection_id: str) -> list[str]:
    return [frame["reason"] for frame in visitor.postbox.frames(connection_id) if frame["type"] == "end"]


def test_a_hang_up_at_the_budget_sends_the_visitor_out(visitor: Visitor) -> None:
    operation = call(visitor, "c2")
    time_is_up(visitor, operation)

    assert visitor.services.calls.reconcile() == 1

    assert ends(visitor, "c2") == ["time"]
    assert ends(visitor, "c1") == [], "a page that is in no call has none to leave"


def test_an_end_that_the_vendor_tells_sends_the_visitor_out(visitor: Visitor, tavus: Tavus) -> None:
    operation = call(visitor, "c2")
    tavus.advance(10_000)
    capability = visitor.services.sessions.capability(operation.operation_id, "acme")
    body = {"conversation_id": operation.conversation_id, "event_type": "system.shutdown"}

    for _ in range(2):
        visitor.services.notices.receive(capability, body)

    assert len(ends(visitor, "c2")) == 1


def test_a_page_that_was_away_finds_the_end_when_it_is_back(visitor: Visitor) -> None:
    operation = call(visitor, "c2")
    visitor.services.entrance.leave("c2")
    time_is_up(visitor, operation)
    visitor.services.calls.reconcile()
    visitor.connect("c3", "video", operation.conversation_id)

    frames = visitor.send({"action": "resume", "after": 0}, "c3")

    assert [frame["type"] for frame in frames] == ["ready", "end"]


def test_a_new_call_sends_another_tab_out_of_the_old_one_before_its_line_is_cut(visitor: Visitor, tavus: Tavus) -> None:
    first = call(visitor, "c2")
    tavus.fault(method="POST", path=f"/v2/conversations/{first.conversation_id}/end", status=500, body={}, times=9)

    second = start_call(visitor.services.calls, a_company(), visitor.session, "another wish of a visitor")
    visitor.connect("c3", "video", second.conversation_id)

    (told,) = [frame for frame in visitor.postbox.frames("c2") if frame["type"] == "end"]
    assert (told["reason"], told["callId"]) == ("replaced", first.conversation_id), "the page may want the new one"
    assert ends(visitor, "c3") == []


def test_an_old_ticket_sends_nobody_out_of_the_call_that_runs(visitor: Visitor) -> None:
    first = call(visitor, "c2")
    ticket = visitor.ticket("video", first.conversation_id)
    call(visitor, "c3", "another wish of a visitor")

    visitor.services.entrance.enter("c4", ticket, visitor.session.origin)

    assert ends(visitor, "c3") == []


@pytest.mark.parametrize(("call_only", "told"), [(True, []), (False, ["conversation"])])
def test_who_hangs_up_knows_it_and_who_ends_the_conversation_ends_it_in_every_tab(
    visitor: Visitor, call_only: bool, told: list[str]
) -> None:
    call(visitor, "c2")

    visitor.services.reception.end(visitor.session, call_only=call_only)

    assert ends(visitor, "c2") == told


def test_a_visitor_whose_data_was_erased_is_told_nothing(visitor: Visitor) -> None:
    operation = call(visitor, "c2")
    visitor.services.conversations.delete(visitor.session.key, "session")
    time_is_up(visitor, operation)

    assert visitor.services.calls.reconcile() == 1

    assert ends(visitor, "c2") == []


def test_a_page_that_cannot_be_reached_keeps_no_call_from_its_end(visitor: Visitor) -> None:
    operation = call(visitor, "c2")
    visitor.postbox.broken.add("c2")
    time_is_up(visitor, operation)

    assert visitor.services.calls.reconcile() == 1

    assert visitor.services.ledger.today("acme")["active"] == 0


@pytest.mark.parametrize(
    "event",
    [{"action": "network-quality-change", "networkState": "bad"}, {"action": "camera-error", "error": {"type": "x"}}],
    ids=lambda event: event["action"],
)
def test_a_poor_connection_is_told_to_operators_alone(
    visitor: Visitor, event: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    call(visitor, "c2")

    assert visitor.forward(event, connection_id="c2") == []

    assert "call quality" in caplog.messages
