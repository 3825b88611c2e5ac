"""The misbehaving wire does what it is told, and nothing else."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dev.fault_proxy import FaultProxy, deaf_address, proxying
from dev.serve import serving

ANSWER = "x" * 1000


class Upstream:
    """Answers, and counts what reached it."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, _: Request) -> Response:
        self.asked += 1
        return PlainTextResponse(ANSWER)


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[FaultProxy]:
    with serving(Starlette(routes=[Route("/", upstream.answer)])) as url:
        port = httpx.URL(url).port
        assert port is not None
        with proxying(port) as each:
            yield each


def get(proxy: FaultProxy, seconds: float = 5) -> str:
    return httpx.get(proxy.url, timeout=seconds).text


def test_without_a_fault_it_is_a_wire(proxy: FaultProxy) -> None:
    assert get(proxy) == ANSWER
    assert proxy.connections == 1


@pytest.mark.parametrize("fault", [{"latency": 0.2}, {"jitter": 0.2}, {"rate": 5000}, {"latency": 0.1, "jitter": 0.1}])
def test_a_slow_wire_brings_everything_late(proxy: FaultProxy, fault: dict[str, float]) -> None:
    began = time.monotonic()
    with proxy.broken(**fault):
        assert get(proxy) == ANSWER

    if "jitter" not in fault:  # which may be nothing
        assert time.monotonic() - began >= 0.2


def test_a_dripping_wire_brings_byte_after_byte(proxy: FaultProxy) -> None:
    with proxy.broken(drip=0.05), socket.create_connection(("127.0.0.1", proxy.port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

        assert [len(line.recv(100)) for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize("count", [0, 1, 60, 900])
def test_a_reset_comes_after_exactly_so_many_bytes(proxy: FaultProxy, count: int) -> None:
    got = b""
    with proxy.broken(reset_at=count), socket.create_connection(("127.0.0.1", proxy.port)) as line:
        line.settimeout(5)
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises(ConnectionResetError):  # noqa: PT012 - the bytes before it count, too
            while part := line.recv(4096):
                got += part

    assert len(got) <= count  # what the kernel held when the reset came is lost


def test_a_half_open_wire_takes_the_request_and_says_nothing(proxy: FaultProxy, upstream: Upstream) -> None:
    with proxy.broken(half_open=True), pytest.raises(httpx.ReadTimeout):
        get(proxy, 0.3)

    assert upstream.asked == 1


def test_a_black_hole_lets_nothing_through(proxy: FaultProxy, upstream: Upstream) -> None:
    with proxy.broken(blackhole=True), pytest.raises(httpx.ReadTimeout):
        get(proxy, 0.3)

    assert upstream.asked == 0
    assert get(proxy) == ANSWER


def test_a_refused_connection_reaches_nobody(proxy: FaultProxy, upstream: Upstream) -> None:
    with proxy.broken(refuse=True), pytest.raises(httpx.TransportError):
        get(proxy)

    assert upstream.asked == 0


def test_at_a_deaf_address_no_connection_comes_about() -> None:
    with deaf_address() as url, pytest.raises(httpx.ConnectTimeout):
        httpx.get(url, timeout=httpx.Timeout(5, connect=0.3))
