"""What we say into a Tavus call, and that all of it fits through the room."""

from typing import Any

import pytest

from aisdr.events import ToolCall
from aisdr.live import tavus_messages as messages
from aisdr.live.base import RawMessage, ToolOutput
from dev.tavus.requests import judge_message

ROOM_CARRIES = 4096
CALL = ToolCall("call_abc123", "search_knowledge")
ASKED = {"conversation_id": "c1", "event_type": "conversation.tool_call", "properties": {"tool_call_id": "call_abc123"}}
LONG = "The plan costs ninety-nine dollars a month. " * 400
HARD = '👋"\\\n' * 3000


def told(message: RawMessage) -> tuple[str, dict[str, Any]]:
    assert judge_message(message).clean, message
    assert message["conversation_id"] == "c1"
    return message["event_type"], message.get("properties", {})


@pytest.mark.parametrize(("success", "status"), [(True, "success"), (False, "error")])
def test_a_result_goes_back_under_the_calls_id(success: bool, status: str) -> None:
    (message,) = messages.results(ASKED, CALL, ToolOutput({"answer": "49"}, success))

    properties = {"tool_call_id": "call_abc123", "output": {"answer": "49"}, "status": status}
    assert told(message) == ("conversation.tool_result", properties)


def test_a_result_without_an_id_to_answer_becomes_context_and_is_said() -> None:
    asked = {"conversation_id": "c1", "properties": {"name": "x", "arguments": "{}"}}

    known, said = messages.results(asked, ToolCall("made up", "x"), ToolOutput({"say": "Grüße"}, True))

    assert told(known) == ("conversation.append_llm_context", {"context": 'Result of x: {"say": "Grüße"}'})
    assert told(said) == ("conversation.echo", {"modality": "text", "text": "Grüße", "done": True})


def test_a_result_never_exceeds_what_the_room_carries() -> None:
    passages = [{"title": f"Page {number}", "content": "wörter 👋 " * 120} for number in range(5)]

    (message,) = messages.results(ASKED, CALL, ToolOutput({"answer": "It is $49.", "passages": passages}, True))

    assert messages.length(message) <= ROOM_CARRIES
    assert message["properties"]["output"]["answer"] == "It is $49."
    assert 1 <= len(message["properties"]["output"]["passages"]) < 5


def test_a_single_endless_text_is_cut() -> None:
    (message,) = messages.results(ASKED, CALL, ToolOutput({"say": "word " * 5000}, True))

    assert messages.length(message) <= ROOM_CARRIES
    assert message["properties"]["output"]["say"].startswith("word word")


def test_what_is_typed_is_one_turn_however_long_it_is() -> None:
    short, long = messages.typed("c1", "What does it cost?"), messages.typed("c1", LONG)

    assert told(short[0]) == ("conversation.respond", {"text": "What does it cost?"})
    assert len(long) == 1
    assert messages.length(long[0]) <= ROOM_CARRIES
    assert long[0]["properties"]["text"].endswith("a month. …")


def test_long_context_comes_in_several_messages_and_whole() -> None:
    parts = messages.context("c1", LONG)

    assert len(parts) > 4
    assert " ".join(told(part)[1]["context"] for part in parts) == LONG
    assert all(told(part)[1]["context"].rstrip().endswith("month.") for part in parts), "cut between sentences"


def test_parts_of_one_speech_belong_together_and_the_last_one_says_so() -> None:
    parts = [told(part)[1] for part in messages.speech("c1", LONG)]

    assert len({part["inference_id"] for part in parts}) == 1
    assert [part["done"] for part in parts] == [False] * (len(parts) - 1) + [True]
    assert {part["modality"] for part in parts} == {"text"}


@pytest.mark.parametrize("say", [messages.typed, messages.context, messages.speech])
def test_nothing_exceeds_what_the_room_carries_whatever_it_is_made_of(say: Any) -> None:
    for text in (LONG, HARD, "x" * 9000):
        for message in say("c1", text):
            assert messages.length(message) <= ROOM_CARRIES
            assert judge_message(message).clean


def test_nothing_to_say_is_no_message() -> None:
    assert messages.context("c1", "") == messages.speech("c1", " ") == []


def test_an_interruption_carries_nothing() -> None:
    assert [told(message) for message in messages.interruption("c1")] == [("conversation.interrupt", {})]
