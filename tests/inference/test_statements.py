"""How a passage is cut into pieces that can be quoted."""

import pytest

from aisdr.inference.sentences import sentences
from aisdr.inference.statements import Statement, statements


def of_kind(text: str, kind: str) -> list[Statement]:
    return [statement for statement in statements(text) if statement.kind == kind]


@pytest.mark.parametrize(
    "sentence",
    [
        "Starter costs $49.99 per month.",
        "Works with version v2.1 of the API, e.g. Node 20.5 or newer.",
        "Ask Dr. Lepik or Mr. Adeyemi.",
        "Acme Inc. and Globex Corp. are customers.",
        "The sync runs both ways, i.e. Salesforce changes show up too.",
        "Data stays in the U.S. region.",
        "Written by J. R. Smith in Jan. 2024.",
        "See No. 5 for details.",
        "Version 2.0.1 costs €1.299,00 more.",
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences(f"{sentence} Next one.") == [sentence, "Next one."]


def test_sentences_end_at_points_questions_exclamations_and_quotes() -> None:
    text = (
        'We promise 99.9 % uptime. Really? Yes! "It works." $5 is the fee. The offer of Acme Inc. The next one follows.'
    )

    assert sentences(text) == [
        "We promise 99.9 % uptime.",
        "Really?",
        "Yes!",
        '"It works."',
        "$5 is the fee.",
        "The offer of Acme Inc.",
        "The next one follows.",
    ]


def test_a_row_keeps_every_number_with_its_header_and_its_subject() -> None:
    table = "| Plan | Price | Seats |\n|---|---|---|\n| Starter | $49 | 2 |\n| Growth | $149 | 10 |"

    assert [row.text for row in of_kind(table, "row")] == [
        "Starter – Price: $49; Seats: 2",
        "Growth – Price: $149; Seats: 10",
    ]
    assert [column.text for column in of_kind(table, "column")] == [
        "Plan: Starter, Growth",
        "Price – Starter: $49; Growth: $149",
        "Seats – Starter: 2; Growth: 10",
    ]


def test_a_row_told_in_words_is_a_row() -> None:
    told = "Severity: 1; Growth: 1 hour; Enterprise: 15 minutes.\nSeverity: 2; Growth: 4 hours; Enterprise: 1 hour."

    assert [row.text for row in of_kind(told, "row")] == [
        "Severity 1 – Growth: 1 hour; Enterprise: 15 minutes",
        "Severity 2 – Growth: 4 hours; Enterprise: 1 hour",
    ]


def test_items_know_what_introduced_them() -> None:
    text = (
        "## Integrations\n\nIt connects to:\n\n- Salesforce\n- HubSpot, with\n  contacts and deals\n\nAnd by webhook."
    )

    items = of_kind(text, "item")

    assert [item.text for item in items] == ["Salesforce", "HubSpot, with contacts and deals"]
    assert {item.lead for item in items} == {"It connects to:"}
    assert "Integrations" in items[0].context
    assert len({item.group for item in items}) == 1


def test_steps_keep_their_numbers() -> None:
    assert [item.mark for item in of_kind("# Go live\n\n1. Create it.\n2. Use it.", "item")] == ["1.", "2."]


def test_wrapped_lines_are_one_sentence_and_short_lines_are_several() -> None:
    lines = (
        "Scanned pages are read with text recognition, which",
        "takes longer: plan one minute per page, or some-",
        "what more.",
    )
    wrapped = "\n".join(lines)
    slide = "WhatsApp channel: Q2 2027\nOn-premises edition: not planned"

    assert [statement.text for statement in statements(wrapped)] == [
        "Scanned pages are read with text recognition, which takes longer: plan one minute per page, or somewhat more."
    ]
    assert [statement.text for statement in statements(slide)] == slide.splitlines()


def test_markup_is_not_quoted() -> None:
    [statement] = statements("Read **the [guide](https://example.com/a)** and call `run_all`.")

    assert statement.text == "Read the guide and call run_all."


def test_a_sentence_that_begins_with_a_pronoun_leans_on_the_one_before() -> None:
    first, second = statements("The trial lasts 14 days. It needs no credit card.")

    assert not first.leans
    assert second.leans
    assert "trial" in second.context


def test_a_pronoun_without_its_subject_and_a_torn_sentence_are_not_whole() -> None:
    assert not statements("It needs no credit card.")[0].whole
    torn = statements(
        "of the month. Invoices are sent quarterly. A price increase at renewal is at most five percent a year and it"
    )
    assert [statement.whole for statement in torn] == [False, True, False]


def test_a_question_of_a_faq_is_what_its_answer_is_about() -> None:
    question, reply, more = statements("### Can I cancel?\n\nYes. Plans end at the close of the month.")

    assert question.kind == "question"
    assert reply.leans
    assert more.leans
    assert "Can I cancel?" in more.context


def test_an_entry_of_a_glossary_is_one_statement() -> None:
    text = (
        "Price zone. A group of stores with one price. Most chains have five.\nFacing. One visible unit of a product."
    )

    assert [statement.text for statement in statements(text)] == [
        "Price zone. A group of stores with one price.",
        "Most chains have five.",
        "Facing. One visible unit of a product.",
    ]
    assert "Price zone" in statements(text)[1].context


@pytest.mark.parametrize("text", ["", "\n\n", "---", "| a |", "- ", "#", "|---|---|", "1.", ". . .", "?"])
def test_odd_text_is_survived(text: str) -> None:
    assert all(statement.text for statement in statements(text))
