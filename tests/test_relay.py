"""The relay's door: who gets in, what is understood, and that nothing a client can send hurts the socket."""

import json
import time
from typing import Any

import boto3
import pytest

from aisdr.answer import MeetingCard
from aisdr.arrival import FRAMES_AT_ONCE, FRAMES_UNCOUNTED, REFUSALS_UNCOUNTED, RESENDING_SECONDS
from aisdr.connections import Connections
from aisdr.errors import Unauthorized
from aisdr.frames import MOST_BYTES_IN, EndFrame, ReadyFrame, SendFrame, ShowFrame
from aisdr.relay import CLOSE_AFTER
from aisdr.services import Services
from tests.material import ORIGIN, Clock
from tests.postbox import Postbox
from tests.sockets import CALL, Visitor, codes, visitor_of_acme

FROM_THE_SERVER = (
    ReadyFrame(received=0, seq=0),
    ShowFrame(card=MeetingCard(title="Book", url="https://evil.example")),
    SendFrame(message={"event_type": "conversation.echo"}),
    EndFrame(reason="time", call_id="conv"),
)


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox)


@pytest.mark.parametrize("origin", [None, "", "https://evil.example", "null"])
def test_a_socket_from_another_website_or_from_none_is_refused(visitor: Visitor, origin: str | None) -> None:
    with pytest.raises(Unauthorized):
        visitor.services.entrance.enter("c2", visitor.ticket(), origin)

    assert visitor.services.connections.arrive("c2") is None


def test_a_ticket_opens_one_socket(visitor: Visitor) -> None:
    ticket = visitor.ticket()
    visitor.services.entrance.enter("c2", ticket, ORIGIN)

    with pytest.raises(Unauthorized):
        visitor.services.entrance.enter("c3", ticket, ORIGIN)

    assert visitor.services.connections.arrive("c3") is None


def test_hello_and_ping_are_answered(visitor: Visitor) -> None:
    assert visitor.send({"action": "hello"}) == [{"type": "ready", "received": 0, "seq": 0}]
    assert visitor.send({"action": "ping"}) == [{"type": "pong"}]


SENSELESS = [
    "",
    "{",
    "null",
    "[]",
    '"ping"',
    "ping",
    "{}",
    '{"action": "shout"}',
    '{"action": null}',
    '{"action": ["ping"]}',
    '{"action": "ping", "more": 1}',
    '{"action": "ask"}',
    '{"action": "ask", "id": "", "text": "?"}',
    '{"action": "ask", "id": "q1", "text": ""}',
    '{"action": "ask", "id": 1, "text": "?"}',
    '{"action": "ask", "id": "q1", "text": "?", "mode": "video"}',
    '{"action": "ask", "id": "q1", "text": "\\ud800"}',
    json.dumps({"action": "ask", "id": "q" * 65, "text": "?"}),
    json.dumps({"action": "ask", "id": "q1", "text": "?" * 2001}),
    '{"action": "stop"}',
    '{"action": "resume"}',
    '{"action": "resume", "after": -1}',
    '{"action": "resume", "after": 1e300}',
    '{"action": "resume", "after": 99999999999999999999999999999999999999999999}',
    '{"action": "event"}',
    '{"action": "event", "event": {}}',
    '{"action": "event", "seq": 0, "event": {}}',
    '{"action": "event", "seq": 1, "event": "text"}',
    '{"action": "event", "seq": 1, "event": {"a": "\\ud800"}}',
    '{"action": "say", "id": "s1"}',
    '{"action": "confirm", "id": "c"}',
    '{"action": "confirm", "id": "c", "accept": true, "values": []}',
    '{"action": "confirm", "id": "c", "accept": true, "values": {"email": null}}',
    '{"type": "show", "card": {}}',
    '{"action": "ping"}' + " " * MOST_BYTES_IN,
    "[" * 10_000,
    '{"action": NaN}',
]


@pytest.mark.parametrize(
    "frame",
    [*SENSELESS[:12], *(pytest.param(frame, marks=pytest.mark.slow) for frame in SENSELESS[12:])],
    ids=lambda frame: frame[:60],
)
def test_a_frame_that_makes_no_sense_gets_an_error_and_the_socket_lives(visitor: Visitor, frame: str) -> None:
    (refused,) = visitor.send(frame)

    assert (refused["type"], refused["error"]["code"]) == ("error", "invalid_frame")
    assert len(refused["error"]["message"]) < 400
    assert visitor.send({"action": "ping"}) == [{"type": "pong"}]
    assert visitor.said() == []


