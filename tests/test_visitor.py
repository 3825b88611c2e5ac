"""What visitors tell about themselves: found in their words, never guessed."""

import pytest

from aisdr.visitor import about_visitor, sizes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "Hi, I'm Ana Sousa from Vantage Clinics: ana@vantage.example",
            {"name": "Ana Sousa", "company": "Vantage Clinics", "email": "ana@vantage.example"},
        ),
        ("Write to Dana Whitfield, dana@oakmart.example.", {"name": "Dana Whitfield", "email": "dana@oakmart.example"}),
        ("my name is tom", {"name": "Tom"}),
        ("Ich heiße Jörg Müller", {"name": "Jörg Müller"}),
        ("Je m'appelle Zoé", {"name": "Zoé"}),
        ("My number is +1 (555) 014-2233", {"phone": "+1 (555) 014-2233"}),
        ("Call me at 0171 2345678", {"phone": "0171 2345678"}),
        ("I'm interested in Friday, this is Monday", {}),
        ("We pay 1200 2400 and 4800 for 100 200 300 stores", {}),
    ],
)
def test_name_address_phone_and_company_are_found(text: str, told: dict[str, str]) -> None:
    assert about_visitor([text]) == told


def test_what_was_said_last_counts() -> None:
    assert about_visitor(["I'm Ana, ana@a.example", "rather use ana@b.example"]) == {
        "name": "Ana",
        "email": "ana@b.example",
    }


def test_the_size_of_a_business_is_its_newest_number_of_each_kind() -> None:
    assert sizes(["We have 200 stores and 1,500 employees", "sorry, 220 stores"]) == ["220 stores", "1,500 employees"]
    assert sizes(["It costs 49 a month"]) == []
