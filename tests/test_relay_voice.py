"""The relay in a voice call: the greeting is asked for once, and all tools of one reply are answered together."""

import json
from typing import Any

import pytest

from aisdr.answer import Answer
from aisdr.services import Services
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "voice", modes=("text", "voice"), greeting="Welcome to Acme.")


def called(call_id: str, name: str, **arguments: Any) -> dict[str, Any]:
    return {
        "type": "function_call",
        "status": "completed",
        "call_id": call_id,
        "name": name,
        "arguments": json.dumps(arguments),
    }


def reply(*calls: dict[str, Any]) -> dict[str, Any]:
    """A finished reply of the voice that wants these tools."""
    return {"type": "response.done", "response": {"id": "r1", "status": "completed", "output": list(calls)}}


def messages(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [frame["message"] for frame in frames if frame["type"] == "send"]


def test_the_greeting_is_asked_for_when_the_voice_is_there_and_only_once(visitor: Visitor) -> None:
    first = visitor.forward({"type": "session.created"})
    again = visitor.forward({"type": "session.created"})

    assert "Welcome to Acme." in json.dumps(messages(first))
    assert [frame["seq"] for frame in again] == [frame["seq"] for frame in first]


def test_all_tools_of_one_reply_are_answered_by_one_new_reply(visitor: Visitor) -> None:
    event = reply(
        called("c1", "search_knowledge", query="What does the Growth plan cost?"), called("c2", "no_such_tool")
    )

    sent = messages(visitor.forward(event))

    outputs = {each["item"]["call_id"]: each["item"]["output"] for each in sent if "item" in each}
    assert "$149" in outputs["c1"]
    assert "unknown_tool" in outputs["c2"]
    assert [each["type"] for each in sent].count("response.create") == 1
    assert sent[-1]["type"] == "response.create"


def test_the_sources_of_what_is_said_aloud_are_shown_and_remembered(visitor: Visitor) -> None:
    event = reply(called("c1", "search_knowledge", query="What does the Growth plan cost?"))

    shown = [frame["card"]["kind"] for frame in visitor.forward(event) if frame["type"] == "show"]

    assert shown == ["sources"]
    (turn,) = visitor.services.transcripts.recent(visitor.session)
    assert (turn.text, turn.channel) == ("", "voice")
    assert isinstance(turn.answer, Answer)


def test_words_of_both_sides_become_turns(visitor: Visitor) -> None:
    heard = {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i1", "transcript": "Hi"}
    spoken = {"type": "response.output_audio_transcript.done", "item_id": "i2", "transcript": "Hello!"}
    for event in (heard, spoken, heard):
        visitor.forward(event)

    assert visitor.said() == [("visitor", "Hi"), ("assistant", "Hello!")]
