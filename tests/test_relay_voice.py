"""The relay in a voice call: the greeting is asked for once, and all tools of one reply are answered together."""

import json
from typing import Any

import pytest

from aisdr.answer import Answer
from aisdr.services import Services
from tests.postbox import Postbox
from tests.sockets import CALL, Visitor, visitor_of_acme

pytestmark = pytest.mark.slow


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


@pytest.mark.cell("F-OA-07")
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


WHOLE = {
    "type": "response.output_audio_transcript.done",
    "item_id": "i2",
    "transcript": "It costs $149 a month, and support is included.",
}
HEARD = {"type": "aisdr.heard", "item_id": "i2", "text": "It costs $149 a month …"}


@pytest.mark.parametrize("events", [(WHOLE, HEARD), (HEARD, WHOLE), (HEARD,), (WHOLE, HEARD, WHOLE, HEARD)])
def test_of_an_interrupted_reply_only_what_was_heard_is_written_down(
    visitor: Visitor, events: tuple[dict[str, Any], ...]
) -> None:
    for event in events:
        visitor.forward(event)

    (turn,) = visitor.services.transcripts.recent(visitor.session)
    assert (turn.role, turn.text, turn.cut) == ("assistant", "It costs $149 a month …", True)


def test_a_reply_that_was_heard_to_its_end_is_not_cut(visitor: Visitor) -> None:
    visitor.forward(WHOLE)

    (turn,) = visitor.services.transcripts.recent(visitor.session)
    assert not turn.cut


def test_the_next_mode_is_told_what_was_heard_and_no_more(visitor: Visitor) -> None:
    visitor.forward(WHOLE)
    visitor.forward(HEARD)

    company = visitor.services.companies.get("acme")
    told = visitor.services.memory.told(company, visitor.session)

    assert "It costs $149 a month …" in told
    assert "support is included" not in told


@pytest.mark.parametrize("text", [None, 7, "", "  ", ["It"]])
def test_a_cut_that_says_nothing_changes_nothing(visitor: Visitor, text: Any) -> None:
    visitor.forward(WHOLE)
    visitor.forward(HEARD | {"text": text})

    assert visitor.said() == [("assistant", WHOLE["transcript"])]


def test_words_of_the_visitor_are_never_cut(visitor: Visitor) -> None:
    visitor.forward(
        {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i2", "transcript": "Hi there"}
    )
    visitor.forward(HEARD)

    assert visitor.said() == [("visitor", "Hi there")]


def test_what_each_reply_used_is_kept_with_the_call_once(visitor: Visitor) -> None:
    company = visitor.services.companies.get("acme")
    operation, _ = visitor.services.ledger.reserve(
        company, visitor.session.session_id, "a key that nobody guesses", "f", 0.1, mode="voice", vendor="openai"
    )
    visitor.services.ledger.created(operation, CALL)
    usage = {"total_tokens": 12, "input_tokens": 8, "output_tokens": 4, "output_token_details": {"audio_tokens": 3}}
    for name in ("r1", "r2", "r1"):
        response: dict[str, Any] = {"id": name, "status": "cancelled", "output": [], "usage": usage}
        visitor.forward({"type": "response.done", "response": response})

    kept = visitor.services.ledger.by_conversation(CALL)
    assert kept is not None
    assert kept.reported == {"total_tokens": 24, "input_tokens": 16, "output_tokens": 8, "output_audio_tokens": 6}
