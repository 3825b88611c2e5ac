"""The fetcher: public addresses only, one look-up, bounds on everything, a reason for every refusal."""

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.addresses import Address, LeadsInside, is_private, is_public, judged, resolve
from aisdr.errors import InvalidInput
from aisdr.ingest.content_type import PAGES
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Failed, Fetched, Gone, Moved, NotModified, Refused, Result, Since, Wanted
from aisdr.ingest.pace import Pace, Stopped
from aisdr.ingest.url import NoAddress, Url
from tests.ingest.web import Asked, Names, Web, only_loopback, page, reply, to, web
from tests.test_outbound import a_certificate

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")

ANY = Wanted()


class Patience(Pace):
    """Notes what it is asked to wait for, and does not wait."""

    def __init__(self) -> None:
        super().__init__(wait=lambda seconds: None)
        self.held: list[float] = []

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)


def fetcher_for(site: Web, *hosts: str, names: Names | None = None, pace: Pace | None = None) -> Fetcher:
    doors = [f"{host}:{site.port}" for host in hosts or ("site.test",)]
    return Fetcher(allowed_private=doors, resolver=names or Names(), pace=pace or Patience())


def get(site: Web, path: str, folder: Path, wanted: Wanted = ANY, **more: Any) -> Result:
    with fetcher_for(site) as fetcher:
        return fetcher.get(site.url(path), folder / "fetched", wanted, **more)


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


def test_what_comes_is_written_down_with_its_version(tmp_path: Path) -> None:
    with web({"/guide/first-steps.html?a=1": reply("<html>hello</html>", etag='"v1"', last_modified="Mon")}) as site:
        result = get(site, "/guide/first-steps.html?a=1", tmp_path, Wanted(PAGES))

    assert isinstance(result, Fetched)
    assert result.path == tmp_path / "fetched" / "first-steps.html"
    assert result.path.read_bytes() == b"<html>hello</html>"
    assert (result.content_type, result.etag, result.last_modified) == ("text/html", '"v1"', "Mon")
    assert result.final_url == site.url("/guide/first-steps.html?a=1")


