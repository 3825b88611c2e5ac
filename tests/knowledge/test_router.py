"""The first router: doubt goes to both legs, and questions about pictures are rarely lost to text."""

import json
from pathlib import Path

import pytest

from aisdr.knowledge.router import route

QUESTIONS = Path(__file__).parent.parent / "data" / "router-queries" / "questions.jsonl"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How much does the Growth plan cost per seat?", "text"),
        ("Which image formats can I upload?", "text"),
        ("Do you offer video editing services?", "text"),
        ("Show me a picture of the dashboard", "multimodal"),
        ("What does the settings page look like?", "multimodal"),
        ("At what minute does the speaker explain pricing?", "multimodal"),
        ("What is on the last slide of the deck?", "multimodal"),
        ("Can I see the editor?", "both"),
        ("", "text"),
    ],
)
def test_questions_that_say_what_they_want(question: str, expected: str) -> None:
    assert route(question) == expected


def test_few_questions_go_the_wrong_way() -> None:
    questions = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    routes = [(each["multimodal"], route(each["text"])) for each in questions]

    lost = sum(1 for multimodal, chosen in routes if multimodal and chosen == "text")
    needless = sum(1 for multimodal, chosen in routes if not multimodal and chosen == "multimodal")
    both = sum(1 for _, chosen in routes if chosen == "both")

    assert lost / len(routes) <= 0.05
    assert needless / len(routes) <= 0.01
    assert both / len(routes) <= 0.35
