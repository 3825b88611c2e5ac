"""Tavus's events and webhooks in our words, and our results in its own."""

import json
from typing import Any

import pytest

from aisdr.events import CallEnded, ToolCall, Utterance
from aisdr.live.base import Notice
from aisdr.live.tavus import TavusVideo
from tests.tavus import Tavus


@pytest.fixture(scope="module")
def reader() -> TavusVideo:
    """For what is only read: nobody is asked."""
    return Tavus("http://127.0.0.1:9").video()


def event(event_type: str, properties: Any, **more: Any) -> dict[str, Any]:
    envelope = {"message_type": "conversation", "event_type": event_type, "conversation_id": "c1", "seq": 310}
    return envelope | {"turn_idx": 5, "inference_id": "i7", "properties": properties} | more


def test_a_tool_call_is_read_with_its_id_and_arguments(reader: TavusVideo) -> None:
    said = event(
        "conversation.tool_call",
        {"name": "search_knowledge", "arguments": '{"query":"sso"}', "tool_call_id": "call_abc123"},
    )

    assert reader.read(said) == ToolCall("call_abc123", "search_knowledge", {"query": "sso"})


def test_arguments_may_be_an_object_or_nothing(reader: TavusVideo) -> None:
    for arguments, read in (({"query": "sso"}, {"query": "sso"}), ("", {}), ("{}", {})):
        call = reader.read(event("conversation.perception_tool_call", {"name": "x", "arguments": arguments}))

        assert isinstance(call, ToolCall)
        assert (call.arguments, call.malformed) == (read, None)


@pytest.mark.parametrize(
    "arguments",
    ["{", "nonsense", "[1]", '"text"', "null", 7, None, [1], "[" * 5000, '{"query": "\\ud800"}', '{"query": NaN}'],
    ids=lambda value: repr(value)[:20],
)
def test_arguments_that_cannot_be_read_are_told_as_such(reader: TavusVideo, arguments: Any) -> None:
    call = reader.read(event("conversation.tool_call", {"name": "x", "arguments": arguments, "tool_call_id": "t1"}))

    assert isinstance(call, ToolCall)
    assert call.malformed
    assert call.arguments == {}


def test_a_call_without_an_id_is_the_same_call_when_it_comes_again(reader: TavusVideo) -> None:
    def read(query: str, **more: Any) -> str:
        call = reader.read(event("conversation.tool_call", {"name": "x", "arguments": {"query": query}}, **more))
        assert isinstance(call, ToolCall)
        return call.call_id

    assert read("sso") == read("sso", seq=999)
    assert len({read("sso"), read("price"), read("sso", inference_id="i8"), read("sso", conversation_id="c2")}) == 4


@pytest.mark.parametrize(("role", "ours"), [("user", "visitor"), ("replica", "assistant"), ("pal", "assistant")])
def test_an_utterance_is_read_with_who_said_it(reader: TavusVideo, role: str, ours: str) -> None:
    spoken = reader.read(event("conversation.utterance", {"role": role, "speech": "Hello"}))

    assert isinstance(spoken, Utterance)
    assert (spoken.role, spoken.text) == (ours, "Hello")


def test_a_turn_of_the_visitor_is_one_utterance_although_its_inference_changes(reader: TavusVideo) -> None:
    def key(role: str, **more: Any) -> str:
        spoken = reader.read(event("conversation.utterance", {"role": role, "speech": "Hello"}, **more))
        assert isinstance(spoken, Utterance)
        return spoken.key

    assert key("user") == key("user", inference_id="i8")
    assert key("user") != key("user", turn_idx=6)
    assert key("replica") == key("replica", seq=311)
    assert key("replica") != key("replica", inference_id="i8")
    assert key("user") != key("replica")