def test_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    def conditional(asked: Asked, line: socket.socket) -> bytes:
        known = (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
        return reply(status=304) if known == ('"v1"', "Mon") else page()

    with web({"/": conditional, "/unasked": reply(status=304)}) as site:
        same = get(site, "/", tmp_path, since=Since('"v1"', "Mon"))
        other = get(site, "/", tmp_path, since=Since('"v0"'))
        unasked = get(site, "/unasked", tmp_path)

    assert same == NotModified(site.url())
    assert isinstance(other, Fetched)
    assert isinstance(unasked, Failed)


def test_we_say_who_we_are_and_ask_for_nothing_we_cannot_unpack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    with web({"/": reply("<html>", set_cookie="id=1")}) as site, fetcher_for(site) as fetcher:
        fetcher.get(site.url(), tmp_path / "a")
        fetcher.get(site.url(), tmp_path / "b")

    assert site.asked[1].headers["user-agent"] == "aisdr"
    assert site.asked[1].headers["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in site.asked[1].headers


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_told_from_what_fails(status: int, tmp_path: Path) -> None:
    with web({"/": reply(status=status)}) as site:
        assert get(site, "/", tmp_path) == Gone(status)


@pytest.mark.parametrize(("status", "retryable"), [(401, False), (403, False), (500, True), (502, True), (418, False)])
def test_other_answers_are_failures(status: int, retryable: bool, tmp_path: Path) -> None:
    with web({"/": reply(status=status)}) as site:
        result = get(site, "/", tmp_path)

    assert isinstance(result, Failed)
    assert (result.status, result.retryable) == (status, retryable)
    assert len(site.asked) == (3 if retryable else 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_each_is_judged(status: int, tmp_path: Path) -> None:
    with web(
        {"/a": to("/b", status), "/b": to("http://10.0.0.1/", status), "/c": to("/d", status), "/d": page()}
    ) as site:
        inside = get(site, "/a", tmp_path)
        there = get(site, "/c", tmp_path)

    assert isinstance(inside, Refused)
    assert "private network" in inside.reason
    assert isinstance(there, Fetched)
    assert there.final_url == site.url("/d")


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


def test_redirects_in_a_circle_or_without_end_are_refused(tmp_path: Path) -> None:
    circle = {"/a": to("/b"), "/b": to("/a"), "/self": to("/self#again")}
    with web({**circle, **{f"/{n}": to(f"/{n + 1}") for n in range(20)}}) as site:
        results = [get(site, path, tmp_path) for path in ("/a", "/self", "/0", "/15")]

    assert [isinstance(each, Refused) for each in results] == [True, True, True, False]
    assert "circle" in str(results[0])
    assert "more than 5 times" in str(results[2])


def test_a_redirect_is_the_result_where_nobody_wants_it_followed(tmp_path: Path) -> None:
    with web({"/": to("/there?x=1#part"), "/lost": reply(status=302)}) as site:
        moved = get(site, "/", tmp_path, Wanted(redirects=0))
        lost = get(site, "/lost", tmp_path)

    assert moved == Moved(Url.parse(site.url("/there?x=1")))
    assert isinstance(lost, Failed)


def packed(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body)
    if coding == "raw deflate":
        stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return stream.compress(body) + stream.flush()
    return zlib.compress(body)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_packed_answers_are_unpacked(coding: str, tmp_path: Path) -> None:
    body = b"<html>" + b"words and words " * 1000
    with web({"/": reply(packed(body, coding), content_encoding=coding.split()[-1])}) as site:
        result = get(site, "/", tmp_path)

    assert isinstance(result, Fetched)
    assert result.path.read_bytes() == body


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_noticed_while_it_is_small(coding: str, tmp_path: Path) -> None:
    bomb = packed(bytes(50_000_000), coding)
    with web({"/": reply(bomb, content_encoding=coding)}) as site:
        result = get(site, "/", tmp_path)

    assert len(bomb) < 60_000
    assert result == Refused("it unpacks to more than 200 times its size: a bomb")
    assert not (tmp_path / "fetched").exists()


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "nonsense"])
def test_what_is_packed_as_nobody_asked_is_refused(coding: str, tmp_path: Path) -> None:
    with web({"/": reply(b"????", content_encoding=coding)}) as site:
        assert isinstance(get(site, "/", tmp_path), Refused)


def test_what_cannot_be_unpacked_or_lacks_its_end_is_a_failure(tmp_path: Path) -> None:
    whole = gzip.compress(b"<html>" + bytes(range(256)) * 100)
    with web(
        {
            "/short": reply(whole[:-20], content_encoding="gzip"),
            "/none": reply(b"<html>never packed", content_encoding="gzip"),
        }
    ) as site:
        assert "its end is missing" in str(get(site, "/short", tmp_path))
        assert "cannot be unpacked" in str(get(site, "/none", tmp_path))
    assert list(tmp_path.iterdir()) == []


def endless(asked: Asked, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>")
    while True:
        line.sendall(b"x" * 65536)


def test_a_body_without_end_is_cut_at_the_agreed_size(tmp_path: Path) -> None:
    with web({"/": endless, "/said": reply(b"x", content_length="5000000")}) as site:
        result = get(site, "/", tmp_path, Wanted(PAGES, max_bytes=1_000_000))
        said = get(site, "/said", tmp_path, Wanted(PAGES, max_bytes=1_000_000))
        cut = get(site, "/", tmp_path, Wanted(max_bytes=1000, cut=True))

    assert result == said == Refused("it is larger than 1000000 bytes")
    assert isinstance(cut, Fetched)
    assert cut.path.stat().st_size == 1000


def drip(begin: bytes) -> Any:
    def dripping(asked: Asked, line: socket.socket) -> None:
        line.sendall(begin)
        line.settimeout(0.02)
        while True:
            try:
                if not line.recv(1):
                    return
            except TimeoutError:
                line.sendall(b"x")

    return dripping


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nx-slow: ",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 99999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n",
    ],
)
def test_a_server_that_drips_is_cut_when_its_time_is_up(begin: bytes, tmp_path: Path) -> None:
    with web({"/": drip(begin)}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(), tmp_path / "fetched", Wanted(PAGES, seconds=0.2))

    assert result == Failed("did not answer in time")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 500\r\n\r\n<html>",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=[
        "nothing",
        "no http",
        "long header",
        "many headers",
        "two lengths",
        "length below 0",
        "chunks",
        "cut",
        "999",
        "tls",
    ],
)
def test_an_answer_that_is_none_is_a_failure_with_a_reason(said: bytes, tmp_path: Path) -> None:
    with web({"/": lambda asked, line: said}) as site:
        result = get(site, "/", tmp_path, Wanted(PAGES))

    assert isinstance(result, Failed)
    assert "no proper HTTP" in result.reason or "broke the connection off" in result.reason
    assert list(tmp_path.iterdir()) == []


