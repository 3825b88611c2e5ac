"""Where a text may lead that a model wrote: to the company's own hosts, and to the pages that it has on others' hosts.

A host of the company's own is trusted whole. Where it only has a page, as at a vendor of calendars, everybody else has
one beside it: there an address counts with its origin and its path, and with no parameter that the company has not
written. Why so: docs/decisions/0024-where-an-answer-may-lead.md. The widget decides by the same rule
(`widget/src/destination.ts`), and both are held against the same cases (`tests/data/destinations.json`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import parse_qsl, urlsplit

MAX_LENGTH = 2000
"""Characters of an address."""

_READ_ONE_WAY = re.compile(r"[!-\[\]-~]+")
"""What can be seen, of ASCII, without the backslash, which browsers read as a slash."""
_WEB = re.compile(
    r"(?P<scheme>https?)://(?P<host>[\w-]+(?:\.[\w-]+)*)(?::(?P<port>\d{0,5}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.IGNORECASE | re.ASCII,
)
"""Without a user's name before the host, without escapes in it, and without the dot that may end it."""
_PORTS = {"http": 80, "https": 443}
_ESCAPED = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
_NEEDS_NO_ESCAPE = re.compile(r"[\w.~-]", re.ASCII)
_READ_TWO_WAYS = re.compile(r"%(?![0-9a-f]{2})|%(?:2f|5c|25|7f|[01][0-9a-f])|(?:\.|%2e)(?:;|%3b)|//", re.IGNORECASE)
"""In a path: escapes that are none, are opened a second time by some, or taken for a slash; dots that some servers
obey although something follows; and a step without a name, which some leave out."""


@dataclass(frozen=True)
class Destinations:
    """Where one company's answers may lead."""

    hosts: tuple[str, ...] = ()
    """The company's own: with all hosts below them, with any port and any path."""
    pages: tuple[str, ...] = ()
    """Its addresses on others' hosts: each with what lies below it. What stands in braces is filled in later."""

    @classmethod
    def of(cls, hosts: Iterable[str], named: Iterable[str | None]) -> Self:
        """Of addresses that an operator named, those on a host of the company's own need no page of their own, and one
        that has nothing behind its host names that host's origin whole."""
        own = tuple(dict.fromkeys(hosts))
        pages = (each for each in named if each and not _is_below(host_of(each), own) and _page(each) is not None)
        return cls(own, tuple(dict.fromkeys(pages)))

    def include(self, address: str) -> bool:
        """Whether it leads to one of them. Nothing may be read two ways.

        A letter is opened without words that somebody else has put into it, and only to a mailbox of the own hosts.
        """
        if len(address) > MAX_LENGTH or not _READ_ONE_WAY.fullmatch(address):
            return False
        if mail := re.fullmatch(r"mailto:[\w.+-]+@([\w.-]+)", address, re.IGNORECASE):
            return _is_below(mail[1].lower(), self.hosts)
        if (web := _WEB.fullmatch(address)) is None or int(web["port"] or 0) > 65535:
            return False
        return _is_below(web["host"].lower(), self.hosts) or any(page.takes(web) for page in self._pages)

    @cached_property
    def _pages(self) -> tuple["_Page", ...]:
        return tuple(page for each in self.pages if (page := _page(each)) is not None)


def hosts_of(addresses: Iterable[str | None], *, exactly: bool = False) -> tuple[str, ...]:
    """The hosts of addresses, each once; unless `exactly`, without the `www` that a website has beside its name."""
    hosts = [host for each in addresses if each and (host := host_of(each))]
    return tuple(dict.fromkeys(host if exactly else host.removeprefix("www.") for host in hosts))


def host_of(address: str) -> str:
    """In lower case; empty where it has none, or is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


@dataclass(frozen=True)
class _Page:
    """A page of the company's on a host that is not its own."""

    origin: tuple[str, str, int]
    steps: tuple[str, ...]
    parameters: dict[str, str | None]
    """The company's own; None where any value may stand."""
    fragment: str | None
    alone: bool
    """It is told from others' by its query or its fragment: what lies below could be anybody's."""

    def takes(self, web: re.Match[str]) -> bool:
        steps = _steps(web["path"] or "/")
        if steps is None or _origin(web) != self.origin or steps[: len(self.steps)] != self.steps:
            return False
        if self.alone and steps != self.steps:
            return False
        return web["fragment"] in (None, "", self.fragment) and self._is_asked_alike(web["query"] or "")

    def _is_asked_alike(self, query: str) -> bool:
        """By the company's own parameters, each once, with its own values; some servers part them at `;` too."""
        given = parse_qsl(query, keep_blank_values=True)
        asked = dict(given)
        return (
            len(asked) == len(given)
            and ";" not in query
            and all(name in self.parameters for name in asked)
            and all(value is None or asked.get(name) == value for name, value in self.parameters.items())
        )


def _page(address: str) -> _Page | None:
    """None for what is no address of the web, or has a visitor's words where the company's page is told from others."""
    web = _WEB.fullmatch(address) if _READ_ONE_WAY.fullmatch(address) else None
    if web is None:
        return None
    written = (web["path"] or "/").partition("{")
    whole = written[0] if not written[1] else written[0][: written[0].rindex("/") + 1]
    steps = _steps(whole)
    if steps is None or (written[1] and not steps):
        return None
    given = parse_qsl(web["query"] or "", keep_blank_values=True)
    parameters = {name: None if "{" in value else value for name, value in given if "{" not in name}
    alone = bool(web["fragment"]) or any(value is not None for value in parameters.values())
    return _Page(_origin(web), steps, parameters, web["fragment"], alone)


def _origin(web: re.Match[str]) -> tuple[str, str, int]:
    scheme = web["scheme"].lower()
    return scheme, web["host"].lower(), int(web["port"] or _PORTS[scheme])


def _steps(path: str) -> tuple[str, ...] | None:
    """As a browser walks them, without needless escapes; None where another reader could walk elsewhere."""
    if _READ_TWO_WAYS.search(path):
        return None
    steps: list[str] = []
    for each in _ESCAPED.sub(_unescaped, path).split("/"):
        if each == "..":
            del steps[-1:]
        elif each not in (".", ""):
            steps.append(each)
    return tuple(steps)


def _unescaped(found: re.Match[str]) -> str:
    plain = chr(int(found[1], 16))
    return plain if _NEEDS_NO_ESCAPE.fullmatch(plain) else found[0].upper()


def _is_below(host: str, hosts: Iterable[str]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in hosts if each)