@pytest.mark.parametrize("properties", [{"shutdown_reason": "max_call_duration reached"}, {"reason": "gone"}, {}, None])
def test_the_end_is_read_under_either_name_of_its_reason(reader: TavusVideo, properties: dict[str, str] | None) -> None:
    reason = next(iter((properties or {}).values()), "ended")

    assert reader.read(event("system.shutdown", properties)) == CallEnded(reason)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"event_type": None},
        {"event_type": ["conversation.tool_call"]},
        event("conversation.tool_call", None),
        event("conversation.tool_call", [1]),
        event("conversation.tool_call", "text"),
        event("conversation.tool_call", {"name": 7}),
        event("conversation.utterance", {"role": "user", "speech": ""}),
        event("conversation.utterance", {"role": "user", "speech": ["Hello"]}),
        event("conversation.utterance", [1]),
        event("conversation.utterance.streaming", {"role": "user", "speech": "Hel"}),
        event("conversation.replica.started_speaking", {}),
        event("tomorrow.something_new", {"a": 1}),
    ],
    ids=lambda raw: json.dumps(raw)[:60],
)
def test_what_is_not_for_us_or_makes_no_sense_is_nothing(reader: TavusVideo, raw: dict[str, Any]) -> None:
    assert reader.read(raw) is None


@pytest.mark.parametrize(("success", "status"), [(True, "success"), (False, "error")])
def test_a_result_goes_back_under_the_calls_id(reader: TavusVideo, success: bool, status: str) -> None:
    raw = event("conversation.tool_call", {"name": "x", "arguments": "{}", "tool_call_id": "call_abc123"})
    call = reader.read(raw)
    assert isinstance(call, ToolCall)

    assert reader.tool_result(raw, call, {"answer": "49"}, success=success) == {
        "message_type": "conversation",
        "event_type": "conversation.tool_result",
        "conversation_id": "c1",
        "properties": {"tool_call_id": "call_abc123", "output": {"answer": "49"}, "status": status},
    }


def test_a_result_without_an_id_to_answer_becomes_context(reader: TavusVideo) -> None:
    raw = event("conversation.tool_call", {"name": "x", "arguments": "{}"})
    call = reader.read(raw)
    assert isinstance(call, ToolCall)

    message = reader.tool_result(raw, call, {"answer": "Grüße"}, success=True)

    assert message["event_type"] == "conversation.append_llm_context"
    assert message["properties"] == {"context": 'Result of x: {"answer": "Grüße"}'}


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        ({"conversation_id": "c1", "event_type": "system.replica_joined"}, Notice("c1", "joined")),
        ({"conversation_id": "c1", "event_type": "system.pal_joined"}, Notice("c1", "joined")),
        ({"conversation_id": "c1", "event_type": "system.shutdown"}, Notice("c1", "ended")),
        ({"conversation_id": "c1", "event_type": "application.transcription_ready"}, Notice("c1", "other")),
        ({"conversation_id": "c1"}, Notice("c1", "other")),
        ({"conversation_id": ["c1"], "event_type": "system.shutdown"}, None),
        ({}, None),
    ],
)
def test_a_webhook_is_read_as_a_claim(reader: TavusVideo, body: dict[str, Any], notice: Notice | None) -> None:
    assert reader.read_notice(body) == notice


def test_a_result_never_exceeds_what_the_room_carries(reader: TavusVideo) -> None:
    asked = event("conversation.tool_call", {"tool_call_id": "t1"})
    passages = [{"title": f"Page {number}", "content": "wörter 👋 " * 120} for number in range(5)]

    message = reader.tool_result(
        asked, ToolCall("t1", "search_knowledge"), {"answer": "It is $49.", "passages": passages}, success=True
    )

    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode("utf-16-le")) // 2 <= 4096
    assert message["properties"]["output"]["answer"] == "It is $49."
    assert 1 <= len(message["properties"]["output"]["passages"]) < 5


def test_a_single_endless_text_is_cut(reader: TavusVideo) -> None:
    asked = event("conversation.tool_call", {"tool_call_id": "t1"})

    message = reader.tool_result(asked, ToolCall("t1", "x"), {"say": "word " * 5000}, success=True)

    assert len(json.dumps(message)) <= 4096
    assert message["properties"]["output"]["say"].startswith("word word")