def test_more_than_was_announced_is_not_read(tmp_path: Path) -> None:
    with web({"/": reply(b"<html>hello and more", content_length="11")}) as site:
        result = get(site, "/", tmp_path)

    assert isinstance(result, Fetched)
    assert result.path.read_bytes() == b"<html>hello"


def test_nobody_there_and_no_such_name_are_failures_worth_another_try(tmp_path: Path) -> None:
    def unknown(host: str, port: int) -> list[Address]:
        raise socket.gaierror("no such name")

    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Fetcher(allowed_private=[f"site.test:{port}"], resolver=Names(), pace=Patience()) as fetcher:
        nobody = fetcher.get(f"http://site.test:{port}/", tmp_path / "fetched")
    with Fetcher(resolver=unknown, pace=Patience()) as fetcher:
        nameless = fetcher.get("http://site.test/", tmp_path / "fetched")

    assert nobody == Failed("could not be connected to")
    assert nameless == Failed("'site.test' has no address")


PNG, PDF, ZIP = b"\x89PNG\r\n\x1a\n" + bytes(50), b"%PDF-1.7\n" + bytes(50), b"PK\x03\x04" + bytes(50)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("path", "kind", "body", "is_really"),
    [
        ("/a", "text/html", b"<html>", "text/html"),
        ("/a", "application/xhtml+xml", b"<?xml version='1.0'?><html>", "text/html"),
        ("/a", "TEXT/HTML;charset=x", b"words", "text/html"),
        ("/a", "text/html", PDF, "application/pdf"),
        ("/a", "application/octet-stream", PDF, "application/pdf"),
        ("/a", None, b"<!DOCTYPE html><p>", "text/html"),
        ("/a.docx", "application/octet-stream", ZIP, DOCX),
        ("/a", DOCX, ZIP, DOCX),
        ("/a.md", "text/plain", b"# Title", "text/markdown"),
        ("/a.csv", "text/plain", b"a,b", "text/csv"),
        ("/a", "text/plain", b"words", "text/plain"),
        ("/a", "image/jpeg", PNG, "image/png"),
    ],
)
def test_a_type_is_settled_by_what_is_said_and_what_is_seen(
    path: str, kind: str | None, body: bytes, is_really: str, tmp_path: Path
) -> None:
    with web({path: reply(body, kind)}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(path), tmp_path / "fetched")

    assert isinstance(result, Fetched)
    assert result.content_type == is_really


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/a.png", "image/png", b"<html><script>"),
        ("/a.pdf", "application/pdf", b"<html>please log in"),
        ("/a", "text/html", b"\x7fELF\x00\x00"),
        ("/a", "text/plain", ZIP),
        ("/a.zip", "application/zip", ZIP),
        ("/a", "application/x-msdownload", b"MZ"),
        ("/a", "application/json", b"{}"),
        ("/a", "image/svg+xml", b"<svg>"),
        ("/a", "video/mp4", b"...."),
        ("/a", "application/octet-stream", b"????"),
        ("/a", None, b"\x00\x01\x02"),
        ("/a", DOCX, b"<html>"),
    ],
)
def test_what_is_not_read_or_lies_about_itself_is_refused(
    path: str, kind: str | None, body: bytes, tmp_path: Path
) -> None:
    with web({path: reply(body, kind)}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(path), tmp_path / "fetched")

    assert isinstance(result, Refused)
    assert result.wrong_type
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "page.html"),
        ("/..%2f..%2fmeta.toml", "2f-2fmeta.html"),
        ("/.htaccess", "htaccess.html"),
        ("/a/b.c.html", "b-c.html"),
    ],
)
def test_the_name_of_the_file_is_ours(path: str, name: str, tmp_path: Path) -> None:
    with web({Url.parse(f"http://site.test{path}").path: page()}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(path), tmp_path / "fetched")

    assert isinstance(result, Fetched)
    assert result.path.parent == tmp_path / "fetched"
    assert result.path.suffix == ".html"
    assert result.path.stem.strip("-_").isascii()


