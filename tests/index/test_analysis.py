"""Text into terms: stemmed in its own language, and found again by a question in whatever language it is asked."""

import pytest

from aisdr.index.analysis import question_terms, terms, written_words


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("The prices are rising", "en", ["price", "rise"]),
        ("The prices are rising", "en-GB", ["price", "rise"]),
        ("Acme's customers' data", "en", ["acm", "custom", "data"]),
        ("It costs $1,200.50 a month.", "en", ["cost", "1,200.50", "month"]),
        ("snake_case and e-mail", "en", ["snake", "case", "e", "mail"]),
        ("Die Preise der Filialen", "de", ["die", "preis", "der", "filial"]),
        ("Los precios de las tiendas", "es", ["los", "preci", "de", "las", "tiend"]),
        ("価格はいくらですか", "ja", ["価格", "格は", "はい", "いく", "くら", "らで", "です", "すか"]),
        ("AIの価格", "ja", ["ai", "の価", "価格"]),
        ("ราคา", "th", ["รา", "าค", "คา"]),
        ("price of a plan", "xx", ["price", "of", "a", "plan"]),
        ("", "en", []),
        ("🙂 … !", "en", []),
    ],
)
def test_words_are_cut_and_stemmed_by_their_language(text: str, language: str, expected: list[str]) -> None:
    assert terms(text, language) == expected


def test_a_question_is_read_in_every_language_that_the_chunks_have() -> None:
    assert question_terms("prices prices", ["en"]) == ["price", "price"]
    assert sorted(question_terms("preise", ["en", "de"])) == ["preis"]
    assert set(question_terms("tiendas", ["en", "es"])) == {"tienda", "tiend"}
    assert question_terms("the price", []) == ["price"]


def test_the_words_of_the_vocabulary_are_as_they_are_written() -> None:
    assert written_words("The Customers' dashboards, Acme’s") == ["the", "customers", "dashboards", "acme"]
