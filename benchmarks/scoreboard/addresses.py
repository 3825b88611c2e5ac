"""S-18: every way to write an address that leads inside, and every way to write an origin that is nearly the right one.

Each row is judged by all who would act on it: the fetcher of websites, the sender of webhooks and tool calls, the check
of a configuration; for origins the company, the session's door, the relay's handshake. Nothing inside may be connected
to meanwhile. What must be let through stands among the rows, too.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter, ValidationError

from aisdr.addresses import Address, is_public
from aisdr.configuration import Origin, PrivateAddress
from aisdr.errors import AisdrError, VendorError
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Fetched, Refused
from aisdr.ingest.pace import Pace
from aisdr.outbound import Outbound
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.outside import the_outside
from benchmarks.scoreboard.stage import Stage, stage
from tests import doors
from tests.ingest.web import Names, page, to, web

INSIDE = (
    *(
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
    ),
    *("127.0.0.0x1", "127.255.255.254", "0.0.0.0", "0", "10.0.0.1", "0x0a000001", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.1"),
    *("192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]"),
    *("[::ffff:0:127.0.0.1]", "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]"),
    *("[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fec0::1]"),
    *("[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[100::1]", "[fe80::1%25eth0]"),
    *(
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "127．0．0．1",
        "localhost.",
        "LOCALHOST",
        "ｌｏｃａｌｈｏｓｔ",
        "x.localhost",
    ),
    *("db.corp", "rebound.test", "mixed.test", "metadata.google.internal", "xn--le-6kc8da.corp"),
)
"""Hosts that lead to this machine, into a private network, or to where clouds keep their keys."""

PLAIN = ("127.0.0.1", "[::1]", "LOCALHOST")
"""An operator who says so means this machine, but for the doors that Lambda itself has there."""

NAMES = {
    "db.corp": "10.1.2.3",
    "mixed.test": ["93.184.216.34", "169.254.169.254"],
    "metadata.google.internal": "169.254.169.254",
    "xn--le-6kc8da.corp": "192.168.0.9",
}

MALFORMED = (
    *(
        "",
        " ",
        "//site.test/",
        "site.test",
        "/etc/passwd",
        "http:",
        "http://",
        "http:///path",
        "http:site.test",
        "https:/site.test",
    ),
    *("file:///etc/passwd", "ftp://site.test/", "gopher://site.test/_x", "data:text/html,x", "javascript:alert(1)"),
    *(
        "dict://site.test:11211/",
        "ldap://site.test/",
        "jar:http://site.test!/",
        "ws://site.test/",
        "s3://bucket/key",
        "unix:/run/x",
    ),
    *(
        "http://user:secret@site.test/",
        "http://site.test@10.0.0.1/",
        "http://10.0.0.1#@site.test/@x",
        "http://a:b@site.test/",
    ),
    *(
        "http://site.test\\@10.0.0.1/",
        "http:\\\\10.0.0.1\\",
        "http://site.test/\r\nHost: inside",
        "http://site.test/a b",
    ),
    *(
        "http://site.test\t/",
        "http://site.test\0.evil.test/",
        "ht\ntp://site.test/",
        "http://site.test:99999/",
        "http://site.test:port/",
    ),
    *(
        "http://site.test:22/",
        "http://site.test:25/",
        "http://site.test:6379/",
        "http://site.test:9001/",
        "http://site.test:2773/",
    ),
    *(
        "http://site.test:0/",
        "http://site.test:-1/",
        "http://site.test:٣/",
        "http://[::1/",
        "http://[v1.fe80::a]/",
        "http://]/",
    ),
    *(
        "http://si%74e.test/",
        "http://127.0.0.1%2f.site.test/",
        "http://site..test/",
        "http://-site.test/",
        "http://.test/",
    ),
    *(
        "http://" + "a" * 64 + ".test/" * 80,
        "http://site.test/" + "a" * 3000,
        "http://\udcff.test/",
        "http://a_b c.test/",
    ),
)
"""What is no address of the web that may be fetched: the scheme, who asks, the port, or its form."""

LED_TO = (
    *(
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://2852039166/",
        "http://db.corp/",
    ),
    *("file:///etc/passwd", "gopher://127.0.0.1:9001/", "http://localhost:2773/secretsmanager/get", "//db.corp/"),
    *("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "http://user@site.test/", "http://mixed.test/"),
    *(
        "http://0x7f.1/",
        "//[::1]/",
        "http://site.test:22/",
        "javascript:alert(1)",
        "\\\\db.corp\\x",
        "http://rebound.test/",
    ),
)
"""Where a website that may be asked sends us on to."""

PUBLIC = ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::1", "64:ff9b::808:808", "::ffff:8.8.8.8")

OURS = "https://acme.example"
ORIGINS = (
    *(
        "",
        " ",
        "null",
        "*",
        "https://",
        "acme.example",
        "//acme.example",
        "https://acme.example/",
        "https://acme.example//",
    ),
    *(
        "http://acme.example",
        "HTTPS://acme.example",
        "https://ACME.example",
        "https://Acme.Example",
        "https://acme.example:443",
    ),
    *(
        "https://acme.example:80",
        "https://acme.example:8443",
        "https://acme.example.",
        "https://.acme.example",
        "https://acme.example ",
    ),
    *(
        " https://acme.example",
        "https://acme.example\t",
        "https://acme.example\0",
        "https://acme.example%00",
        "https://acme.example%20",
    ),
    *(
        "https://sub.acme.example",
        "https://www.acme.example",
        "https://acme.example.evil.example",
        "https://evilacme.example",
    ),
    *(
        "https://acme-example",
        "https://acmeXexample",
        "https://evil.example/https://acme.example",
        "https://evil.example#acme.example",
    ),
    *("https://acme.example@evil.example", "https://evil.example@acme.example", "https://acme.example:@evil.example"),
    *(
        "https://acme.example,https://evil.example",
        "https://acme.example https://evil.example",
        "https://acme.example/path",
    ),
    *(
        "https://acme.example?x",
        "https://acme.example#x",
        "https://аcme.example",
        "https://acme.examp1e",
        "https://acme.еxample",
    ),
    *("https://xn--cme-8cd.example", "https://acme\u200b.example", "https://acme。example", "https://ａｃｍｅ.example"),
    *(
        "file://",
        "file://acme.example",
        "data:text/html,x",
        "blob:https://acme.example/1",
        "chrome-extension://acme.example",
    ),
    *(
        "https://localhost",
        "http://localhost:3001",
        "https://127.0.0.1",
        "https://[::1]",
        "https:\\\\acme.example",
        "https:/acme.example",
    ),
    *("https://globex.example", "https://evil.example", "https://acme.example" * 50, "[]", "undefined", "true"),
)
"""Origins that are not the company's, however near."""

