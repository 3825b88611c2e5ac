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
from aisdr.errors import AisdrError, VendorError
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Fetched, Refused
from aisdr.ingest.pace import Pace
from aisdr.outbound import Outbound
from aisdr.written import Origin, PrivateAddress
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.input.hostile_addresses import (
    INSIDE,
    LED_TO,
    MALFORMED,
    NAMES,
    ORIGINS,
    OURS,
    PLAIN,
    PUBLIC,
    WILD,
)
from benchmarks.scoreboard.scene.outside import the_outside
from benchmarks.scoreboard.scene.stage import Stage, stage
from tests import doors
from tests.ingest.web import Names, page, to, web


class Rebound(Names):
    """A name that leads to its site at the first look-up, and then to where clouds keep their keys."""

    def __call__(self, host: str, port: int) -> list[Address]:
        known = host in self.asked
        found = super().__call__(host, port)
        return [ip_address("169.254.169.254")] if known else found


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
    names = _names()
    for place in LED_TO:
        with web({"/": to(place)}) as site, _fetcher(names, f"site.test:{site.port}") as fetcher:
            result = fetcher.get(site.url(), folder / "led")
            yield f"led to {place}", isinstance(result, Refused) and len(site.asked) == 1
    with web({"/": to("/there"), "/there": page()}) as site, _fetcher(names, f"site.test:{site.port}") as fetcher:
        yield "led to the same site", isinstance(fetcher.get(site.url(), folder / "led"), Fetched)
    with web({"/": page()}) as site, _fetcher(Rebound(), f"site.test:{site.port}") as fetcher:
        first, second = (fetcher.get(site.url(), folder / "led") for _ in range(2))
        yield "rebound", isinstance(first, Fetched) and isinstance(second, Refused) and len(site.asked) == 1


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


def _names() -> Names:
    return Names(**{name.replace(".", "_"): found for name, found in NAMES.items()})  # type: ignore[arg-type]


def _fetcher(names: Names, *allowed: str) -> Fetcher:
    return Fetcher(allowed_private=allowed, resolver=names, pace=Pace(wait=lambda seconds: None))


def _is_refused(url: str, folder: Path) -> bool:
    names = _names()
    with _fetcher(names) as fetcher:
        return isinstance(fetcher.get(url, folder / "fetched"), Refused)


def _is_not_posted_to(url: str) -> bool:
    names = _names()
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
