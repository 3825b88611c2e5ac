"""Follow-ups: what a question takes over from the conversation, and what it must not."""

import pytest

from aisdr.inference.follow_up import Standalone, leans, standalone

COST = "What does the Growth plan cost?"
STORES = "What does it cost for 200 stores?"
SHIPPING = "How long does shipping to Norway take?"


@pytest.mark.parametrize(
    ("earlier", "question", "completed"),
    [
        ([COST], "And what about Enterprise?", "What does the Enterprise plan cost?"),
        ([COST], "what about the Enterprise plan?", "What does the Enterprise plan cost?"),
        ([STORES], "and for 500?", "What does it cost for 500 stores?"),
        ([STORES, "and for 500?"], "and for 1,000 stores?", "What does it cost for 1,000 stores?"),
        ([SHIPPING], "And to Sweden?", "How long does shipping to Sweden take?"),
    ],
)
def test_another_value_is_put_in_the_place_of_the_one_before(earlier: list[str], question: str, completed: str) -> None:
    assert standalone(question, earlier) == Standalone(completed)


@pytest.mark.parametrize(
    ("earlier", "question", "about"),
    [
        (["How long does onboarding take?"], "And what about its price?", "onboarding"),
        (["How long does onboarding take?"], "and the cost?", "onboarding"),
        (["Do you integrate with SAP?"], "And how long does that take?", "integrate SAP"),
        (["How does the demand forecast work?"], "how accurate is it?", "demand forecast"),
        (["Tell me about the demand forecast", "and the Price Simulator?"], "what does it cost?", "Price Simulator"),
        ([COST, "Thanks!"], "does it include support?", "Growth plan"),
        ([COST], "I read it costs 5 dollars, right?", "Growth plan"),
    ],
)
def test_the_same_thing_is_taken_over_and_nothing_else_of_the_question_before(
    earlier: list[str], question: str, about: str
) -> None:
    assert standalone(question, earlier) == Standalone(question, about)


@pytest.mark.parametrize("question", ["why?", "and yearly?", "Tell me more"])
def test_a_piece_of_a_question_takes_the_whole_one_before(question: str) -> None:
    assert standalone(question, [COST]) == Standalone(question, COST)


@pytest.mark.parametrize(
    "question",
    [
        "What about security?",
        "And who founded the company?",
        "Which ERP systems do you connect to?",
        "Do you have an office in Berlin and is it open?",
        "Is it possible to cancel a contract?",
        "How long does it take to embed the widget?",
        "and the notice period?",
        "OK, thanks",
    ],
)
def test_a_change_of_topic_takes_nothing_along(question: str) -> None:
    assert standalone(question, [COST, SHIPPING]) == Standalone(question)


def test_the_first_question_leans_on_nothing() -> None:
    assert standalone("and its price?", []) == Standalone("and its price?")
    assert not leans("and its price?", [])


def test_a_model_is_only_asked_about_what_may_lean() -> None:
    assert leans("and for 500?", [COST])
    assert leans("how long does that take?", [COST])
    assert not leans("Which ERP systems do you connect to?", [COST])
    assert not leans("OK, thanks", [COST])


@pytest.mark.parametrize(
    ("earlier", "question", "completed"),
    [
        ([], "Was kostet der Growth Plan?", Standalone("what cost the Growth Plan?")),
        (["Wie lange dauert die Einführung?"], "Und was kostet das?", Standalone("and what cost that?", "onboarding")),
        (
            [],
            "Combien de temps prend l'intégration ?",
            Standalone("how much of time long take onboarding integration ?"),
        ),
        ([], "¿Cuánto cuesta para 200 tiendas?", Standalone("¿how much cost for 200 stores?")),
    ],
)
def test_a_question_of_another_language_is_read_in_the_words_of_the_material(
    earlier: list[str], question: str, completed: Standalone
) -> None:
    assert standalone(question, earlier) == completed