WILD = (
    *(
        "*",
        "https://*",
        "https://*.acme.example",
        "null",
        "https://acme.example/",
        "https://ACME.example",
        "acme.example",
    ),
    *(
        "https://acme.example:*",
        "https://user@acme.example",
        "ftp://acme.example",
        "https://",
        "https://acme.example?x",
        "",
    ),
)
"""Origins that no operator can write down."""


class Rebound(Names):
    """A name of the internet at the first look-up, and of this machine at the next."""

    def __call__(self, host: str, port: int) -> list[Address]:
        if host != "rebound.test":
            return super().__call__(host, port)
        self.asked.append(host)
        return [ip_address("127.0.0.1")]


Row = tuple[str, bool]
"""What was tried, and whether it came out as it must."""


def measure(form: Form) -> Figure:
    with the_outside() as outside, TemporaryDirectory(prefix="aisdr-addresses-") as folder:
        rows = {
            "hosts": list(_hosts(Path(folder))),
            "malformed": list(_malformed(Path(folder))),
            "redirects": list(_redirects(Path(folder))),
            "wrapped": list(_wrapped(20_000 if form == "full" else 2_000)),
            "let through": [(each, is_public(ip_address(each))) for each in PUBLIC],
        }
        with stage() as theirs:
            rows |= {
                "origins": list(_origins(theirs, ORIGINS if form == "full" else ORIGINS[::4])),
                "wild origins": [(each, _is_refused_by(Origin, each)) for each in WILD],
            }
        wrong = [f"{kind}: {what}" for kind, found in rows.items() for what, right in found if not right]
        strangers = sorted(set(outside))
    counted = Counter({kind: len(found) for kind, found in rows.items()})
    return Figure(
        f"{counted.total() - len(wrong):,} of {counted.total():,} as they must ("
        + ", ".join(f"{count:,} {kind}" for kind, count in counted.items())
        + f"), {len(strangers)} connections outside",
        "all, 0",
        not wrong and not strangers and all(counted.values()),
        {"rows": dict(counted), "wrong": wrong, "outside": strangers},
    )


