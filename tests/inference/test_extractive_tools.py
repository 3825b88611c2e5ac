"""What the embedded model asks tools for, and what it says of their results."""

import json

import pytest

from aisdr.inference.base import NOTHING_FITS, Message, Prompt, ToolRequest, ToolSpec, Usage
from aisdr.inference.extractive import Extractive
from tests.inference.extractive import PRICES, SYSTEM, TRIAL, answer, passages, tool

MEETING = tool("create_meeting_link", "name", "email", "topic", topic=30)
LEAD = tool("log_lead", "email", "name", "company", "message")
PICTURE = tool("show_visual", "query")
CLIP = tool("get_demo_clip", "query")


def requests(prompt: Prompt) -> list[ToolRequest]:
    return [event for event in Extractive().stream(prompt) if isinstance(event, ToolRequest)]


def test_the_next_step_is_one_that_can_be_taken() -> None:
    question = (Message("user", "Are you HIPAA compliant?"),)
    far = passages(TRIAL, score=0.2)

    assert answer(Prompt(SYSTEM, question, far)) == f"{NOTHING_FITS}. I can help with questions about Quillbase."
    assert "arrange a meeting" in answer(Prompt(SYSTEM, question, far, (MEETING, LEAD)))
    assert "e-mail address" in answer(Prompt(SYSTEM, question, far, (LEAD,)))


def test_only_offered_tools_are_asked_for_and_only_with_arguments_they_know() -> None:
    text = "Hi, I'm Ana Sousa from Vantage. Can I book a demo about your pricing and your integrations? ana@v.example"
    turns = (Message("user", text),)

    both = requests(Prompt(SYSTEM, turns, (), (MEETING, LEAD)))
    meeting_only = requests(Prompt(SYSTEM, turns, (), (MEETING,)))

    assert [request.name for request in both] == ["create_meeting_link", "log_lead"]
    assert [request.name for request in meeting_only] == ["create_meeting_link"]
    assert requests(Prompt(SYSTEM, turns)) == []
    assert both[0].arguments == {"name": "Ana Sousa", "email": "ana@v.example", "topic": text[:30]}
    assert len({request.call_id for request in both}) == 2


def test_while_it_asks_for_a_tool_it_says_nothing() -> None:
    prompt = Prompt(SYSTEM, (Message("user", "Show me a picture of the dashboard"),), passages(PRICES), (PICTURE, CLIP))

    assert [type(event) for event in Extractive().stream(prompt)] == [ToolRequest, Usage]


def after(question: str, result: object, *tools: ToolSpec, material: tuple[str, ...] = ()) -> str:
    asked = requests(Prompt(SYSTEM, (Message("user", question),), (), tools))
    turns = (
        Message("user", question),
        Message("assistant", "", tuple(asked)),
        *(Message("tool", json.dumps(result), call_id=request.call_id) for request in asked),
    )
    prompt = Prompt(SYSTEM, turns, passages(*material), tools)
    assert requests(prompt) == []
    return answer(prompt)


def test_a_tools_own_words_are_told_and_the_tool_is_not_asked_again() -> None:
    assert after("Can I book a demo?", {"url": "https://x.example", "say": "Pick a time here."}, MEETING) == (
        "Pick a time here."
    )


def test_a_result_without_words_is_told_in_ours() -> None:
    assert after("Can I book a demo?", {"url": "https://x.example"}, MEETING) == "Here is the link to book a meeting."


@pytest.mark.parametrize("result", [{"error": "vendor_failed", "message": "boom"}, {"success": False}, {}])
def test_a_failed_tool_is_admitted_without_its_insides(result: object) -> None:
    told = after("Can I book a demo?", result, MEETING)

    assert told == "I'm sorry, I could not do that just now."


def test_what_was_asked_beside_the_wish_is_answered_too() -> None:
    told = after(
        "Book me a call please. Is there a free trial?", {"say": "Pick a time here."}, MEETING, material=(TRIAL,)
    )

    assert told.startswith("Pick a time here.\n\nEvery plan starts with a 14-day free trial. [1]")


def test_a_new_message_may_ask_for_the_same_tool_again() -> None:
    first = ToolRequest("1", "show_visual", {"query": "a"})
    turns = (
        Message("user", "Show me a picture of the dashboard"),
        Message("assistant", "", (first,)),
        Message("tool", "{}", call_id="1"),
        Message("assistant", "Here."),
        Message("user", "Show me a picture of the editor"),
    )

    [request] = requests(Prompt(SYSTEM, turns, (), (PICTURE,)))

    assert request.arguments == {"query": "Show me a picture of the editor"}
    assert request.call_id != "1"
