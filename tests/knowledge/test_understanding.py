"""A question is read with the company's own words: slips are mended, and what has two names is looked for by both."""

import pytest

from aisdr.company import Company
from aisdr.configuration import Search
from aisdr.index.base import Vocabulary
from aisdr.knowledge.base import Understood
from aisdr.knowledge.understanding import MOST_ADDED, Reading
from tests.legs import company

WORDS = {"assortment": 6, "pricing": 5, "okta": 3, "forecast": 4, "plan": 5, "plans": 4, "cost": 5, "planet": 1}
SMALL = ("what", "does", "the", "is", "with", "how", "our", "for")
MATERIAL = Vocabulary(10, WORDS | dict.fromkeys(SMALL, 9))
SYNONYMS = (("SLA", "service level agreement"), ("price", "cost", "fee"))


def understood(question: str, vocabulary: Vocabulary | None = MATERIAL, acme: Company | None = None) -> Understood:
    return Reading(lambda: frozenset({"forest", "pricking"}))(acme or company(), question, vocabulary)


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("what does the assortmnt cost", "what does the assortment cost"),
        ("asortment", "assortment"),
        ("how is the forceast", "how is the forecast"),
        ("ASSORTMNT PRICNG", "assortment pricing"),
    ],
)
def test_a_slip_is_mended_and_what_was_typed_is_looked_for_too(question: str, meant: str) -> None:
    read = understood(question)

    assert read.text == meant
    assert set(question.split()) <= {*read.words.split()}
    assert read.notes


@pytest.mark.parametrize(
    "question",
    [
        "what does the assortment cost",  # nothing is wrong
        "what is the forest cost",  # a word of the language, though no word of the material
        "is the SLAA with 4999 okta2",  # an acronym, a number, a name with a digit
        "was kostet das Sortiment im Monat",  # another language
        "什么是价格",
    ],
)
def test_what_may_be_meant_as_it_stands_is_left_alone(question: str) -> None:
    assert understood(question) == Understood(question, question)


def test_a_name_stays_in_the_question_and_its_correction_is_looked_for_as_well() -> None:
    read = understood("what does Oktta cost")

    assert read.text == "what does Oktta cost"
    assert read.words == "what does Oktta cost okta"


def test_nothing_is_corrected_before_the_words_are_known_or_where_there_are_none() -> None:
    for vocabulary in (None, Vocabulary(0, {})):
        assert understood("what does the assortmnt cost", vocabulary).text == "what does the assortmnt cost"


@pytest.mark.parametrize(
    ("question", "added"),
    [
        ("what is your SLA", ["service level agreement"]),
        ("Which service level agreements are there?", ["SLA"]),
        ("level agreement for service", []),
        ("what is the fee", ["price", "cost"]),
        ("price and cost and fee", []),
    ],
)
def test_what_the_company_calls_by_two_names_is_looked_for_by_both(question: str, added: list[str]) -> None:
    read = understood(question, None, company(search=Search(synonyms=SYNONYMS)))

    assert read.text == question
    assert read.words == " ".join([question, *added])
    assert list(read.notes) == [f"same here: {word}" for word in added]


def test_synonyms_never_drown_the_question() -> None:
    many = tuple(f"name{number}" for number in range(2 * MOST_ADDED))

    read = understood("name0", None, company(search=Search(synonyms=(many[:12], ("name0", *many[12:20])))))

    assert len(read.words.split()) <= 1 + MOST_ADDED


def test_one_companys_words_correct_nothing_of_anothers() -> None:
    reading = Reading()

    mine = reading(company(), "the assortmnt", MATERIAL)
    other = reading(company(company_id="globex"), "the assortmnt", Vocabulary(1, {"the": 1, "assertment": 1}))

    assert mine.text == "the assortment"
    assert other.text != mine.text
