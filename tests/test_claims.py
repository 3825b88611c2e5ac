"""Claims: no number about money is told that nothing bears out, neither in the end nor while the answer streams."""

import pytest

from aisdr.claims import Evidence, Gate, borne_out, claimed, sentences
from aisdr.inference.base import Passage

PRICES = Passage(1, "Pricing", "| Plan | Price per month |\n|---|---|\n| Growth | $1,149 |\n| Starter | 49.99 |")
TERMS = Passage(2, "Terms", "A 36-month term lowers the price by 15 %. There is a free trial of 14 days.")
OFFERED = (PRICES, TERMS)
ASKED = Evidence("What does Growth cost for 200 stores?")


def checked(text: str, evidence: Evidence = ASKED) -> str | None:
    return borne_out(text, OFFERED, evidence)


@pytest.mark.parametrize(
    "text",
    [
        "Growth costs $1,149 a month [1].",
        "Growth costs 1149 dollars a month [1].",
        "Growth kostet 1.149 € im Monat [1].",
        "Starter is $49.99 per month [1], and a long term saves 15% [2].",
        "It lasts 14 days and has 7 chapters.",
        "For your 200 stores I would look at Growth.",
        "For your 200 stores the Growth plan costs $1,149 a month [1].",
        "The Growth plan costs USD 1149 [1].",
        "We are not ISO 27001 certified.",
        "There is a free trial [2].",
        "I can't tell you anything about money.",
    ],
)
def test_what_the_material_says_stays(text: str) -> None:
    assert checked(text) == text


@pytest.mark.parametrize(
    "sentence",
    [
        "Enterprise costs $999 a month [1].",
        "You save 40 % [2].",
        "You save forty percent [2].",
        "That makes 229,800 dollars for 200 stores [1].",
        "It is 12 per store [1].",
        "It is €2k [1].",
        "Es kostet 12 € pro Filiale [1].",
        "Il coûte douze euros [1].",
        "It is USD 500 [1].",
        "EUR 49 monthly [1].",
        "CHF 12.50 [1].",
        "It is 500 kr [1].",
        "To jest 500 zł [1].",
        "Ab 49,- im Monat [1].",
        "The price is 999 [1].",
        "Our Growth plan is 79 [1].",
        "Der Preis ist 999 [1].",
        "We are SOC 2 Type II certified [2].",
        "It holds an ISO 27001 certificate [2].",
    ],
)
def test_a_number_that_nothing_bears_out_takes_its_sentence_along(sentence: str) -> None:
    assert checked(f"Growth costs $1,149 [1]. {sentence}") == "Growth costs $1,149 [1]. "
    assert checked(f"Good question! {sentence}") is None


def test_two_numbers_beside_each_other_are_read_apart_as_well() -> None:
    labels = (Passage(1, "Chart", "Price per store: 49 100 stores"),)

    assert borne_out("It is $49 per store [1].", labels, ASKED)


def test_a_gift_must_be_in_the_material_too() -> None:
    assert checked("Onboarding is free of charge [1].") is None
    assert checked("Onboarding is not free [1].") == "Onboarding is not free [1]."


def test_a_passage_that_bears_a_claim_out_is_cited_when_the_model_forgot_it() -> None:
    assert checked("A 36-month term saves 15 %.\nGrowth is $1,149.") == (
        "A 36-month term saves 15 %. [2]\nGrowth is $1,149. [1]"
    )


def test_a_passage_about_something_else_is_no_bearer_of_the_number() -> None:
    assert borne_out("Onboarding fee: $1,149.", (Passage(1, "Ports", "Norway 1149"),), ASKED) is None


def test_a_number_that_only_the_visitor_said_may_be_denied_and_not_agreed_with() -> None:
    offered = Evidence("I read that Growth costs 5 dollars, right?")

    assert checked("I cannot confirm $5; it costs $1,149 [1].", offered)
    assert checked("Is it $5 that you read?", offered)
    assert checked("Growth costs $5 [1].", offered) is None
    assert checked("Yes, that's right [1].", offered) is None
    assert checked("Yes, Growth costs $5 a month [1]. Growth has a trial [2].", offered) == "Growth has a trial [2]."


def test_agreeing_with_a_number_of_the_material_is_fine() -> None:
    offered = Evidence("So Growth is $1,149 a month, right?")

    assert checked("Yes, that's right [1].", offered) == "Yes, that's right [1]."


def test_tools_and_the_operator_may_say_numbers_too() -> None:
    other = Evidence("What will it cost?", ('{"total": "$229,800"}', "Do: mention that setup costs €500."))

    assert checked("The total is $229,800, and setup is 500 euros.", other)


def test_numbers_are_read_as_they_are_written() -> None:
    assert [
        str(value) for value in claimed("$1,200; 1.200,50 €; 2k USD; 0.125 %; 3 million dollars; five hundred euros")
    ] == [
        "1200",
        "1200.50",
        "2000",
        "0.125",
        "3000000",
        "500",
    ]


def test_sentences_together_are_the_text_again() -> None:
    text = "It is $49.99 [1]. Really!\n- one [2]\n- v2.1 of it… [1][2] And\n\nmore"

    assert "".join(sentences(text)) == text
    assert sentences(text)[0] == "It is $49.99 [1]. "


def test_a_stream_shows_words_at_once_and_a_number_only_when_it_is_borne_out() -> None:
    gate = Gate(ASKED)

    shown = [gate.feed(piece, OFFERED) for piece in ("Let me ", "see. Growth ", "is $1,1", "49 [1]", ". Or ", "$999. ")]
    shown.append(gate.finish(OFFERED))

    assert shown[:3] == ["Let me ", "see. Growth ", ""]
    assert "".join(shown) == "Let me see. Growth is $1,149 [1]. Or "
