"""Addresses in their one normal form."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.ingest.site.rules import Scope, is_trap
from aisdr.ingest.url import MAX_LENGTH, NoAddress, Url

HOME = Url.parse("https://site.test/")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTP://Site.TEST", "http://site.test/"),
        ("https://site.test:443/a#part", "https://site.test/a"),
        ("http://site.test:443/", "http://site.test:443/"),
        ("http://site.test./", "http://site.test/"),
        ("http://site.test/a/./b/../c", "http://site.test/a/c"),
        ("http://site.test/a/%2e%2E/b/..", "http://site.test/"),
        ("http://site.test/a/b/..", "http://site.test/a/"),
        ("http://site.test/a/%2E%2e", "http://site.test/"),
        ("http://site.test/a/b/.", "http://site.test/a/b/"),
        ("http://site.test/a/%252e%252e/b", "http://site.test/a/%252e%252e/b"),
        ("http://site.test/../../etc/passwd", "http://site.test/etc/passwd"),
        ("http://site.test/%7euser/%c3%a4%2fb", "http://site.test/~user/%C3%A4%2Fb"),
        ("http://site.test/ä?q=ö&p=a'b\"", "http://site.test/%C3%A4?q=%C3%B6&p=a'b%22"),
        ("http://site.test/100%", "http://site.test/100%25"),
        ("http://site.test/?", "http://site.test/"),
        ("http://site.test?b=2&a=1", "http://site.test/?b=2&a=1"),
        ("http://bücher.test/", "http://xn--bcher-kva.test/"),
        ("http://аррle.test/", "http://xn--le-6kc8da.test/"),
        ("http://[2606:4700:0:0::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("http://my_host.test/a//b", "http://my_host.test/a//b"),
    ],
)
def test_an_address_has_one_normal_form(written: str, normal: str) -> None:
    assert str(Url.parse(written)) == normal
    assert Url.parse(normal) == Url.parse(written)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60), st.text(max_size=30))
def test_the_normal_form_of_a_normal_form_is_itself(path: str, query: str) -> None:
    try:
        url = Url.parse(f"http://site.test/{path}?{query}")
    except NoAddress:
        return

    assert Url.parse(str(url)) == url
    assert str(url).isascii()
    assert url.host == urlsplit(str(url)).hostname


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_reference_crashes_the_reading_or_leads_to_another_site(reference: str) -> None:
    url = Scope(HOME).read(reference, HOME)

    assert url is None or str(url).startswith("https://site.test/")


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("/a?utm_source=x&UTM_Medium=y&fbclid=1", "https://site.test/a"),
        ("/a?b=2&gclid=1&a=1", "https://site.test/a?b=2&a=1"),
        ("/a;jsessionid=12/b?PHPSESSID=3&sid=4", "https://site.test/a/b"),
        ("http://site.test/a", "https://site.test/a"),
        ("http://www.site.test/a", "https://site.test/a"),
        ("//WWW.Site.test/a", "https://site.test/a"),
        ("?page=2", "https://site.test/?page=2"),
        ("http://site.test:8080/a", None),
        ("https://sub.site.test/", None),
        ("https://site.test.evil.test/", None),
        ("https://site.test@evil.test/", None),
        ("mailto:us@site.test", None),
        ("JavaScript:alert(1)", None),
    ],
)
def test_a_reference_means_a_page_of_this_site_or_nothing(reference: str, meant: str | None) -> None:
    url = Scope(HOME).read(reference, HOME)

    assert (str(url) if url else None) == meant


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("c?d", "http://site.test/a/c?d"),
        ("../c", "http://site.test/c"),
        (" /a\tb\n c\r d ", "http://site.test/ab%20c%20d"),
        ("ht\ntps://other.test/a\tb c", "https://other.test/ab%20c"),
    ],
)
def test_a_reference_is_read_as_browsers_read_it(reference: str, meant: str) -> None:
    assert str(Url.joined(Url.parse("http://site.test/a/b"), reference)) == meant


@pytest.mark.parametrize("reference", ["//[", "https://[::1", "mailto:us@site.test", "/a\x00b"])
def test_a_reference_that_means_no_address_is_none(reference: str) -> None:
    with pytest.raises(NoAddress):
        Url.joined(HOME, reference)


@pytest.mark.parametrize(
    ("path", "trap"),
    [
        ("/a/b/c", False),
        ("/de/de/de", False),
        ("/a/b/a/b/a/b/a/b", True),
        ("/a/a/a/a", True),
        ("/" + "/".join(map(str, range(30))), True),
        ("/" + "x" * 700, True),
    ],
)
def test_paths_that_grow_out_of_themselves_are_traps(path: str, trap: bool) -> None:
    assert is_trap(HOME.at(path)) == trap


def test_a_host_is_as_long_as_a_name_may_be() -> None:
    longest = f"{'a.' * 126}b"

    assert Url.parse(f"http://{longest}/").host == longest
    with pytest.raises(NoAddress, match="no proper name"):
        Url.parse(f"http://{longest}b/")


@pytest.mark.parametrize("host", ["[fe80::1%25eth0]", "[2606:4700::1111%1]"])
def test_an_address_that_names_a_network_card_is_none(host: str) -> None:
    with pytest.raises(NoAddress):
        Url.parse(f"http://{host}/")


def test_an_address_is_as_long_as_it_may_be() -> None:
    longest = "https://acme.example/".ljust(MAX_LENGTH, "a")

    assert str(Url.parse(longest)) == longest
    with pytest.raises(NoAddress, match="longer"):
        Url.parse(f"{longest}a")


def test_an_address_that_grows_too_long_when_it_is_escaped_is_none() -> None:
    with pytest.raises(NoAddress, match="longer"):
        Url.parse("https://acme.example/" + "ü" * 400)
