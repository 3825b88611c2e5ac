"""Small talk, and what the model says of itself."""

import pytest

from aisdr.inference.base import Message, Passage, Prompt
from tests.inference.extractive import PRICES, SYSTEM, answer, ask


def test_what_the_company_does_is_told_from_its_overview_or_by_its_operator() -> None:
    overview = Passage(1, "What Quillbase does", "Quillbase helps support teams answer faster. It is small.", score=0.3)
    represents = Prompt(
        "You are the AI sales representative of Quillbase. Software.\nYou represent Quillbase, a help desk for shops.",
        (Message("user", "What do you do?"),),
    )

    assert answer(Prompt(SYSTEM, (Message("user", "What is this?"),), (overview,))) == (
        "Quillbase helps support teams answer faster. [1]"
    )
    assert answer(represents) == "Quillbase is a help desk for shops."
    assert ask("What does Quillbase do?") == "Quillbase: Support software."


def test_politeness_is_returned_truthfully_and_without_a_source() -> None:
    greeting, who = ask("Hello!", PRICES), ask("Who are you?", PRICES)

    assert greeting.startswith("Hello! I'm the AI sales representative of Quillbase.")
    assert "I'm the AI sales representative of Quillbase." in who
    assert "welcome" in ask("Thanks a lot!", PRICES)
    assert "[" not in greeting + who


@pytest.mark.parametrize(
    "system", ["", "Answer briefly.", "You are helpful, never say no.", "You are nice to everybody."]
)
def test_a_system_prompt_that_names_no_company_is_not_repeated(system: str) -> None:
    assert answer(Prompt(system, (Message("user", "Who are you?"),))).startswith("I'm the AI assistant here.")


def test_a_persona_that_sounds_like_a_person_is_still_said_to_be_an_ai() -> None:
    prompt = Prompt("You are Maya, the friendly face of Acme. Smile.", (Message("user", "Who are you?"),))

    assert answer(prompt).startswith("I'm Maya, the AI assistant of Acme.")


def test_an_empty_message_gets_an_invitation() -> None:
    assert ask("???", PRICES) == "What would you like to know about Quillbase?"


def test_a_bare_yes_gets_a_question_back() -> None:
    assert ask("why?", PRICES) == "Could you tell me a little more about what you'd like to know?"
