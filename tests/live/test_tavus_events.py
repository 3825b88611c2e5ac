"""Tavus's in-call events in our words: every name it has for a thing, and every thing it says twice."""

import json
from typing import Any

import pytest

from aisdr.events import (
    CallEnded,
    LiveEvent,
    QualityWarned,
    ToolCall,
    Utterance,
)
from aisdr.live.tavus_events import read_event


def event(event_type: str, properties: Any = None, **more: Any) -> dict[str, Any]:
    envelope = {"message_type": "conversation", "event_type": event_type, "conversation_id": "c1", "seq": 310}
    return envelope | {"turn_idx": 5, "inference_id": "i7", "properties": properties} | more


def call_in(raw: dict[str, Any]) -> ToolCall:
    (call,) = read_event(raw)
    assert isinstance(call, ToolCall)
    return call


def said_in(raw: dict[str, Any]) -> Utterance:
    (said,) = read_event(raw)
    assert isinstance(said, Utterance)
    return said


def test_a_tool_call_is_read_with_its_id_and_arguments() -> None:
    said = event(
        "conversation.tool_call",
        {"name": "search_knowledge", "arguments": '{"query":"sso"}', "tool_call_id": "call_abc123"},
    )

    assert read_event(said) == [ToolCall("call_abc123", "search_knowledge", {"query": "sso"})]


def test_what_the_eyes_ask_for_is_a_tool_call_without_its_pictures() -> None:
    seen = {"name": "x", "arguments": {"mood": "lost"}, "modality": "vision", "frames": [{"data": "…"}]}

    assert call_in(event("conversation.perception_tool_call", seen)).arguments == {"mood": "lost"}


def test_arguments_may_be_an_object_or_nothing() -> None:
    for arguments, read in (({"query": "sso"}, {"query": "sso"}), ("", {}), ("{}", {})):
        call = call_in(event("conversation.tool_call", {"name": "x", "arguments": arguments}))

        assert (call.arguments, call.malformed) == (read, None)


@pytest.mark.parametrize(
    "arguments",
    ["{", "nonsense", "[1]", '"text"', "null", 7, None, [1], "[" * 5000, '{"query": "\\ud800"}', '{"query": NaN}'],
    ids=lambda value: repr(value)[:20],
)
def test_arguments_that_cannot_be_read_are_told_as_such(arguments: Any) -> None:
    call = call_in(event("conversation.tool_call", {"name": "x", "arguments": arguments, "tool_call_id": "t1"}))

    assert call.malformed
    assert call.arguments == {}


def test_a_call_without_an_id_is_the_same_call_when_it_comes_again() -> None:
    def read(query: str, **more: Any) -> str:
        return call_in(event("conversation.tool_call", {"name": "x", "arguments": {"query": query}}, **more)).call_id

    assert read("sso") == read("sso", seq=999)
    assert len({read("sso"), read("price"), read("sso", inference_id="i8"), read("sso", conversation_id="c2")}) == 4


@pytest.mark.parametrize(("role", "ours"), [("user", "visitor"), ("replica", "assistant"), ("pal", "assistant")])
def test_an_utterance_is_read_with_who_said_it(role: str, ours: str) -> None:
    spoken = said_in(event("conversation.utterance", {"role": role, "speech": "Hello"}))

    assert (spoken.role, spoken.text) == (ours, "Hello")


def test_a_turn_of_the_visitor_is_one_utterance_although_its_inference_changes() -> None:
    def key(role: str, **more: Any) -> str:
        return said_in(event("conversation.utterance", {"role": role, "speech": "Hello"}, **more)).key

    assert key("user") == key("user", inference_id="i8")
    assert key("user") != key("user", turn_idx=6)
    assert key("replica") == key("pal") == key("replica", seq=311)
    assert key("replica") != key("replica", inference_id="i8")
    assert key("user") != key("replica")


def test_what_was_cut_short_is_known_by_what_was_really_said() -> None:
    streamed = {"role": "replica", "speech": "It costs", "content_index": 0, "final": True, "is_interrupted": True}
    cut = said_in(event("conversation.utterance.streaming", streamed))
    whole = said_in(event("conversation.utterance", {"role": "replica", "speech": "It costs 49."}))
    told_off = event("conversation.utterance", {"role": "replica", "speech": "It costs 49.", "interrupted": True})

    assert (cut.text, cut.spoken, cut.cut) == ("It costs", True, True)
    assert (whole.key, whole.spoken) == (cut.key, False), "what was said takes the place of what was meant"
    assert read_event(told_off) == [], "nobody says all of it any more"


def test_what_was_said_to_its_end_is_not_cut() -> None:
    said = said_in(event("conversation.utterance.streaming", {"role": "pal", "speech": "It costs 49.", "final": True}))

    assert (said.spoken, said.cut) == (True, False)


