"""Questions and material in several languages: answered in their own, or told so in the visitor's."""

import pytest

from aisdr.inference.base import NOTHING_FITS, Message, Prompt
from aisdr.inference.follow_up import standalone
from aisdr.inference.language import foreign_language
from tests.inference.extractive import PRICES, SYSTEM, answer, ask, passages

WARTUNG = "Der Filter wird zweimal im Jahr gereinigt. Ein Wartungsvertrag kostet 149 Euro im Jahr und ist kündbar."


def ask_in(language: str, question: str, *texts: str) -> str:
    """As the agent does: the question read in English beside the visitor's own words."""
    read = standalone(question, ())
    return answer(
        Prompt(
            SYSTEM, (Message("user", question),), passages(*texts), language=language, question=read.question, about=""
        )
    )


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Was kostet ein Wartungsvertrag?", "Ein Wartungsvertrag kostet 149 Euro im Jahr und ist kündbar. [1]"),
        ("Wie oft wird der Filter gereinigt?", "Der Filter wird zweimal im Jahr gereinigt. [1]"),
    ],
)
def test_a_german_question_is_answered_from_german_material_in_its_own_words(question: str, told: str) -> None:
    assert ask_in("de", question, WARTUNG) == told


def test_german_material_is_not_made_to_answer_what_it_does_not_hold() -> None:
    assert ask_in("de", "Was kostet ein Schwimmbad?", WARTUNG).startswith("Das steht nicht in meinem Material")


def test_a_quotation_is_called_english_only_when_it_is() -> None:
    english = ask_in("es", "¿Cuánto cuesta Growth?", "The Growth plan costs $149 a month.")
    german = ask_in(
        "es", "¿Cuánto cuesta el Wartungsvertrag?", "Der Wartungsvertrag: was der Wartungsvertrag cost ist 149 Euro."
    )

    assert english.startswith("Esto es lo que dice nuestro material (en inglés): The Growth plan")
    assert german.startswith("Esto es lo que dice nuestro material: Der Wartungsvertrag")


def test_a_page_in_a_third_language_is_pointed_to_when_the_search_is_sure_of_it() -> None:
    assert ask_in("es", "¿Hay que limpiar el filtro?", WARTUNG).endswith("→ “Guide” [1]")
    assert ask("How often do I clean it out?", WARTUNG) == f"{NOTHING_FITS}. The closest I have is “Guide” [1]."
    assert "[1]" not in ask("How often do I clean it out?", WARTUNG, score=0.3)


def test_a_short_spanish_question_is_known_by_its_marks() -> None:
    assert foreign_language("¿Hace ruido la bomba?") == "es"


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("Was kostet das und wie viel zahlen wir für die Nutzung?", "auf Englisch"),
        ("Combien est-ce que ça coûte pour nous et pour les magasins ?", "en anglais"),
        ("¿Cuánto cuesta y qué incluye para una tienda?", "en inglés"),
        ("Quanto costa e quali sono le condizioni?", "in inglese"),
        ("Quanto custa para uma loja e como é o contrato?", "em inglês"),
        ("Hoeveel kost het voor een winkel?", "in het Engels"),
        ("Ile to kosztuje i jak długo trwa wdrożenie?", "po angielsku"),
        ("料金はいくらですか", "英語"),
        ("这个多少钱", "英语"),
        ("Сколько это стоит?", "English"),
    ],
)
def test_a_question_in_another_language_is_told_so_in_that_language(question: str, english: str) -> None:
    told = ask(question, PRICES)

    assert english in told
    assert "[" not in told
