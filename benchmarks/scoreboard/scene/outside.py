"""Whom this process connects to or looks up, other than itself: noted by the interpreter, whatever library does it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any


@contextmanager
def the_outside() -> Iterator[list[str]]:
    """The hosts, as they come up."""
    found: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not watching or event not in ("socket.connect", "socket.getaddrinfo"):
            return
        host = arguments[0] if event == "socket.getaddrinfo" else _host(arguments[1])
        if isinstance(host, str) and host != "localhost" and not _is_loopback(host):
            found.append(host)

    sys.addaudithook(hook)  # it can never be taken away
    try:
        yield found
    finally:
        watching = False


def _host(address: Any) -> Any:
    """Unix sockets have a path in its place."""
    return address[0] if isinstance(address, tuple) else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