def test_who_asks_for_patience_is_given_it(tmp_path: Path) -> None:
    answers = iter([reply(status=429, retry_after="7"), reply(status=503), page()])
    patience = Patience()
    with web({"/": lambda asked, line: next(answers)}) as site, fetcher_for(site, pace=patience) as fetcher:
        result = fetcher.get(site.url(), tmp_path / "fetched")

    assert isinstance(result, Fetched)
    assert patience.held == [7.0, 2.0]


@pytest.mark.parametrize("asked_for", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_who_asks_for_too_much_patience_is_left_alone(asked_for: str, tmp_path: Path) -> None:
    patience = Patience()
    with web({"/": reply(status=503, retry_after=asked_for)}) as site, fetcher_for(site, pace=patience) as fetcher:
        result = fetcher.get(site.url(), tmp_path / "fetched")

    assert isinstance(result, Failed)
    assert (patience.held, len(site.asked)) == ([], 1)


@pytest.mark.parametrize("asked_for", ["soon", "-5", "", "1e9", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_nonsense_in_retry_after_is_no_reason_to_wait_long(asked_for: str, tmp_path: Path) -> None:
    patience = Patience()
    with web({"/": reply(status=503, retry_after=asked_for)}) as site, fetcher_for(site, pace=patience) as fetcher:
        fetcher.get(site.url(), tmp_path / "fetched")

    assert all(0 <= each <= 2 for each in patience.held)


def test_closing_ends_what_goes_on_in_other_threads(tmp_path: Path) -> None:
    begun = threading.Event()

    def silent(asked: Asked, line: socket.socket) -> None:
        begun.set()
        line.recv(1)

    with web({"/": silent}) as site:
        fetcher = Fetcher(allowed_private=[f"site.test:{site.port}"], resolver=Names())
        ended: list[Any] = []

        def run() -> None:
            try:
                ended.append(fetcher.get(site.url(), tmp_path / "fetched"))
            except Stopped as error:
                ended.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        assert begun.wait(10)
        fetcher.close()
        thread.join(10)

    assert len(ended) == 1
    assert isinstance(ended[0], Stopped | Failed)


def test_a_pace_spreads_the_requests_of_all_threads() -> None:
    now = [0.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(2, clock=lambda: now[0], wait=wait)
    times = []
    for each in range(6):
        if each == 3:
            pace.slow_to(5)
        if each == 5:
            pace.hold(30)
        pace.step()
        times.append(now[0])

    assert times == [0, 0.5, 1, 1.5, 6.5, 36.5]


@contextmanager
def with_tls(named: str, folder: Path, said: bytes) -> Iterator[int]:
    context = a_certificate(named, folder)

    def run() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True) as safe:
                    safe.recv(65536)
                    safe.sendall(said)
            except (OSError, ssl.SSLError):
                pass  # who does not trust us hangs up

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@pytest.mark.parametrize(("named", "trusted"), [("site.test", True), ("other.test", False), ("127.0.0.1", False)])
def test_a_certificate_is_checked_for_the_name_that_was_asked(
    named: str, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with with_tls(named, tmp_path, reply("<html>safe")) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        with Fetcher(allowed_private=[f"site.test:{port}"], resolver=Names(), pace=Patience()) as fetcher:
            result = fetcher.get(f"https://site.test:{port}/", tmp_path / "fetched")

    if trusted:
        assert isinstance(result, Fetched)
    else:
        assert isinstance(result, Failed)
        assert "certificate" in result.reason
        assert not result.retryable


def test_no_redirect_gives_encryption_up_for_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with web({"/": page()}) as plain:
        reasons = []
        for host in ("other.test", "site.test"):
            with with_tls("site.test", tmp_path, to(plain.url("/", host))) as port:
                monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
                doors = [f"site.test:{port}", f"site.test:{plain.port}", f"other.test:{plain.port}"]
                with Fetcher(allowed_private=doors, resolver=Names(), pace=Patience()) as fetcher:
                    reasons.append(fetcher.get(f"https://site.test:{port}/", tmp_path / "fetched"))

    assert reasons[0] == Refused("it is redirected from https to another host without encryption")
    assert isinstance(reasons[1], Fetched)
    assert len(plain.asked) == 1
