"""The highlight of a hit is the sentence that shows why it was found, as a reader would quote it."""

import time

import pytest

from aisdr.index.base import SearchHit
from aisdr.knowledge.highlight import LONGEST, READ, highlighted
from tests.chunks import chunk

PRICES = "# Prices\n\n| Plan | Costs a month |\n| --- | --- |\n| Team | 49 euros |\n| Scale | 99 euros |\n"


def highlights(question: str, *texts: str) -> list[str]:
    hits = [SearchHit(chunk=chunk(text), score=0.5, origins=("own",)) for text in texts]
    return [hit.highlight for hit in highlighted(question, hits)]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("What does Team cost?", "Plans. The **Team** plan costs 49 euros. Call us.", "The Team plan costs 49 euros."),
        ("How long does a refund take?", "## Refunds\n\nA refund takes five days.", "A refund takes five days."),
        ("What is Scale?", PRICES, "Plan; Costs a month: Scale; 99 euros"),
        ("Which connectors are there?", "- Okta\n- [Connectors](/docs/connectors) for SAP\n", "Connectors for SAP"),
        ("返金は何日かかりますか", "お支払いは月ごとです。返金は五日かかります。", "返金は五日かかります。"),
        ("zebras", "Our plans. Our prices.", "Our plans."),
        ("prices", "", ""),
    ],
)  # fmt: skip
def test_it_is_the_sentence_item_or_row_with_most_of_the_question(question: str, text: str, expected: str) -> None:
    assert highlights(question, text) == [expected]


def test_a_word_that_every_hit_has_decides_nothing() -> None:
    found = highlights("plan refund", "The plan is for teams. A refund is paid at once.", "The plan.")

    assert found[0] == "A refund is paid at once."


def test_a_text_without_sentences_is_cut_around_the_words() -> None:
    (found,) = highlights("needle", "hay " * 400 + "needle " + "hay " * 400)

    assert "needle" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) <= LONGEST + len("…  …")


@pytest.mark.parametrize("piece", ["-- ", "| ", "*", "[a](", "`_", "a. ", "needle ", "\n", "  "])
def test_no_text_holds_a_search_up(piece: str) -> None:
    begin = time.process_time()

    highlights("needle", piece * 1_000_000 + "x")

    assert time.process_time() - begin < 1.0, f"only {READ} characters are read"
