"""Addresses of the web, taken apart once and strictly: two readings of one address are how a fetcher is led astray."""

import re
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

import idna

MAX_LENGTH = 2000
"""Characters. Longer ones are not typed, not printed, and grow where a site makes them up."""

PORTS = {"http": 80, "https": 443}

_REFUSED = re.compile(r"[\x00-\x20\x7f\\]")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})|%|[^!-~]+")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSAFE = str.maketrans({each: f"%{ord(each):02X}" for each in '"<>^`{|}'})


class NoAddress(ValueError):
    """This is no address that may be fetched; the message says why, with the address left out."""


@dataclass(frozen=True)
class Url:
    """An address in its one normal form (RFC 3986, 6.2.2): equal when they are the same address. No fragment.

    `host` is lower case and ASCII, an IPv6 address without its brackets; `path` begins with `/`; `query` is empty
    where there is none.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    @classmethod
    def parse(cls, text: str) -> "Url":
        """Raises: NoAddress."""
        if len(text) > MAX_LENGTH:
            raise NoAddress(f"it is longer than {MAX_LENGTH} characters")
        if _REFUSED.search(text):
            raise NoAddress("it has spaces, control characters or backslashes in it")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise NoAddress("it is no proper address") from error
        if parts.scheme not in PORTS:
            raise NoAddress("only http and https are fetched")
        if "@" in parts.netloc:
            raise NoAddress("it carries a user name: take it out, pages behind a login are not fetched")
        host = _host(parts)
        path = _without_dots(_encoded(parts.path))  # in this order, for a dot may be written `%2e`
        made = cls(parts.scheme, host, PORTS[parts.scheme] if port is None else port, path, _encoded(parts.query))
        if len(str(made)) > MAX_LENGTH:  # what is escaped takes three characters for each byte
            raise NoAddress(f"it is longer than {MAX_LENGTH} characters")
        return made

    @classmethod
    def joined(cls, base: "Url", reference: str) -> "Url":
        """What a reference in a page at `base` means, read as browsers do. Raises: NoAddress."""
        cleaned = re.sub(r"[\t\n\r]", "", reference.strip()).replace(" ", "%20")
        try:
            return cls.parse(urljoin(str(base), cleaned))
        except NoAddress:
            raise
        except ValueError as error:
            raise NoAddress("it is no proper address") from error

    def at(self, path: str, query: str = "") -> "Url":
        return replace(self, path=path, query=query)

    @property
    def authority(self) -> str:
        """What stands in the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if not host:
        raise NoAddress("it names no host")
    if ":" in host:
        return _ip(host)
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except UnicodeError as error:
            raise NoAddress("its host is no proper name") from error
    # `0x7f.1`, `2130706433` and `0177.0.0.1` are all this machine to some and a name to others.
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _ip(host)
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise NoAddress("its host is no proper name")
    return host


def _ip(host: str) -> str:
    try:
        if "%" in host:
            raise ValueError
        return str(ip_address(host))
    except ValueError as error:
        raise NoAddress("its host is an IP address in an unusual spelling") from error


def _without_dots(path: str) -> str:
    """`.` and `..` taken away, of a path in which they are spelled so."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for number, segment in enumerate(segments):
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
        if segment in (".", "..") and number == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _encoded(text: str) -> str:
    """Escapes in one spelling: none for what needs none, capital letters for the others."""

    def one(found: re.Match[str]) -> str:
        if found[1]:
            character = chr(int(found[1], 16))
            return character if character in _UNRESERVED else found[0].upper()
        if found[0] == "%":
            return "%25"
        return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))

    return _ESCAPE.sub(one, text).translate(_UNSAFE)
