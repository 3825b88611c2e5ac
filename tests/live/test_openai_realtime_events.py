"""OpenAI's events in our words: late transcriptions, replies cut short, twins, and what a browser might invent."""

from typing import Any

import pytest

from aisdr.events import (
    Begun,
    CallEnded,
    LiveEvent,
    Opened,
    QualityWarned,
    Spent,
    ToolCall,
    Utterance,
)
from aisdr.live.openai_realtime_events import read_event

TOOL_ITEM = {
    "id": "item_3",
    "type": "function_call",
    "status": "completed",
    "call_id": "call_1",
    "name": "search_knowledge",
    "arguments": '{"query": "price"}',
}


def done(status: str = "completed", **response: Any) -> dict[str, Any]:
    return {"type": "response.done", "event_id": "e", "response": {"id": "resp_1", "status": status} | response}


SIMPLE: dict[str, tuple[dict[str, Any], list[LiveEvent]]] = {
    "the session stands": ({"type": "session.created", "session": {"id": "sess_1"}}, [Opened()]),
    "the visitor's words": (
        {
            "type": "conversation.item.input_audio_transcription.completed",
            "item_id": "item_1",
            "content_index": 0,
            "transcript": " What does it cost? ",
        },
        [Utterance("visitor", "What does it cost?", "item_1", begun="item_1")],
    ),
    "the spoken answer": (
        {
            "type": "response.output_audio_transcript.done",
            "item_id": "item_2",
            "content_index": 0,
            "transcript": "$149.",
        },
        [Utterance("assistant", "$149.", "item_2", begun="item_2")],
    ),
    "a second part of the answer": (
        {
            "type": "response.output_audio_transcript.done",
            "item_id": "item_2",
            "content_index": 1,
            "transcript": "A month.",
        },
        [Utterance("assistant", "A month.", "item_2.1", begun="item_2")],
    ),
    "the written answer": (
        {"type": "response.output_text.done", "item_id": "item_2", "content_index": 0, "text": "$149."},
        [Utterance("assistant", "$149.", "item_2", begun="item_2")],
    ),
    "the visitor begins": ({"type": "input_audio_buffer.speech_started", "item_id": "item_1"}, [Begun("item_1")]),
    "the visitor has spoken": ({"type": "input_audio_buffer.committed", "item_id": "item_1"}, [Begun("item_1")]),
    "an item has its place": (
        {"type": "conversation.item.added", "previous_item_id": None, "item": {"id": "item_2", "type": "message"}},
        [Begun("item_2")],
    ),
    "the same in the beta's words": (
        {"type": "conversation.item.created", "item": {"id": "item_2", "type": "message"}},
        [Begun("item_2")],
    ),
    "a tool's item is nothing said": (
        {"type": "conversation.item.added", "item": {"id": "item_3", "type": "function_call"}},
        [],
    ),
    "the assistant is heard": ({"type": "output_audio_buffer.started"}, []),
    "the visitor barges in": ({"type": "output_audio_buffer.cleared"}, []),
    "the hour is over": (
        {"type": "error", "error": {"type": "invalid_request_error", "code": "session_expired"}},
        [CallEnded("time")],
    ),
    "the credit is gone": (
        {"type": "error", "error": {"type": "insufficient_quota", "code": "insufficient_quota"}},
        [QualityWarned("insufficient_quota")],
    ),
    "a cancel that came too late": ({"type": "error", "error": {"code": "response_cancel_not_active"}}, []),
    "a silence written down": (
        {"type": "conversation.item.input_audio_transcription.completed", "item_id": "item_1", "transcript": " \n"},
        [],
    ),
    "words on their way": (
        {"type": "response.output_audio_transcript.delta", "item_id": "item_2", "delta": "$1"},
        [],
    ),
    "arguments that the reply may still take back": (
        {
            "type": "response.function_call_arguments.done",
            "call_id": "call_1",
            "name": "log_lead",
            "arguments": "{}",
        },
        [],
    ),
    "a name of the beta": (
        {"type": "response.audio_transcript.done", "item_id": "item_2", "transcript": "$149."},
        [],
    ),
}


@pytest.mark.parametrize("event", SIMPLE)
def test_an_event_in_our_words(event: str) -> None:
    raw, ours = SIMPLE[event]

    assert read_event(raw) == ours


