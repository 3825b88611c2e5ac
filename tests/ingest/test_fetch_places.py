"""Which addresses the fetcher asks at all: public ones, in one spelling, looked up once, and none inside."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.addresses import Address, LeadsInside, is_private, is_public, judged, resolve
from aisdr.errors import InvalidInput
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Fetched, Refused
from aisdr.ingest.url import NoAddress, Url
from tests.ingest.fetching import fetcher_for
from tests.ingest.web import Names, only_loopback, page, to, web

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")


def refusal(url: str, folder: Path, names: Any = resolve) -> str:
    with Fetcher(resolver=names) as fetcher:
        result = fetcher.get(url, folder / "fetched")
    assert isinstance(result, Refused), result
    return result.reason


SPELLINGS = [
    "127.0.0.1", "127.0.0.1.", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1",
    "127.0.0.0x1", "127.0.1", "127.255.255.254", "0.0.0.0", "0", "10.0.0.1", "172.16.0.1", "192.168.1.1",  # noqa: S104
    "169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1", "100.100.100.200", "192.0.0.1", "198.18.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
    "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]",
    "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_address_inside_is_refused_in_whatever_spelling(host: str, tmp_path: Path, only_loopback: list[Any]) -> None:
    reason = refusal(f"http://{host}/", tmp_path, Names())

    assert "private network" in reason or "unusual spelling" in reason
    assert only_loopback == []


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "localhost.", "ｌｏｃａｌｈｏｓｔ", "db.corp", "x.localhost"]
)
def test_a_name_that_leads_inside_is_refused(host: str, tmp_path: Path) -> None:
    assert "private network" in refusal(f"http://{host}/", tmp_path, Names(db_corp="10.1.2.3"))


INSIDE = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/29",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4",
]  # fmt: skip
INSIDE_ADDRESSES = st.one_of([st.ip_addresses(v=4, network=each) for each in INSIDE])


def wrapped(address: IPv4Address) -> list[Address]:
    number = int(address)
    return [
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(number),
        IPv6Address(0x20010000 << 96 | (number ^ 0xFFFFFFFF)),
    ]


@settings(deadline=None)
@given(INSIDE_ADDRESSES)
def test_no_address_inside_is_public_however_it_is_wrapped(address: IPv4Address) -> None:
    assert not any(map(is_public, [address, *wrapped(address)]))


@settings(deadline=None)
@given(st.ip_addresses(v=4))
def test_an_address_in_the_two_wrappings_that_networks_use_is_judged_as_what_it_is(address: IPv4Address) -> None:
    mapped, nat64, *outdated = wrapped(address)

    assert is_public(mapped) == is_public(nat64) == is_public(address)
    assert is_private(mapped) == is_private(nat64) == is_private(address)
    assert not any(map(is_public, outdated))


@settings(deadline=None)
@given(st.ip_addresses(v=4), st.data())
def test_a_host_of_digits_is_read_in_one_spelling_only(address: IPv4Address, data: st.DataObject) -> None:
    forms = ("{}", "{:#x}", "0{:o}")
    host = ".".join(data.draw(st.sampled_from(forms)).format(each) for each in address.packed)

    try:
        read = Url.parse(f"http://{host}/").host
    except NoAddress:
        assert host != str(address)
    else:
        assert read == host == str(address)


@settings(deadline=None)
@given(st.ip_addresses(v=6))
def test_what_is_public_and_what_may_be_allowed_never_overlap(address: IPv6Address) -> None:
    assert not (is_public(address) and is_private(address))


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1", "100.100.100.200", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "::"],  # noqa: S104
)
def test_not_even_the_operator_can_allow_what_no_server_of_theirs_has(address: str, tmp_path: Path) -> None:
    with Fetcher(allowed_private=["staging.test"], resolver=Names(staging_test=address)) as fetcher:
        result = fetcher.get("http://staging.test/", tmp_path / "fetched")

    assert isinstance(result, Refused)


def test_one_private_answer_among_public_ones_spoils_them_all(tmp_path: Path) -> None:
    names = Names(mixed_test=["93.184.216.34", "10.0.0.1"])

    assert "private network" in refusal("http://mixed.test/", tmp_path, names)
    with pytest.raises(LeadsInside):
        judged([], is_public)
    assert judged([ip_address("2606:4700::1"), ip_address("9.9.9.9")], is_public) == ip_address("9.9.9.9")


def test_a_name_is_looked_up_once_and_the_judged_address_is_connected_to(tmp_path: Path) -> None:
    with web({"/": page()}) as site:
        answers = iter([["127.0.0.1"], ["169.254.169.254"]])
        asked: list[str] = []

        def rebinding(host: str, port: int) -> list[Address]:
            asked.append(host)
            return [ip_address(each) for each in next(answers)]

        with Fetcher(allowed_private=[f"site.test:{site.port}"], resolver=rebinding) as fetcher:
            first = fetcher.get(site.url(), tmp_path / "first")
            second = fetcher.get(site.url(), tmp_path / "second")

    assert isinstance(first, Fetched)
    assert isinstance(second, Refused)
    assert asked == ["site.test", "site.test"]
    assert site.asked[0].headers["host"] == f"site.test:{site.port}"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("gopher://site.test/", "only http and https"),
        ("ftp://site.test/", "only http and https"),
        ("data:text/html,hello", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("//site.test/", "only http and https"),
        ("", "only http and https"),
        ("http:///path", "no host"),
        ("http://user:secret@site.test/", "user name"),
        ("http://site.test@10.0.0.1/", "user name"),
        ("http://site.test\\@10.0.0.1/", "backslashes"),
        ("http://site.test/\r\nHost: inside", "control characters"),
        ("http://site.test/a b", "spaces"),
        ("http://site.test\t/", "control characters"),
        ("http://site.test:99999/", "no proper address"),
        ("http://site.test:port/", "no proper address"),
        ("http://[::1/", "no proper address"),
        ("http://si%74e.test/", "no proper name"),
        ("http://site..test/", "no proper name"),
        ("http://-site.test/", "no proper name"),
        ("http://site.test:22/", "port 22"),
        ("http://site.test:6379/", "port 6379"),
        ("http://site.test/" + "a" * 3000, "longer than"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused_unasked(url: str, why: str, tmp_path: Path) -> None:
    names = Names()

    assert why in refusal(url, tmp_path, names)
    assert names.asked == []


@pytest.mark.parametrize("url", ["http://[v1.fe80::a]/", "http://site.test:٣/", "http://\udcff.test/"])
def test_odd_addresses_are_refused_and_crash_nothing(url: str, tmp_path: Path) -> None:
    refusal(url, tmp_path, Names())


def test_names_of_other_alphabets_are_names(tmp_path: Path) -> None:
    names = Names(**{"xn--bcher-kva_test": "10.0.0.1"})

    refusal("http://bücher.test/", tmp_path, names)

    assert names.asked == ["xn--bcher-kva.test"]


@pytest.mark.parametrize(
    "place",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://metadata.test/computeMetadata/v1/",
        "http://2852039166/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:9001/",
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://localhost:2773/secretsmanager/get",
        "//inside.test/",
        "http://user@site.test/",
        "http://site.test/%0d%0a\x01",
    ],
)
def test_no_redirect_leads_inside_or_to_another_kind_of_place(
    place: str, tmp_path: Path, only_loopback: list[Any]
) -> None:
    names = Names(metadata_test="169.254.169.254", inside_test="192.168.0.1")
    with web({"/": to(place)}) as site, fetcher_for(site, names=names) as fetcher:
        result = fetcher.get(site.url(), tmp_path / "fetched")

    assert isinstance(result, Refused)
    assert len(site.asked) == 1
    assert only_loopback == []


def test_a_host_that_was_allowed_is_no_place_to_be_led_to_from_elsewhere(tmp_path: Path) -> None:
    with web() as site, fetcher_for(site, "site.test", "staging.test") as fetcher:
        site.answers |= {"/": to(site.url("/secret", "staging.test")), "/own": to("/there"), "/there": page()}
        strange = fetcher.get(site.url("/"), tmp_path / "a")
        own = fetcher.get(site.url("/own", "staging.test"), tmp_path / "b")

    assert isinstance(strange, Refused)
    assert isinstance(own, Fetched)
    assert site.paths == ["/", "/own", "/there"]


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("site.test", "http://site.test:8080/"),
        ("site.test:8080", "http://site.test/"),
        ("site.test", "http://a.site.test/"),
    ],
)
def test_exactly_the_host_and_port_that_were_allowed_may_be_asked(allowed: str, url: str, tmp_path: Path) -> None:
    with Fetcher(allowed_private=[allowed], resolver=Names()) as fetcher:
        assert isinstance(fetcher.get(url, tmp_path / "fetched"), Refused)


@pytest.mark.parametrize("allowed", ["", "http://site.test", "site.test/path", "user@site.test", "0x7f.1", "a b"])
def test_what_cannot_be_allowed_is_said_at_once(allowed: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be allowed"):
        Fetcher(allowed_private=[allowed])
