"""The relay: every frame gets its answer, a tool call in the room gets its result, and nothing hurts the socket."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aisdr.agent import Agent
from aisdr.answer import Answer
from aisdr.connections import Connections
from aisdr.errors import Unauthorized, VendorError
from aisdr.inference.base import ModelEvent, Prompt, TextDelta
from aisdr.relay import MAX_FRAME_CHARACTERS, Relay
from aisdr.services import Services
from aisdr.session import Session
from tests.calls import start_call
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.postbox import Postbox
from tests.tavus import KEY, Tavus


@dataclass
class Scene:
    """One visitor with an open socket `c1`."""

    services: Services
    postbox: Postbox
    session: Session
    relay: Relay

    def send(self, frame: Any, connection_id: str = "c1") -> list[dict[str, Any]]:
        """Sends one frame and returns what came back."""
        self.relay.receive(connection_id, frame if isinstance(frame, str) else json.dumps(frame))
        return self.postbox.frames(connection_id)

    def event(self, event_type: str, properties: Any, **more: Any) -> list[dict[str, Any]]:
        """Forwards an event of the room, as a browser does."""
        raw = {"message_type": "conversation", "event_type": event_type, "conversation_id": "conv"}
        return self.send({"action": "event", "event": raw | {"properties": properties} | more})

    def tool_call(self, name: str, arguments: Any, call_id: str = "call_1") -> list[dict[str, Any]]:
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        return self.event("conversation.tool_call", {"name": name, "arguments": text, "tool_call_id": call_id})

    def said(self) -> list[tuple[str, str]]:
        return [(turn.role, turn.text) for turn in self.services.transcripts.recent(self.session)]


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def scene(services: Services, postbox: Postbox) -> Scene:
    company = a_company()
    services.companies.put(company, expected_version=0)
    teach(services.index, services.embedder, company, a_chunk("pricing", "The Growth plan costs $149 a month."))
    session = services.sessions.open(company, ORIGIN, None)
    services.relay.connect("c1", services.sessions.issue(session).ticket, ORIGIN)
    return Scene(services, postbox, session, services.relay)


def codes(frames: list[dict[str, Any]]) -> list[str]:
    assert all(frame["type"] == "error" for frame in frames), frames
    return [frame["error"]["code"] for frame in frames]


@pytest.mark.parametrize("origin", [None, "", "https://evil.example", "null"])
def test_a_socket_from_another_website_or_from_none_is_refused(scene: Scene, origin: str | None) -> None:
    ticket = scene.services.sessions.issue(scene.session).ticket

    with pytest.raises(Unauthorized):
        scene.relay.connect("c2", ticket, origin)

    assert scene.services.connections.get("c2") is None


def test_a_ticket_opens_one_socket(scene: Scene) -> None:
    ticket = scene.services.sessions.issue(scene.session).ticket
    scene.relay.connect("c2", ticket, ORIGIN)

    with pytest.raises(Unauthorized):
        scene.relay.connect("c3", ticket, ORIGIN)

    assert scene.services.connections.get("c3") is None


def test_hello_and_ping_are_answered(scene: Scene) -> None:
    assert scene.send({"action": "hello"}) == [{"type": "ready"}]
    assert scene.send({"action": "ping"}) == [{"type": "pong"}]


@pytest.mark.parametrize(
    "frame",
    [
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
        '{"action": "ask", "id": "q1", "text": "\\ud800"}',
        json.dumps({"action": "ask", "id": "q" * 65, "text": "?"}),
        json.dumps({"action": "ask", "id": "q1", "text": "?" * 2001}),
        '{"action": "event"}',
        '{"action": "event", "event": "text"}',
        '{"type": "show", "card": {}}',
        '{"action": "ping"}' + " " * MAX_FRAME_CHARACTERS,
        "[" * 10_000,
        '{"action": NaN}',
    ],
    ids=lambda frame: frame[:60],
)
def test_a_frame_that_makes_no_sense_gets_an_error_and_the_socket_lives(scene: Scene, frame: str) -> None:
    (refused,) = scene.send(frame)

    assert (refused["type"], refused["error"]["code"]) == ("error", "invalid_frame")
    assert len(refused["error"]["message"]) < 400
    assert scene.send({"action": "ping"}) == [{"type": "pong"}]
    assert scene.said() == []


@pytest.mark.parametrize("body", [None, 7, b"ping", {"action": "ping"}])
def test_a_body_that_is_no_text_gets_an_error(scene: Scene, body: Any) -> None:
    scene.relay.receive("c1", body)

    assert codes(scene.postbox.frames()) == ["invalid_frame"]


def test_a_question_is_answered_by_deltas_in_order_and_then_the_whole(scene: Scene) -> None:
    frames = scene.send({"action": "ask", "id": "q1", "text": "What does the Growth plan cost?"})

    deltas, done = frames[:-1], frames[-1]
    assert [frame["type"] for frame in frames] == ["delta"] * len(deltas) + ["done"]
    assert [frame["index"] for frame in deltas] == list(range(len(deltas)))
    assert {frame["id"] for frame in frames} == {"q1"}
    answer = Answer.model_validate(done["answer"])
    assert "$149" in answer.text
    assert answer.citations[0].title == "Pricing"
    assert answer.text.startswith("".join(frame["text"] for frame in deltas).strip())
    assert scene.said() == [("visitor", "What does the Growth plan cost?"), ("assistant", answer.text)]


class Words:
    """A model that says a few words at its own pace."""

    name = "words"

    def __init__(self, *pieces: str, then: Exception | None = None) -> None:
        self.pieces, self.then, self.said = pieces, then, 0

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]:
        for piece in self.pieces:
            self.said += 1
            yield TextDelta(piece)
        if self.then:
            raise self.then


def relay_with(scene: Scene, model: Words) -> Relay:
    services = scene.services
    agent = Agent(services.knowledge, services.tools, services.transcripts, lambda choice: model)
    return Relay(
        services.sessions,
        services.connections,
        services.companies,
        services.transcripts,
        lambda: agent,
        lambda: services.tools,
        services.video,
        services.calls,
    )


def test_an_answer_that_breaks_off_ends_in_an_error_with_its_id(scene: Scene) -> None:
    scene.relay = relay_with(scene, Words("Growth costs", then=VendorError("The model is down", vendor="openai")))

    frames = scene.send({"action": "ask", "id": "q1", "text": "What does it cost?"})

    assert frames[-1] == {
        "type": "error",
        "id": "q1",
        "error": {"code": "vendor_failed", "message": "The model is down"},
    }
    assert not any(frame["type"] == "done" for frame in frames)


def test_nobody_goes_on_talking_to_a_socket_that_is_gone(scene: Scene) -> None:
    model = Words("One ", *["and more "] * 500)
    scene.relay = relay_with(scene, model)
    scene.postbox.gone.add("c1")

    assert scene.send({"action": "ask", "id": "q1", "text": "What does it cost?"}) == []

    assert model.said < 10
    assert scene.services.connections.get("c1") is None


def test_a_frame_on_a_forgotten_connection_is_nothing(scene: Scene) -> None:
    scene.relay.disconnect("c1")

    assert scene.send({"action": "ask", "id": "q1", "text": "?"}) == []
    assert scene.said() == []


def test_an_ended_session_is_told_so(scene: Scene) -> None:
    scene.services.sessions.end(scene.session)

    assert codes(scene.send({"action": "ask", "id": "q1", "text": "?"})) == ["session_not_found"]


def test_a_tool_call_in_the_room_gets_its_result_and_shows_its_sources(scene: Scene) -> None:
    sent, shown = scene.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})

    assert sent["type"] == "send"
    assert sent["message"]["event_type"] == "conversation.tool_result"
    assert sent["message"]["properties"]["tool_call_id"] == "call_1"
    assert sent["message"]["properties"]["status"] == "success"
    assert "$149" in sent["message"]["properties"]["output"]["answer"]
    assert (shown["type"], shown["card"]["kind"]) == ("show", "sources")
    assert shown["card"]["citations"][0]["title"] == "Pricing"


def test_a_repeated_tool_call_has_one_effect_and_the_same_result(scene: Scene) -> None:
    first = scene.tool_call("log_lead", {"email": "jane@example.com"})
    again = scene.tool_call("log_lead", {"email": "jane@example.com"})

    assert again == first
    assert len(scene.services.leads.list(scene.session.scope)) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("search_knowledge", "{", "invalid_arguments"),
        ("search_knowledge", "[]", "invalid_arguments"),
        ("search_knowledge", '{"query": "\\ud800"}', "invalid_arguments"),
        ("search_knowledge", "[" * 5000, "invalid_arguments"),
        ("search_knowledge", {}, "invalid_arguments"),
        ("search_knowledge", {"query": "x", "company": "globex"}, "invalid_arguments"),
        ("no_such_tool", {}, "unknown_tool"),
        ("request_human", {}, "unknown_tool"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_tool_call_that_cannot_be_served_gets_an_error_result(
    scene: Scene, name: str, arguments: Any, code: str
) -> None:
    (sent,) = scene.tool_call(name, arguments)

    assert sent["message"]["properties"]["status"] == "error"
    assert sent["message"]["properties"]["output"]["error"] == code


def test_an_utterance_is_kept_once_however_often_it_comes(scene: Scene) -> None:
    for seq in (1, 2):
        scene.event("conversation.utterance", {"role": "user", "speech": "Hi"}, turn_idx=1, inference_id=seq, seq=seq)
    scene.event("conversation.utterance", {"role": "replica", "speech": "Hello!"}, inference_id="i2")

    assert scene.said() == [("visitor", "Hi"), ("assistant", "Hello!")]


def test_the_end_of_a_call_sends_the_browser_out_of_the_room(scene: Scene) -> None:
    assert scene.event("system.shutdown", {"reason": "max_call_duration reached"}) == [
        {"type": "end", "reason": "max_call_duration reached"}
    ]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"event_type": "conversation.tool_call", "properties": [1]},
        {"event_type": "conversation.tool_call", "properties": {"name": {"a": 1}}},
        {"event_type": "conversation.utterance", "properties": "text"},
        {"event_type": "conversation.utterance", "properties": {"role": [], "speech": {}}},
        {"event_type": 7},
    ],
    ids=str,
)
def test_an_event_that_makes_no_sense_is_nothing(scene: Scene, event: dict[str, Any]) -> None:
    assert scene.send({"action": "event", "event": event}) == []
    assert scene.said() == []


@pytest.mark.parametrize("call_id", ["x" * 3000, 7, ["a"], {"a": 1}, "\x00", "ü"], ids=lambda value: repr(value)[:20])
def test_a_call_id_of_any_form_is_served(scene: Scene, call_id: Any) -> None:
    properties = {"name": "create_meeting_link", "arguments": "{}", "tool_call_id": call_id}

    (sent, *_) = scene.event("conversation.tool_call", properties)

    assert sent["type"] == "send"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
EVENT_TYPES = (
    "conversation.tool_call",
    "conversation.perception_tool_call",
    "conversation.utterance",
    "system.shutdown",
    "other",
)
PROPERTIES = JSON | st.fixed_dictionaries(
    {},
    optional={
        "name": JSON | st.sampled_from(["log_lead", "search_knowledge"]),
        "arguments": JSON | st.text(max_size=20),
        "tool_call_id": JSON,
        "role": JSON,
        "speech": JSON,
        "shutdown_reason": JSON,
    },
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(event_type=st.sampled_from(EVENT_TYPES), properties=PROPERTIES, more=JSON)
def test_no_event_of_a_hostile_browser_breaks_the_relay(
    scene: Scene, event_type: str, properties: Any, more: Any
) -> None:
    raw = {"event_type": event_type, "properties": properties, "conversation_id": more, "turn_idx": more}

    frames = scene.send({"action": "event", "event": raw})

    assert all(frame["type"] in ("send", "show", "end", "error") for frame in frames)


def test_ending_the_call_in_the_room_ends_and_settles_it(
    environment: pytest.MonkeyPatch, tavus: Tavus, request: pytest.FixtureRequest
) -> None:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    scene: Scene = request.getfixturevalue("scene")
    company = scene.services.companies.get("acme")
    start_call(scene.services.calls, company, scene.session, "the wish of a visitor")

    scene.event("system.shutdown", {"reason": "participant_left_timeout reached"})

    assert tavus.running() == 0
    assert scene.services.ledger.today("acme")["active"] == 0


def test_frames_go_to_the_socket_that_asked_and_to_no_other(scene: Scene) -> None:
    other = scene.services.sessions.open(a_company(), ORIGIN, None)
    scene.relay.connect("c2", scene.services.sessions.issue(other).ticket, ORIGIN)

    scene.send({"action": "ask", "id": "q1", "text": "What does the Growth plan cost?"})

    assert scene.postbox.frames("c2") == []
    assert scene.services.transcripts.recent(other) == []


def test_the_relay_posts_through_the_address_of_its_settings(scene: Scene) -> None:
    client = boto3.client("apigatewaymanagementapi", endpoint_url=scene.services.settings.connections_endpoint)

    assert Connections(scene.services.conversations, client).post("c1", {"type": "pong"})
    assert scene.postbox.frames() == [{"type": "pong"}]
