"""What the material does not hold is refused, and what it nearly holds is pointed to."""

import re

import pytest

from aisdr.inference.base import NOTHING_FITS, Message, Prompt
from tests.inference.extractive import INTEGRATIONS, PRICES, SYSTEM, TRIAL, answer, ask, passages


def test_an_unknown_name_beside_a_known_one_is_admitted() -> None:
    told = ask("Do you support SSO with Okta?", "Single sign-on with SAML 2.0 is part of Growth.")

    assert told == "My material does not mention Okta. Single sign-on with SAML 2.0 is part of Growth. [1]"


def test_a_question_full_of_slips_is_understood() -> None:
    text = "Onboarding takes 4 weeks on Starter and 10 weeks on Growth."

    assert ask("hoow lonng doos onboardng take", text) == f"{text} [1]"


def test_one_word_over_and_over_is_refused() -> None:
    assert ask("price " * 50, PRICES).startswith(NOTHING_FITS)


def test_a_torn_sentence_shows_that_it_is_torn() -> None:
    told = ask(
        "How large is the increase at renewal?",
        "Invoices come monthly. The price increase at renewal is at most 5 % and never more than the",
    )

    assert told.endswith("and never more than the … [1]")


def test_a_misspelled_question_is_understood() -> None:
    assert "Zendesk" in ask("do you have an integraton with zendesk?", INTEGRATIONS)


def test_the_companys_own_name_is_no_reason_to_refuse() -> None:
    assert ask("Does Quillbase keep transcripts?", "Transcripts are kept for 90 days.").startswith(
        "Transcripts are kept"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How much does Intercom cost?",
        "What's the weather like?",
        "What is 12 times 12?",
        "Do you support SAP?",
    ],
)
def test_what_the_material_does_not_hold_is_refused(question: str) -> None:
    told = ask(question, PRICES, INTEGRATIONS, TRIAL)

    assert told.startswith(NOTHING_FITS)
    assert not re.search(r"\[\d+\]", told)


def test_without_passages_it_says_so() -> None:
    assert ask("What does it cost?") == f"{NOTHING_FITS}. I can help with questions about Quillbase."


def test_a_question_for_an_amount_is_not_answered_without_one() -> None:
    assert ask("What does HubSpot cost?", INTEGRATIONS).startswith(NOTHING_FITS)


def test_a_near_miss_points_to_what_is_there() -> None:
    told = answer(
        Prompt(SYSTEM, (Message("user", "How much does Intercom cost a month?"),), passages(PRICES, title="Pricing"))
    )

    assert told == f"{NOTHING_FITS}. The closest I have is “Plans” in “Pricing” [1]."
