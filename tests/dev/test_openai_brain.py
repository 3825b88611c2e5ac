"""What the voice of the realtime look-alike decides: words that were ordered, tools that fit, what was said before."""

import json
from typing import Any

import pytest

from dev.daily.brain import Wish
from dev.openai.brain import NOTHING_ASKED, Say, decide, written

NAMES = (
    "search_knowledge",
    "show_visual",
    "get_demo_clip",
    "create_meeting_link",
    "log_lead",
    "request_human",
)
TOOLS = [
    {
        "type": "function",
        "name": name,
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}, "email": {"type": "string"}}},
    }
    for name in NAMES
]


def message(role: str, text: str) -> dict[str, Any]:
    return {"id": text, "type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}


def chosen(text: str, tools: list[dict[str, Any]] = TOOLS) -> Say | Wish:
    return decide([message("user", text)], tools, "", None)


@pytest.mark.parametrize(
    ("sentence", "tool"),
    [
        ("What does it cost for two hundred stores?", "search_knowledge"),
        ("Show me the dashboard.", "show_visual"),
        ("Is there a video of it?", "get_demo_clip"),
        ("I want to book a demo call.", "create_meeting_link"),
        ("Can I talk to a human, please?", "request_human"),
        ("I'd rather speak with a real person.", "request_human"),
        ("My name is Maria Lopez and my email is maria@example.com.", "log_lead"),
    ],
)
def test_a_sentence_calls_the_tool_that_fits(sentence: str, tool: str) -> None:
    wish = chosen(sentence)

    assert isinstance(wish, Wish)
    assert wish.tool["name"] == tool


def test_a_tool_that_the_session_has_not_is_never_called() -> None:
    wish = chosen("Can I talk to a human, please?", TOOLS[:1])

    assert isinstance(wish, Wish)
    assert wish.tool["name"] == "search_knowledge"
    assert isinstance(chosen("What does it cost?", []), Say)


def test_a_spoken_address_is_written_as_one_writes_it() -> None:
    assert written("My email is Maria at example dot com") == "My email is Maria@example.com"
    assert written("It is maria at example.com.") == "It is maria@example.com."
    assert written("Look at this. It works.") == "Look at this. It works."


def test_ordered_words_are_said_exactly() -> None:
    said = decide([], TOOLS, "", 'Say exactly: "Hello, I am Sam from Hypersonix."')

    assert said == Say("Hello, I am Sam from Hypersonix.")


@pytest.mark.parametrize("field", ["answer", "say"])
def test_the_result_of_a_tool_is_said(field: str) -> None:
    output = {"type": "function_call_output", "call_id": "c", "output": json.dumps({field: "It costs $49. [1]"})}

    assert decide([message("user", "Price?"), output], TOOLS, "", None) == Say("It costs $49.")


def test_the_results_of_several_tools_are_said_together_and_only_once() -> None:
    results = [
        {"type": "function_call_output", "call_id": name, "output": json.dumps({"say": f"{name}."})}
        for name in ("One", "Two")
    ]
    items = [message("user", "Price?"), *results]

    assert decide(items, TOOLS, "", None) == Say("One. Two.")
    assert isinstance(decide([*items, message("user", "And in Europe?")], TOOLS, "", None), Wish)


@pytest.mark.parametrize(
    "recall", ["What did I ask before?", "What were we talking about?", "What was my last question?"]
)
@pytest.mark.parametrize(
    ("earlier", "instructions"),
    [
        ([message("user", "Does it work offline?"), message("assistant", "Yes, always?")], ""),
        ([message("system", "So far:\nVisitor: Does it work offline?\nYou: Yes. Anything else?")], ""),
        ([message("user", "Does it work offline?"), message("user", "Thank you.")], ""),
        ([message("system", "The visitor wanted to know: Does it work offline? You said yes.")], ""),
        ([], "You sell cameras. Are you ready?\nVisitor: Does it work offline?\nRepresentative: Yes."),
        ([], "The conversation so far:\n<<<\nvisitor: Does it work offline?\nagent: Yes.\nvisitor: I see.\n>>>"),
    ],
)
def test_it_remembers_the_last_question_wherever_it_was_told(
    recall: str, earlier: list[dict[str, Any]], instructions: str
) -> None:
    said = decide([*earlier, message("user", recall)], TOOLS, instructions, None)

    assert said == Say("You asked: Does it work offline?")


def test_it_does_not_invent_a_question() -> None:
    said = decide([message("user", "What did I ask before?")], TOOLS, "Would you sell cameras?", None)

    assert said == Say(NOTHING_ASKED)
