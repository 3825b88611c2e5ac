"""Where a name leads: its addresses, and whether one of them may be connected to.

Whoever connects looks a name up once, has every answer judged, and connects to the judged address; a second look-up at
connect time could be answered differently.
"""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
"""The only way to this very machine is to say so; a public name that leads here is refused."""

_UNICAST = IPv6Network("2000::/3")
_6TO4 = IPv6Network("2002::/16")
_NAT64 = IPv6Network("64:ff9b::/96")
"""How a network without IPv4 reaches the rest of the internet: the last four bytes are the address meant."""

_DOORS_OF_LAMBDA = (9001, 2773)
"""On a function's own machine: the runtime that gives it its requests, and the extension that gives out secrets.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

_PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_CLOUD_METADATA = (IPv4Address("100.100.100.200"), IPv6Address("fd00:ec2::254"))
"""Machines in a cloud are told their own credentials here. The usual 169.254.169.254 is link-local, so not private."""


class LeadsInside(Exception):
    """A name has an answer that may not be connected to, or none at all."""


def resolve(host: str, port: int) -> list[Address]:
    """The addresses behind a name. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(each[4][0]).partition("%")[0]) for each in found))


def is_public(address: Address) -> bool:
    """Whether it is an address of the internet. `is_global` alone would say so of multicast and of wrapped IPv4."""
    inner = unwrapped(address)
    if not inner.is_global or inner.is_multicast:
        return False
    return isinstance(inner, IPv4Address) or (inner in _UNICAST and inner not in _6TO4)


def is_private(address: Address) -> bool:
    """Whether somebody's own network may use it for a server: this machine's and the private ranges, no others."""
    inner = unwrapped(address)
    return inner not in _CLOUD_METADATA and any(inner in network for network in _PRIVATE)


def may_be_asked(host: str, port: int, address: Address) -> bool:
    """The rule for addresses that somebody configured: the internet, and this machine where it is named plainly."""
    if host in LOOPBACK_NAMES:
        return address.is_loopback and port not in _DOORS_OF_LAMBDA
    return is_public(address)


def judged(found: Sequence[Address], allows: Callable[[Address], bool]) -> Address:
    """The address to connect to. One bad answer among good ones spoils them all: they come from the same hand.

    Raises:
        LeadsInside: there is none, or one that is not allowed.
    """
    if not found or not all(map(allows, found)):
        raise LeadsInside
    # IPv4 first: a Lambda function has no IPv6 of its own.
    return min(found, key=lambda each: each.version)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that is meant by an IPv6 address, in the two forms that networks still use."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address
