"""A visitor asks for their own words: they come from the conversation, and no passage is cited for them."""

import pytest

from aisdr.agent import Done
from aisdr.answer import Answer
from aisdr.company import Company
from aisdr.inference.recall import recall
from aisdr.services import Services
from aisdr.session import Session
from tests.material import ORIGIN, a_chunk, a_company, teach

pytestmark = pytest.mark.slow

LANGUAGES = ("en", "de", "fr", "es")


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(languages=LANGUAGES, tools=())
    teach(
        services,
        company,
        a_chunk("pricing", "The Growth plan costs $149 a month and includes 5,000 conversations."),
        a_chunk("questions", "Visitors ask questions before they buy. What was asked last is said first."),
    )
    return company


def converse(services: Services, company: Company, *messages: str) -> Answer:
    """The answer to the last of them."""
    session: Session = services.sessions.open(company, ORIGIN, None)
    for message in messages:
        *_, last = services.agent.answer(company, session, message)
    assert isinstance(last, Done)
    return last.answer


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("What did I ask before?", "You asked: “Does Growth cost $90 a month? My budget is $500.”"),
        ("and what was my first question?", "You asked: “Do you ship to Norway?”"),
        ("what did I just say?", "You said: “Thanks!”"),
    ],
)
def test_the_visitors_own_words_are_quoted_without_a_citation(
    services: Services, company: Company, asked: str, told: str
) -> None:
    said = ("Do you ship to Norway?", "Does Growth cost $90 a month? My budget is $500.", "Thanks!")

    answer = converse(services, company, *said, asked)

    assert answer.text == told
    assert answer.citations == ()
    assert not answer.grounded


@pytest.mark.parametrize(
    ("first", "asked", "told"),
    [
        (
            "Was kostet der Growth Plan?",
            "Was habe ich gerade gefragt?",
            "Ihre Frage war: „Was kostet der Growth Plan?“",
        ),
        (
            "Combien coûte le plan Growth ?",
            "Qu'est-ce que j'ai demandé avant ?",
            "Votre question était : « Combien coûte le plan Growth ? »",
        ),
        ("¿Cuánto cuesta el plan Growth?", "¿Qué pregunté antes?", "Su pregunta fue: «¿Cuánto cuesta el plan Growth?»"),
    ],
)
def test_they_are_quoted_in_the_visitors_language(
    services: Services, company: Company, first: str, asked: str, told: str
) -> None:
    assert converse(services, company, first, asked).text == told


def test_who_has_said_nothing_yet_is_told_so(services: Services, company: Company) -> None:
    assert converse(services, company, "What did I ask before?").text == "You have not asked me anything before this."
    assert converse(services, company, "Hello!", "What did I ask?", "And what was my last question?").text == (
        "You have not asked me anything before this."
    )


def test_the_next_question_leans_on_what_was_asked_before_that(services: Services, company: Company) -> None:
    said = ("What does the Growth plan cost?", "What did I ask before?", "And how many conversations does it include?")

    assert "5,000 conversations" in converse(services, company, *said).text


def test_a_number_that_only_the_visitor_named_is_still_no_fact(services: Services, company: Company) -> None:
    said = ("Growth costs $90 a month.", "What did I say?", "So Growth costs $90 a month?")

    answer = converse(services, company, *said)

    assert "$90" not in answer.text
    assert "$149" in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "What can I ask?",
        "What did you say about the price?",
        "What did I pay last month?",
        "Can you repeat the price?",
        "What is my plan?",
        "Which questions do visitors ask first?",
        "Was kostet es?",
    ],
)
def test_other_questions_are_about_the_company(text: str) -> None:
    assert recall(text) is None


def test_a_long_message_is_quoted_in_short(services: Services, company: Company) -> None:
    told = converse(services, company, f"Do you offer {'very ' * 100}much?", "What did I ask before?").text

    assert len(told) < 220
    assert told.endswith("…”")
