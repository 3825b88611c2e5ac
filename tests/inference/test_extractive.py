"""The embedded language model: it quotes, with the numbers of its passages, and with what a quotation needs."""

import pytest

from aisdr.inference.base import NOTHING_FITS, Message, Prompt, TextDelta, Usage
from aisdr.inference.extractive import Extractive
from tests.inference.extractive import INTEGRATIONS, PRICES, SYSTEM, TOOLS, TRIAL, answer, ask, passages


def test_an_answer_is_a_quotation_with_the_number_of_its_passage() -> None:
    assert ask("Where is the data stored?", PRICES, "Customer data is stored in Frankfurt. We sign a DPA.") == (
        "Customer data is stored in Frankfurt. [2]"
    )


def test_it_streams_a_few_words_at_a_time_and_costs_nothing() -> None:
    prompt = Prompt(SYSTEM, (Message("user", "Is there a free trial?"),), passages(TRIAL))

    events = list(Extractive().stream(prompt))

    assert events[-1] == Usage()
    assert len(events) > 3
    assert all(isinstance(event, TextDelta) and len(event.text.split()) <= 6 for event in events[:-1])


def test_the_same_prompt_has_the_same_answer() -> None:
    prompt = Prompt(SYSTEM, (Message("user", "What do the plans cost?"),), passages(PRICES, INTEGRATIONS, TRIAL))

    assert list(Extractive().stream(prompt)) == list(Extractive().stream(prompt))


def test_a_number_from_a_table_comes_with_its_subject_and_its_header() -> None:
    assert ask("How much does Growth cost?", PRICES) == "Growth – Price per month: $149. [1]"
    assert ask("How many conversations does Starter include?", PRICES) == "Starter – Conversations: 500. [1]"


def test_a_question_about_no_row_in_particular_gets_the_whole_column() -> None:
    assert "Price per month – Starter: $49.99; Growth: $149; Enterprise: from $900. [1]" in ask(
        "What does it cost?", PRICES
    )


def test_things_to_compare_are_put_side_by_side() -> None:
    told = ask("What is the difference between Growth and Starter?", PRICES)

    assert "Starter – Price per month: $49.99; Conversations: 500; Seats: 2. [1]" in told
    assert "Growth – Price per month: $149; Conversations: 5,000; Seats: 10. [1]" in told
    assert "Enterprise" not in told


def test_a_list_that_was_asked_for_is_kept_together_with_its_intro() -> None:
    assert ask("Which integrations do you have?", TRIAL, INTEGRATIONS) == "\n".join(
        ["Quillbase connects to these systems:", *(f"- {tool} [2]" for tool in TOOLS)]
    )


def test_one_item_is_told_with_what_introduces_it() -> None:
    assert ask("Do you work with Zendesk?", INTEGRATIONS) == (
        "Quillbase connects to these systems: Zendesk (tickets). [1]"
    )


def test_a_pronoun_brings_the_sentence_it_leans_on() -> None:
    assert ask("Do I need a credit card?", TRIAL) == (
        "Every plan starts with a 14-day free trial. It needs no credit card. [1]"
    )


def test_a_sentence_that_two_overlapping_chunks_share_is_told_once() -> None:
    shared = "Transcripts are kept for 90 days by default."

    told = ask("How long are transcripts kept?", f"We respect privacy. {shared}", f"{shared} Audio is another matter.")

    assert told.count("Transcripts are kept") == 1


def test_sentences_that_differ_in_a_number_are_both_told() -> None:
    told = ask(
        "How long are transcripts kept?",
        "On Growth transcripts are kept for 90 days. On Free transcripts are kept for 7 days.",
    )

    assert "90 days" in told
    assert "7 days" in told


def test_a_reply_of_a_faq_is_not_quoted_without_what_it_replies_to() -> None:
    faq = (
        "## Can I cancel at any time?\n\nYes. Monthly plans end at the close of the month.\n\n## Do you refund?\n\nNo."
    )

    assert ask("Can I cancel at any time?", faq) == "Yes. Monthly plans end at the close of the month. [1]"
    assert ask("Will you refund us?", faq) == "Do you refund? No. [1]"


@pytest.mark.parametrize("modality", ["image", "video"])
def test_words_under_a_picture_or_in_a_clip_are_quoted_as_they_stand(modality: str) -> None:
    told = ask("Where are the booked meetings?", "On the right stand the booked meetings.", modality=modality)

    assert told == "On the right stand the booked meetings. [1]"


def test_a_short_reply_of_a_faq_is_told_whole() -> None:
    faq = "## Can prices change during the day?\n\nPrices change once a day. We do not offer prices by the hour."

    assert ask("Do you offer prices by the hour?", faq) == (
        "Prices change once a day. We do not offer prices by the hour. [1]"
    )


STEPS = """## Price per store and month

| Plan | 1 to 49 stores | 50 to 199 stores | 200 stores and more |
|---|---|---|---|
| Growth | $49 | $39 | $31 |
| Enterprise | not offered | $65 | $52 |"""


def test_a_number_is_found_in_the_range_that_holds_it() -> None:
    assert ask("What does Growth cost for 80 stores?", STEPS) == "Growth – 50 to 199 stores: $39. [1]"
    assert "Growth: $31; Enterprise: $52. [1]" in ask("How much would we pay for 250 stores?", STEPS)


def test_a_number_of_something_else_is_no_match() -> None:
    told = ask(
        "We have 12 stores, is that too small?",
        "We suggest 12 clusters of stores. The tool is made for small chains with 10 to 1,500 stores.",
    )

    assert "10 to 1,500 stores" in told
    assert "clusters" not in told


def test_years_are_understood_as_months() -> None:
    told = ask("Discount for a 3 year contract?", "Discounts: a 36-month term lowers the price by 15 %.", PRICES)

    assert "36-month term" in told


def test_the_things_of_a_table_are_listed_when_they_are_asked_for() -> None:
    assert "Plan: Starter, Growth, Enterprise. [1]" in ask("Which plans are there?", PRICES)


def test_a_column_is_chosen_by_what_was_asked_for() -> None:
    header = "| Plan | Competitors watched | Refresh |\n|---|---|---|"
    table = f"{header}\n| Basic | 5 | once a week |\n| Pro | 15 | once a day |"

    assert ask("How often do you check competitors?", table).startswith("Refresh – Basic: once a week; Pro: once a day")


def test_the_labels_of_a_chart_are_not_quoted() -> None:
    told = ask(
        "What is the price for 250 stores?",
        "50 stores 100 stores 150 stores 200 stores 250 stores\n$1,950 at 50 stores\n$6,200 at 200 stores",
        modality="slide",
    )

    assert told.startswith(NOTHING_FITS)


def test_a_follow_up_takes_over_what_it_leaves_out() -> None:
    turns = (
        Message("user", "How much does the Starter plan cost?"),
        Message("assistant", "Starter – Price per month: $49.99. [1]"),
        Message("user", "And Enterprise?"),
    )

    assert answer(Prompt(SYSTEM, turns, passages(PRICES))) == "Enterprise – Price per month: from $900. [1]"
