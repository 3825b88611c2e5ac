"""F-TV-16 to 19: a face that never comes, a call that is shut down, webhooks in any order, tools that take too long."""

import hashlib
import hmac
import itertools
import json

import pytest

from aisdr import delivery
from aisdr.ledger import Operation
from aisdr.services import Services
from tests.calls import IDEMPOTENCY_KEY, CallScene, scene, start_call
from tests.doors import call
from tests.material import Clock, a_company
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme
from tests.tavus import KEY, Tavus
from tests.tools.company_server import open_company_server, reserve_demo

__all__ = ["scene"]
pytestmark = pytest.mark.slow

SECRET = "the secret of the tools' HMAC authentication"


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    environment.setenv("TAVUS_TOOL_SECRET", SECRET)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox)


def in_a_call(visitor: Visitor) -> Operation:
    operation = start_call(visitor.services.calls, a_company(), visitor.session, IDEMPOTENCY_KEY)
    visitor.connect("c2", "video", operation.conversation_id)
    return operation


def told_of_the_end(visitor: Visitor) -> list[str]:
    return [frame["reason"] for frame in visitor.postbox.frames("c2") if frame["type"] == "end"]


@pytest.mark.cell("F-TV-16")
def test_a_face_that_never_joins_costs_its_minute_and_the_visitor_is_told(visitor: Visitor, tavus: Tavus) -> None:
    operation = in_a_call(visitor)
    tavus.advance(61)  # and nobody came
    capability = visitor.services.sessions.capability(operation.operation_id, "acme")

    visitor.services.notices.receive(
        capability, {"conversation_id": operation.conversation_id, "event_type": "system.shutdown"}
    )

    assert tavus.running() == 0
    assert told_of_the_end(visitor) == ["absent"]
    today = visitor.services.ledger.today("acme")
    assert (today["active"], today["seconds"]) == (0, 60), "of the ten minutes that were reserved nine came back"


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        pytest.param("max_call_duration reached", "time", marks=pytest.mark.cell("F-TV-17/max-call-duration")),
        pytest.param("participant_left_timeout reached", "left", marks=pytest.mark.cell("F-TV-17/participant-left")),
        pytest.param(
            "bot_could_not_join_meeting_it_was_probably_ended",
            "not_joined",
            marks=pytest.mark.cell("F-TV-17/bot-could-not-join"),
        ),
        pytest.param("exception_encountered", "vendor_failed", marks=pytest.mark.cell("F-TV-17/exception-encountered")),
    ],
)
def test_a_call_that_is_shut_down_goes_on_in_text_with_what_was_said(
    visitor: Visitor, tavus: Tavus, reason: str, ours: str
) -> None:
    operation = in_a_call(visitor)
    here = {"conversation_id": operation.conversation_id}
    visitor.forward(visitor.utterance("user", "We run forty stores in Norway.") | here, connection_id="c2")

    shutdown = visitor.in_room("system.shutdown", {"shutdown_reason": reason}) | here
    frames = visitor.forward(shutdown, connection_id="c2")

    ends = {(frame["seq"], frame["reason"]) for frame in frames if frame["type"] == "end"}
    assert [said for _, said in ends] == [ours]
    assert (tavus.running(), visitor.services.ledger.today("acme")["active"]) == (0, 0)
    goes_on_in_text(visitor)


@pytest.mark.cell("F-TV-17/network-lost")
def test_a_call_whose_visitor_lost_the_network_is_over_and_goes_on_in_text(visitor: Visitor, tavus: Tavus) -> None:
    operation = in_a_call(visitor)
    here = {"conversation_id": operation.conversation_id}
    visitor.forward(visitor.utterance("user", "We run forty stores in Norway.") | here, connection_id="c2")
    visitor.forward({"action": "network-connection", "event": "interrupted"}, connection_id="c2")
    visitor.services.entrance.leave("c2")  # no word of an end ever comes

    tavus.advance(700)
    visitor.services.ledger._clock = Clock(operation.deadline + 60)
    visitor.services.calls.reconcile()

    assert (tavus.running(), visitor.services.ledger.today("acme")["active"]) == (0, 0)
    goes_on_in_text(visitor)


def goes_on_in_text(visitor: Visitor) -> None:
    assert ("visitor", "We run forty stores in Norway.") in visitor.said()
    done = next(frame for frame in visitor.ask("What does the Growth plan cost?") if frame["type"] == "done")
    assert "$149" in done["answer"]["text"]
    assert "forty stores" in visitor.services.memory.told(a_company(), visitor.session)


@pytest.mark.cell("F-TV-18/reordered", "F-TV-18/duplicated")
@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("order", list(itertools.permutations(("system.replica_joined", "system.shutdown"))))
def test_whatever_the_order_of_webhooks_the_state_is_what_the_vendor_says(
    scene: CallScene, order: tuple[str, ...], ended: bool
) -> None:
    operation = scene.start()
    if ended:
        scene.advance(61)

    for event_type in [*order, *order]:
        scene.notice(operation, event_type)

    assert scene.state() == ("settled" if ended else "live")
    assert scene.today()["active"] == (0 if ended else 1)


@pytest.mark.cell("F-TV-18/before-our-store")
def test_a_webhook_that_overtakes_our_own_store_changes_nothing(scene: CallScene) -> None:
    operation, _ = scene.calls.reserve(scene.company, scene.session, "video", IDEMPOTENCY_KEY)

    for event_type in ("system.replica_joined", "system.shutdown"):
        scene.notice(operation, event_type, "c-that-we-do-not-know-yet")

    assert scene.state() == "reserved"
    assert scene.calls.buy(scene.company, scene.session, operation).state == "created"


def delivered(
    arguments: object, conversation_id: str | None, name: str = "reserve_demo"
) -> tuple[int, dict[str, object]]:
    body = {"name": name, "arguments": arguments, "conversation_id": conversation_id, "tool_call_id": "call-00001"}
    raw = json.dumps(body).encode()
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    reply = call("POST", "/api/tavus/delivery", body=raw, x_tavus_signature=signature)
    return reply.status, reply.json()


@pytest.mark.cell("F-TV-19/2-mb")
def test_arguments_of_two_megabytes_are_too_large_whoever_signed_them(visitor: Visitor) -> None:
    operation = in_a_call(visitor)

    status, answer = delivered({"note": "x" * 2_000_000}, operation.conversation_id)

    assert status == 413
    assert answer["error"]["code"] == "too_large"  # type: ignore[index]


@pytest.mark.cell("F-TV-19/slow-tool")
def test_a_tool_that_takes_too_long_is_answered_for_in_time(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "ANSWER_SECONDS", 0.8)  # instead of eight
    with open_company_server() as server:
        server.answer = "late"  # and yet within the tool's own time: who waited for it would tell of a success
        tool = reserve_demo(server.url, writes=False, timeout_seconds=15)
        visitor.services.companies.put(a_company(http_tools=(tool,)), expected_version=1)
        operation = in_a_call(visitor)

        status, answer = delivered({"city": "Lyon"}, operation.conversation_id)

    assert (status, answer["success"]) == (200, False)
    assert "could not" in str(answer["result"])
