"""The first words of a call: a greeting once, and afterwards only that the conversation goes on."""

import pytest

from aisdr.greeting import greeting
from tests.material import a_company


def test_a_conversation_begins_with_the_companys_greeting() -> None:
    assert greeting(a_company(greeting="Welcome!"), goes_on=False) == "Welcome!"


@pytest.mark.parametrize(
    ("languages", "beginning"),
    [
        (("de-AT", "en"), "Da bin ich"),
        (("en",), "I'm here"),
        (("xx",), "I'm here"),
        ((), "I'm here"),
        (("no",), "Jeg er"),
    ],
)
def test_a_conversation_that_goes_on_is_not_greeted_again(languages: tuple[str, ...], beginning: str) -> None:
    assert greeting(a_company(languages=languages), goes_on=True).startswith(beginning)