def test_a_reply_that_ended_well_calls_its_tools() -> None:
    message = {"id": "item_2", "type": "message", "role": "assistant", "content": []}
    second = TOOL_ITEM | {"id": "item_4", "call_id": "call_2", "name": "show_visual", "arguments": '{"topic": "chart"}'}

    assert read_event(done(output=[message, TOOL_ITEM, second])) == [
        ToolCall("call_1", "search_knowledge", {"query": "price"}),
        ToolCall("call_2", "show_visual", {"topic": "chart"}),
    ]


def test_a_call_that_stands_twice_in_a_reply_is_one() -> None:
    assert len(read_event(done(output=[TOOL_ITEM, TOOL_ITEM | {"id": "item_4"}]))) == 1


@pytest.mark.parametrize("status", ["cancelled", "incomplete", "failed", None])
def test_a_reply_that_was_cut_short_calls_nothing(status: Any) -> None:
    assert not [each for each in read_event(done(status, output=[TOOL_ITEM])) if isinstance(each, ToolCall)]


@pytest.mark.cell("F-OA-07")
@pytest.mark.parametrize("arguments", ['{"query": ', "[1]", "NaN", None, 7])
def test_arguments_that_cannot_be_read_are_told_to_the_model(arguments: Any) -> None:
    (call,) = read_event(done(output=[TOOL_ITEM | {"arguments": arguments}]))

    assert isinstance(call, ToolCall)
    assert call.malformed
    assert call.arguments == {}


def test_a_call_without_arguments_has_none() -> None:
    (call,) = read_event(done(output=[TOOL_ITEM | {"arguments": ""}]))

    assert call == ToolCall("call_1", "search_knowledge", {})


def test_a_reply_that_failed_warns_with_the_reason() -> None:
    details = {"type": "failed", "error": {"type": "server_error", "code": "rate_limit_exceeded"}}

    assert read_event(done("failed", status_details=details)) == [QualityWarned("rate_limit_exceeded")]


def test_what_a_reply_used_is_kept_flat_and_under_the_replys_name() -> None:
    usage = {
        "total_tokens": 30,
        "input_tokens": 20,
        "output_tokens": 10,
        "input_token_details": {"text_tokens": 15, "audio_tokens": 5, "cached_tokens_details": {"text_tokens": 1}},
        "output_token_details": {"text_tokens": 4, "audio_tokens": 6},
    }

    assert read_event(done("cancelled", usage=usage)) == [
        Spent(
            {
                "total_tokens": 30,
                "input_tokens": 20,
                "output_tokens": 10,
                "input_text_tokens": 15,
                "input_audio_tokens": 5,
                "output_text_tokens": 4,
                "output_audio_tokens": 6,
            },
            "resp_1",
        )
    ]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": None},
        {"type": ["session.created"]},
        {"type": "response.done"},
        {"type": "response.done", "response": "completed"},
        {"type": "response.done", "response": {"status": "completed", "output": "all"}},
        {"type": "response.done", "response": {"status": "completed", "output": [1, None, {"type": "function_call"}]}},
        {"type": "aisdr.heard"},
        {"type": "aisdr.heard", "item_id": ["i1"], "text": "It costs …"},
        {"type": "input_audio_buffer.committed", "item_id": 7},
        {"type": "conversation.item.added", "item": "item_1"},
        {"type": "conversation.item.added", "item": {"type": "message", "id": ["item_1"]}},
        {"type": "error"},
        {"type": "error", "error": ["session_expired"]},
        {"type": "error", "error": {"code": {"a": 1}}},
        {"type": "conversation.item.input_audio_transcription.completed", "item_id": 7, "transcript": "x"},
        {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i", "transcript": {"a": 1}},
    ],
)
def test_what_no_vendor_would_say_is_not_heard(event: dict[str, Any]) -> None:
    assert read_event(event) == []


def test_what_was_heard_of_a_reply_that_was_cut_short_is_an_utterance_of_its_own_kind() -> None:
    heard = {"type": "aisdr.heard", "item_id": "i1", "text": "It costs …"}

    assert read_event(heard) == [Utterance("assistant", "It costs …", "i1", cut=True, begun="i1")]


def test_numbers_that_are_none_are_not_kept() -> None:
    usage = {"total_tokens": -1, "input_tokens": 10**12, "output_tokens": True, "input_token_details": "many"}

    assert read_event(done(usage=usage)) == [Spent({}, "resp_1")]