def _hosts(folder: Path) -> Iterator[Row]:
    for host in INSIDE:
        for url in (f"http://{host}/", f"https://{host}:443/x"):
            yield f"fetch {url}", _is_refused(url, folder)
        if host not in PLAIN:
            yield f"post to {host}", _is_not_posted_to(f"https://{host}/hook")
    for host, port in ((host, port) for host in (*PLAIN, "localhost") for port in (9001, 2773)):
        yield f"post to {host}:{port}", _is_not_posted_to(f"http://{host}:{port}/hook")


def _malformed(folder: Path) -> Iterator[Row]:
    for url in MALFORMED:
        yield f"fetch {url[:60]!r}", _is_refused(url, folder)
        if not url.startswith("http"):
            yield f"configure {url[:60]!r}", _is_refused_by(PrivateAddress, url)


def _redirects(folder: Path) -> Iterator[Row]:
    names = Rebound(**{name.replace(".", "_"): found for name, found in NAMES.items()})  # type: ignore[arg-type]
    for place in LED_TO:
        with web({"/": to(place)}) as site, _fetcher(names, f"site.test:{site.port}") as fetcher:
            result = fetcher.get(site.url(), folder / "led")
            yield f"led to {place}", isinstance(result, Refused) and len(site.asked) == 1
    with web({"/": to("/there"), "/there": page()}) as site, _fetcher(names, f"site.test:{site.port}") as fetcher:
        yield "led to the same site", isinstance(fetcher.get(site.url(), folder / "led"), Fetched)


def _wrapped(count: int) -> Iterator[Row]:
    """Random addresses of every private network, in each form in which IPv6 can carry one."""
    chance = random.Random(18)  # noqa: S311 - the same at every run
    networks = [IPv4Network(each) for each in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12")]
    networks += [IPv4Network(each) for each in ("192.168.0.0/16", "100.64.0.0/10", "0.0.0.0/8", "224.0.0.0/3")]
    forms: tuple[Callable[[int], Address], ...] = (
        IPv4Address,
        lambda number: IPv6Address(0xFFFF << 32 | number),
        lambda number: IPv6Address(number),
        lambda number: IPv6Address(int(IPv6Address("64:ff9b::")) | number),
        lambda number: IPv6Address(0x2002 << 112 | number << 80),
        lambda number: IPv6Address(0x20010000 << 96 | (number ^ 0xFFFFFFFF)),
    )
    for place in range(count):
        network = networks[place % len(networks)]
        number = int(network.network_address) + chance.randrange(network.num_addresses)
        address = forms[place // len(networks) % len(forms)](number)
        yield str(address), not is_public(address)


def _origins(theirs: Stage, origins: Sequence[str]) -> Iterator[Row]:
    company, services = theirs.company, theirs.services
    for origin in origins:
        yield f"allowed {origin[:60]!r}", not company.allows(origin)
        reply = _open(origin)
        yield f"session for {origin[:60]!r}", reply.status in (403, 422) and "origin" in reply.text
        ticket = services.sessions.issue(services.sessions.open(company, OURS, None)).ticket
        yield f"relay for {origin[:60]!r}", _raises(lambda t=ticket, o=origin: services.entrance.enter("c", t, o))  # type: ignore[misc]
    yield f"session for {OURS}", _open(OURS).status == 200
    ticket = services.sessions.issue(services.sessions.open(company, OURS, None)).ticket
    yield f"relay for {OURS}", not _raises(lambda: services.entrance.enter("c", ticket, OURS))


def _open(origin: str) -> doors.Reply:
    return doors.call("POST", "/api/session", body={"companyId": "acme", "mode": "text"}, origin=origin)


def _raises(act: Callable[[], None]) -> bool:
    try:
        act()
    except AisdrError:
        return True
    return False


def _fetcher(names: Names, *allowed: str) -> Fetcher:
    return Fetcher(allowed_private=allowed, resolver=names, pace=Pace(wait=lambda seconds: None))


def _is_refused(url: str, folder: Path) -> bool:
    names = Rebound(**{name.replace(".", "_"): found for name, found in NAMES.items()})  # type: ignore[arg-type]
    with _fetcher(names) as fetcher:
        return isinstance(fetcher.get(url, folder / "fetched"), Refused)


def _is_not_posted_to(url: str) -> bool:
    names = Rebound(**{name.replace(".", "_"): found for name, found in NAMES.items()})  # type: ignore[arg-type]
    try:
        Outbound("company", names).post(url, b"{}", {}, seconds=1)
    except VendorError as error:
        return error.code in ("private_address", "invalid_address") and not error.retryable
    return False


def _is_refused_by(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return True
    return False
