"""What the stand-in avatar makes of a sentence, and what its portrait can do."""

from typing import Any

import numpy as np
import pytest

from dev.daily import brain, portrait

TOOLS: list[dict[str, Any]] = [
    {"name": name, "parameters": {}} for name in ("search_knowledge", "log_lead", "create_meeting_link")
]


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("Reach me at ada@example.com", "log_lead"),
        ("Can we book a meeting?", "create_meeting_link"),
        ("I want to recall the specs", "search_knowledge"),
        ("Show me a picture", "search_knowledge"),  # this PAL has no tool for pictures
    ],
)
def test_a_sentence_chooses_a_tool_the_pal_carries(text: str, tool: str) -> None:
    wish = brain.choose(text, TOOLS)

    assert wish is not None
    assert wish.tool["name"] == tool


def test_arguments_follow_the_schema_of_the_tool() -> None:
    text = "My name is Ada Lovelace, write to ada@example.com"
    properties = {
        "email": {"type": "string"},
        "fullName": {"type": "string"},
        "interest": {"enum": ["demo", "pricing"]},
        "consent": {"type": "boolean"},
        "budget": {"type": "number"},
    }

    arguments = brain.arguments(text, {"properties": properties, "required": ["email", "interest", "consent"]})

    assert arguments == {
        "email": "ada@example.com",
        "fullName": "Ada Lovelace",
        "interest": "demo",
        "consent": True,
    }


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"say": "I have **sent** it [2]."}, "I have sent it."),
        ('{"passages": [{"title": "A", "content": "One. Two. Three."}]}', "One. Two."),
        ("plain words", "plain words"),
        ({"passages": []}, brain.EMPTY),
        (None, brain.EMPTY),
    ],
)
def test_a_result_is_said_as_a_person_would_say_it(output: Any, said: str) -> None:
    assert brain.sayable(output, "success") == said


def test_the_portrait_blinks_and_opens_its_mouth() -> None:
    calm = portrait.frame(portrait.Pose(0, (0, 0), eyes=0, mouth=0))
    blinking = portrait.frame(portrait.Pose(0, (0, 0), eyes=2, mouth=0))
    speaking = portrait.frame(portrait.Pose(0, (0, 0), eyes=0, mouth=portrait.MOUTHS - 1))

    def rows(other: Any) -> np.ndarray[Any, Any]:
        changed = np.abs(np.asarray(calm, np.int16) - np.asarray(other, np.int16)).sum(axis=(1, 2))
        return np.nonzero(changed)[0]

    assert rows(blinking).max() < rows(speaking).min()
    assert {portrait.pose(second / 10, 0).eyes for second in range(100)} == {0, 1, 2}


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a human",
        "Can I speak with a person, please?",
        "Are there real people I could talk to? Get me somebody!",
    ],
)
def test_who_asks_for_a_person_is_handed_over(text: str) -> None:
    wish = brain.choose(text, [*TOOLS, {"name": "request_human", "parameters": {"properties": {"reason": {}}}}])

    assert wish is not None
    assert wish.tool["name"] == "request_human"


@pytest.mark.parametrize(
    "text",
    [
        "What did I ask before?",
        "What were we talking about?",
        "what have I just asked you",
        "What was my last question?",
    ],
)
def test_the_stand_in_remembers_the_last_question_of_the_call_or_of_an_earlier_mode(text: str) -> None:
    record = "The conversation so far:\nvisitor: Is there a free plan?\nassistant: No.\nvisitor: What does it cost?\n"

    assert brain.remembered(text, [record], []) == "You asked me: What does it cost?"
    assert (
        brain.remembered(text, [record], ["And for two hundred stores?"]) == "You asked me: And for two hundred stores?"
    )
    assert brain.remembered(text, [], []) == brain.FIRST_TIME


def test_other_questions_are_not_about_the_conversation() -> None:
    assert brain.remembered("What does it cost?", ["visitor: Hello"], []) is None
