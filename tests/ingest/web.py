"""Websites on loopback, answered byte by byte as a test wants it, and a guard against connecting anywhere else."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest

from aisdr.addresses import Address

Answer = bytes | Callable[["Asked", socket.socket], bytes | None]
"""All bytes of an answer, or what gives them; None when it has said everything itself."""


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: Mapping[str, str]


def reply(
    body: bytes | str = b"", kind: str | None = "text/html; charset=utf-8", status: int = 200, **headers: str
) -> bytes:
    """A proper answer. `content_length=""` leaves a header out; names are written with `_`."""
    content = body.encode() if isinstance(body, str) else body
    told = {"content-length": str(len(content)), "connection": "close"}
    told |= {"content-type": kind} if kind else {}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode("latin-1") + content


def page(*links: str, head: str = "", text: str = "A page of words.") -> bytes:
    body = "".join(f'<a href="{link}">there</a>' for link in links)
    return reply(f"<!doctype html><html><head>{head}</head><body><p>{text}</p>{body}</body></html>")


def to(place: str, status: int = 301) -> bytes:
    return reply(status=status, location=place)


@dataclass
class Web:
    """A server under any name. `answers` are by path with query; what is not there answers 404."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/", host: str = "site.test") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def serve(self, line: socket.socket) -> None:
        with line:
            line.settimeout(30)
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    if not (part := line.recv(65536)):
                        return
                    head += part
                first, *lines = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
                asked = Asked(first.split(" ")[1], headers)
                self.asked.append(asked)
                answer = self.answers.get(asked.path, reply(status=404))
                said = answer(asked, line) if callable(answer) else answer
                if said is not None:
                    line.sendall(said)
            except OSError:
                pass  # the other side hung up, which is what some tests are about


@contextmanager
def web(answers: dict[str, Answer] | None = None) -> Iterator[Web]:
    site = Web(answers or {})
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        site.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=site.serve, args=[line], daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


class Names:
    """A resolver of our own: names it was not told are on loopback. It remembers what it was asked."""

    def __init__(self, **found: str | list[str]) -> None:
        self.asked: list[str] = []
        self._found = {name.replace("_", "."): found[name] for name in found}

    def __call__(self, host: str, port: int) -> list[Address]:
        self.asked.append(host)
        try:
            return [ip_address(host)]
        except ValueError:
            found = self._found.get(host, "127.0.0.1")
            return [ip_address(each) for each in ([found] if isinstance(found, str) else found)]


@pytest.fixture
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whoever connects or looks up beyond this machine fails the test. Yields what was tried."""
    tried: list[Any] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded(line: socket.socket, address: Any) -> None:
        if line.family in (socket.AF_INET, socket.AF_INET6) and not ip_address(address[0]).is_loopback:
            tried.append(address)
            raise AssertionError(f"{address} was connected to")
        connect(line, address)

    def looked_up(host: Any, *more: Any, **named: Any) -> Any:
        if host not in ("localhost", "127.0.0.1", "::1"):
            tried.append(host)
            raise AssertionError(f"{host} was looked up")
        return look_up(host, *more, **named)

    monkeypatch.setattr(socket.socket, "connect", guarded, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return tried