@pytest.mark.parametrize(
    ("number", "order"), [(310, 310), (0, 0), ("7", None), (True, None), (-1, None), (2**60, None)]
)
def test_what_happens_in_a_call_has_the_vendors_own_number(number: Any, order: int | None) -> None:
    spoken = said_in(event("conversation.utterance", {"role": "user", "speech": "Hello"}, seq=number))
    called = call_in(event("conversation.tool_call", {"name": "x", "arguments": "{}"}, seq=number))

    assert (spoken.order, called.order) == (order, order)


@pytest.mark.parametrize(
    "streamed",
    [
        {"role": "replica", "speech": "It", "final": False},
        {"role": "user", "speech": "What does", "final": True},
        {"speech": "Who says this?", "final": True},
        {"role": "replica", "speech": "", "final": True},
    ],
    ids=str,
)
def test_what_is_still_being_said_is_no_utterance_yet(streamed: dict[str, Any]) -> None:
    assert read_event(event("conversation.utterance.streaming", streamed)) == []


def test_the_language_that_was_heard_comes_with_the_words() -> None:
    said = {"role": "user", "speech": "Hallo", "language": "german"}

    assert said_in(event("conversation.utterance", said)).language == "de"
    assert said_in(event("conversation.utterance", said | {"role": "replica"})).language is None
    assert said_in(event("conversation.utterance", said | {"language": "klingon"})).language is None


def test_how_a_visitor_looked_and_sounded_is_nobodys_business() -> None:
    seen = {"user_visual_analysis": "A calm person.", "user_audio_analysis": "Calm.", "visual_context": "A desk."}

    (spoken,) = read_event(event("conversation.utterance", {"role": "user", "speech": "Hello"} | seen))

    assert "alm" not in str(spoken)
    assert "desk" not in str(spoken)


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("max_call_duration reached", "time"),
        ("participant_left_timeout", "left"),
        ("participant_left_timeout reached", "left"),
        ("participant_absent_timeout reached", "absent"),
        ("end_conversation_endpoint_hit", "ended"),
        ("bot_could_not_join_meeting_it_was_probably_ended", "not_joined"),
        ("daily_room_has_been_deleted", "room_gone"),
        ("exception_encountered_during_conversation_startup", "vendor_failed"),
        ("internal error occurred at step 3", "vendor_failed"),
        ("something_of_tomorrow", "something_of_tomorrow"),
        ("x" * 500, "x" * 80),
        ("", "ended"),
        (None, "ended"),
        (["no", "text"], "ended"),
    ],
)
def test_each_reason_of_an_end_has_a_word_of_ours(reason: Any, ours: str) -> None:
    for name in ("shutdown_reason", "reason"):
        assert read_event(event("system.shutdown", {name: reason})) == [CallEnded(ours)]


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        ({"action": "network-quality-change", "networkState": "bad"}, "network bad"),
        ({"action": "network-connection", "type": "sfu", "event": "interrupted"}, "network interrupted"),
        ({"action": "cpu-load-change", "cpuLoadState": "high"}, "cpu high"),
        ({"action": "camera-error", "error": {"type": "mic-in-use"}}, "device mic-in-use"),
        ({"action": "camera-error", "error": "?"}, "device unknown"),
        ({"action": "nonfatal-error", "type": "audio-processor-error"}, "room audio-processor-error"),
        ({"action": "nonfatal-error", "type": "call me at ada@example.com"}, "room redacted"),
    ],
)
def test_the_room_warns_in_its_own_events(raw: dict[str, Any], what: str) -> None:
    warnings: list[LiveEvent] = [QualityWarned(what)]

    assert read_event(raw) == warnings


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"event_type": None},
        {"event_type": ["conversation.tool_call"]},
        {"action": "network-quality-change", "networkState": "good"},
        {"action": "network-connection", "event": "connected"},
        {"action": "participant-updated"},
        {"action": 7},
        event("conversation.tool_call", None),
        event("conversation.tool_call", [1]),
        event("conversation.tool_call", "text"),
        event("conversation.tool_call", {"name": 7}),
        event("conversation.utterance", {"role": "user", "speech": ""}),
        event("conversation.utterance", {"role": "user", "speech": " "}),
        event("conversation.utterance", {"role": "user", "speech": ["Hello"]}),
        event("conversation.utterance", [1]),
        event("conversation.started_speaking", {"role": "user"}),
        event("conversation.replica.stopped_speaking", {"interrupted": True}),
        event("conversation.replica_interrupted"),
        event("conversation.perception_analysis", {"analysis": "The visitor smiles."}),
        event("conversation.perception-analysis", {"analysis": 7}),
        event("system.replica_present"),
        event("tomorrow.something_new", {"a": 1}),
    ],
    ids=lambda raw: json.dumps(raw)[:60],
)
def test_what_is_not_for_us_or_makes_no_sense_is_nothing(raw: dict[str, Any]) -> None:
    assert read_event(raw) == []


@pytest.mark.parametrize("role", [["user"], {"a": 1}, 7, None])
def test_a_role_of_any_type_is_survived(role: Any) -> None:
    for name in ("conversation.utterance", "conversation.utterance.streaming", "conversation.started_speaking"):
        read_event(event(name, {"role": role, "speech": "Hello", "final": True}))
