"""The relay in a live call: what is said is kept, tools get their results in, hostile browsers do no harm."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aisdr.services import Services
from tests.calls import start_call
from tests.material import a_company
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme, without_seq
from tests.tavus import KEY, Tavus


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "video")


def test_an_utterance_is_kept_once_however_often_it_comes(visitor: Visitor) -> None:
    hi = visitor.utterance("user", "Hi")
    visitor.forward(hi)
    visitor.forward(hi | {"seq": 2, "inference_id": "another"})
    visitor.forward(visitor.utterance("replica", "Hello!", part=2))

    assert visitor.said() == [("visitor", "Hi"), ("assistant", "Hello!")]


def test_events_that_overtake_each_other_all_count(visitor: Visitor) -> None:
    for seq in (2, 1, 4, 3):
        visitor.forward(visitor.utterance("user", f"Part {seq}", part=seq), seq=seq)

    assert {text for _, text in visitor.said()} == {"Part 1", "Part 2", "Part 3", "Part 4"}
    assert visitor.send({"action": "hello"})[0]["received"] == 4


def test_a_tool_call_in_the_room_gets_its_result_and_shows_its_sources(visitor: Visitor) -> None:
    sent, shown = visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})

    assert sent["type"] == "send"
    assert sent["message"]["event_type"] == "conversation.tool_result"
    assert sent["message"]["properties"]["tool_call_id"] == "call_1"
    assert sent["message"]["properties"]["status"] == "success"
    assert "$149" in sent["message"]["properties"]["output"]["answer"]
    assert (shown["type"], shown["card"]["kind"]) == ("show", "sources")
    assert shown["card"]["citations"][0]["title"] == "Pricing"
    assert shown["seq"] > sent["seq"]


def test_what_appeared_on_the_screen_is_a_turn_without_words(visitor: Visitor) -> None:
    visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})
    visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})

    (turn,) = visitor.services.transcripts.recent(visitor.session)
    assert (turn.role, turn.text, turn.channel) == ("assistant", "", "video")
    assert turn.answer is not None
    assert turn.answer.citations[0].title == "Pricing"


def test_a_repeated_tool_call_gets_the_very_frames_of_the_first(visitor: Visitor) -> None:
    first = visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})
    again = visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})

    assert again == first


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
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_tool_call_that_cannot_be_served_gets_an_error_result(
    visitor: Visitor, name: str, arguments: Any, code: str
) -> None:
    (sent,) = visitor.tool_call(name, arguments)

    assert sent["message"]["properties"]["status"] == "error"
    assert sent["message"]["properties"]["output"]["error"] == code


@pytest.mark.parametrize("call_id", ["x" * 3000, 7, ["a"], {"a": 1}, "\x00", "ü"], ids=lambda value: repr(value)[:20])
def test_a_call_id_of_any_form_is_served(visitor: Visitor, call_id: Any) -> None:
    (sent, *_) = visitor.tool_call("create_meeting_link", "{}", call_id)

    assert sent["type"] == "send"


def test_the_end_of_a_call_sends_the_browser_out_of_the_room_once(visitor: Visitor) -> None:
    event = visitor.in_room("system.shutdown", {"reason": "max_call_duration reached"})

    first = visitor.forward(event)
    again = visitor.forward(event)

    assert [frame["type"] for frame in first] == ["end"]
    assert again == first


def test_ending_the_call_in_the_room_ends_and_settles_it(
    environment: pytest.MonkeyPatch, tavus: Tavus, request: pytest.FixtureRequest
) -> None:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    visitor: Visitor = request.getfixturevalue("visitor")
    call = start_call(visitor.services.calls, a_company(), visitor.session, "the wish of a visitor")
    visitor.connect("c2", "video", call.conversation_id)

    visitor.forward(visitor.in_room("system.shutdown", {"reason": "participant_left_timeout reached"}), 1, "c2")

    assert tavus.running() == 0
    assert visitor.services.ledger.today("acme")["active"] == 0


def test_the_end_of_an_earlier_call_leaves_the_one_that_runs_alone(
    environment: pytest.MonkeyPatch, tavus: Tavus, request: pytest.FixtureRequest
) -> None:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    visitor: Visitor = request.getfixturevalue("visitor")
    start_call(visitor.services.calls, a_company(), visitor.session, "the wish of a visitor")

    visitor.forward(visitor.in_room("system.shutdown", {"reason": "participant_left_timeout reached"}))

    assert tavus.running() == 1


def test_what_is_typed_during_a_call_is_said_to_the_avatar_and_kept_once(visitor: Visitor) -> None:
    first = visitor.send({"action": "say", "id": "s1", "text": "What about Berlin?"})
    again = visitor.send({"action": "say", "id": "s1", "text": "What about Berlin?"})

    assert [frame["message"]["event_type"] for frame in first] == ["conversation.interrupt", "conversation.respond"]
    assert first[1]["message"]["properties"]["text"] == "What about Berlin?"
    assert {frame["type"] for frame in first} == {"send"}
    assert again == first
    assert visitor.said() == []

    visitor.forward(visitor.utterance("user", "What about Berlin?"))  # the room tells it as if it had been spoken

    assert visitor.said() == [("visitor", "What about Berlin?")]


@pytest.mark.parametrize("event_type", ["conversation.user.started_speaking", "conversation.perception_analysis", "x"])
def test_what_only_the_browser_draws_is_nothing_here(visitor: Visitor, event_type: str) -> None:
    assert visitor.forward(visitor.in_room(event_type, {})) == []
    assert visitor.said() == []


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
def test_an_event_that_makes_no_sense_is_nothing(visitor: Visitor, event: dict[str, Any]) -> None:
    assert visitor.forward(event) == []
    assert visitor.said() == []


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


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(event_type=st.sampled_from(EVENT_TYPES), properties=PROPERTIES, more=JSON)
def test_no_event_of_a_hostile_browser_breaks_the_relay(
    visitor: Visitor, event_type: str, properties: Any, more: Any
) -> None:
    raw = {"event_type": event_type, "properties": properties, "conversation_id": more, "turn_idx": more}

    frames = visitor.forward(raw)

    assert {frame["type"] for frame in frames} <= {"send", "show", "end", "error"}
    assert all("seq" in frame for frame in frames if frame["type"] != "error")
    assert without_seq(frames) is not None