@pytest.mark.parametrize("body", [None, 7, b"ping", {"action": "ping"}])
def test_a_body_that_is_no_text_gets_an_error(visitor: Visitor, body: Any) -> None:
    visitor.relay.receive("c1", body)

    assert codes(visitor.postbox.frames()) == ["invalid_frame"]


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "stop", "id": "never asked"},
        {"action": "stop", "id": "q#\u0000\uffff"},
        {"action": "resume", "after": 0},
        {"action": "resume", "after": 2**53},
    ],
    ids=str,
)
def test_a_frame_about_nothing_is_borne(visitor: Visitor, frame: dict[str, Any]) -> None:
    assert all(each["type"] == "ready" for each in visitor.send(frame))
    assert visitor.send({"action": "ping"}) == [{"type": "pong"}]


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "event", "seq": 1, "event": {"event_type": "conversation.utterance"}},
        {"action": "say", "id": "s1", "text": "Hi"},
    ],
    ids=["event", "say"],
)
def test_a_socket_without_a_call_takes_nothing_of_one(visitor: Visitor, frame: dict[str, Any]) -> None:
    assert codes(visitor.send(frame)) == ["no_live_call"]


@pytest.mark.parametrize(
    "frame",
    [
        '{"action": "ping", "action": "hello"}',
        '{"action": "event", "seq": 1, "event": {"a": 1, "a": 2}}',
        '{"action": "event", "seq": 1, "event": {"a": NaN}}',
        '{"action": "event", "seq": 1, "event": {"a": 1e999}}',
        '{"action": "event", "seq": 1, "event": {"a": ' + "[" * 500 + "]" * 500 + "}}",
        *(json.dumps(each.model_dump(mode="json", by_alias=True)) for each in FROM_THE_SERVER),
    ],
    ids=lambda frame: frame[:70],
)
def test_t_ws_02_nothing_that_a_browser_sends_becomes_an_event_for_another(visitor: Visitor, frame: str) -> None:
    visitor.connect("c2")
    other = visitor.services.sessions.open(visitor.services.companies.get("acme"), ORIGIN, None)
    visitor.services.entrance.enter("c3", visitor.services.sessions.issue(other).ticket, ORIGIN)

    assert codes(visitor.send(frame)) == ["invalid_frame"]

    assert visitor.postbox.frames("c2") == visitor.postbox.frames("c3") == []
    assert visitor.said() == []
    assert visitor.send({"action": "ping"}) == [{"type": "pong"}]


def test_a_frame_on_a_forgotten_connection_is_nothing(visitor: Visitor) -> None:
    visitor.services.entrance.leave("c1")

    assert visitor.ask("?") == []
    assert visitor.said() == []


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "hello"},
        {"action": "resume", "after": 0},
        {"action": "ask", "id": "q1", "text": "?"},
        {"action": "confirm", "id": "c", "accept": True},
    ],
    ids=lambda frame: str(frame["action"]),
)
def test_an_ended_session_is_told_so(visitor: Visitor, frame: dict[str, Any]) -> None:
    visitor.send({"action": "hello"})
    visitor.services.sessions.end(visitor.session)

    assert codes(visitor.send(frame)) == ["session_not_found"]


def test_a_visitor_who_sends_too_fast_is_told_so_now_and_then_and_keeps_the_socket(
    visitor: Visitor, clock: Clock
) -> None:
    visitor.services.connections._clock = clock
    clock.now = time.time()
    visitor.connect("c2")
    clock.advance(RESENDING_SECONDS)

    frames = [visitor.send({"action": "ping"}, "c2") for _ in range(FRAMES_AT_ONCE + 2 * FRAMES_UNCOUNTED)]
    refused = [visitor.send({"action": "ping"}, "c2") for _ in range(2 * REFUSALS_UNCOUNTED)]
    clock.advance(60)

    assert frames[:FRAMES_AT_ONCE] == [[{"type": "pong"}]] * FRAMES_AT_ONCE
    told = [each for each in refused if each]
    assert [codes(each) for each in told] == [["rate_limited"]] * 2
    assert "send the last ones again" in told[0][0]["error"]["message"]
    assert visitor.send({"action": "ping"}, "c2") == [{"type": "pong"}]


def test_a_flood_closes_the_socket_and_says_why(visitor: Visitor, clock: Clock) -> None:
    visitor.services.connections._clock = clock
    clock.now = time.time()
    visitor.connect("c2")
    clock.advance(RESENDING_SECONDS)

    told = [visitor.send("junk", "c2") for _ in range(FRAMES_AT_ONCE + 2 * FRAMES_UNCOUNTED + CLOSE_AFTER)]

    assert "c2" in visitor.postbox.gone
    assert codes([frame for frames in told for frame in frames])[-1] == "policy_violation"
    assert visitor.send({"action": "ping"}, "c2") == [], "to us it is gone"
    assert visitor.send({"action": "ping"}, "c1") == [{"type": "pong"}]


def test_frames_go_to_the_socket_that_asked_and_to_no_other(visitor: Visitor) -> None:
    visitor.connect("c2", "video", CALL)

    visitor.ask("What does the Growth plan cost?")

    assert visitor.postbox.frames("c2") == []


def test_the_relay_posts_through_the_address_of_its_settings(visitor: Visitor) -> None:
    client = boto3.client("apigatewaymanagementapi", endpoint_url=visitor.services.settings.connections_endpoint)

    assert Connections(visitor.services.conversations, client).post("c1", {"type": "pong"})
    assert visitor.postbox.frames() == [{"type": "pong"}]
