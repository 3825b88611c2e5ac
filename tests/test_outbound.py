"""Outbound posts: judged addresses only, one look-up, a deadline for all, an answer that may be cut."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from aisdr.addresses import Address, is_public
from aisdr.errors import VendorError
from aisdr.outbound import Outbound
from dev.serve import serving

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


@contextmanager
def listening(serve: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serves one connection by hand; yields the port."""

    def run() -> None:
        try:
            line, _ = listener.accept()
            with tls.wrap_socket(line, server_side=True) if tls else line as each:
                serve(each)
        except OSError:
            pass  # the other side hung up, which is what some tests are about

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
    thread.join(10)


def answer(line: socket.socket) -> None:
    read = b""
    while not read.endswith(b"{}"):  # a line that is closed with something unread is reset
        read += line.recv(65536)
    line.sendall(OK)


def answers(*found: str) -> Callable[[str, int], list[Address]]:
    return lambda host, port: [ip_address(each) for each in found]


def post(url: str, seconds: float = 5, max_bytes: int = 4096) -> tuple[int, bytes, bool]:
    reply = Outbound("webhook").post(url, b"{}", {"x-test": "1"}, seconds=seconds, max_bytes=max_bytes)
    return reply.status, reply.body, reply.complete


def test_a_post_arrives_as_it_was_given_under_the_name_that_was_asked() -> None:
    seen: list[tuple[bytes, list[str | None]]] = []

    async def take(request: Request) -> Response:
        seen.append((await request.body(), [request.headers.get(each) for each in ("host", "x-test", "connection")]))
        return Response(b"thanks", 201)

    with serving(Starlette(routes=[Route("/hooks", take, methods=["POST"])])) as url:
        port = url.rpartition(":")[2]
        got = post(f"http://localhost:{port}/hooks?tenant=1")

    assert got == (201, b"thanks", True)
    assert seen == [(b"{}", [f"localhost:{port}", "1", "close"])]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused here, bound to nowhere
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    outbound = Outbound("webhook", answers(address))

    with pytest.raises(VendorError, match="leads into a private network") as refused:
        outbound.post("https://hooks.example/", b"", {}, seconds=1)

    assert (refused.value.code, refused.value.retryable) == ("private_address", False)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    outbound = Outbound("webhook", answers("93.184.216.34", "10.0.0.1"))

    with pytest.raises(VendorError, match="private network"):
        outbound.post("https://hooks.example/", b"", {}, seconds=1)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2:1/", "http://2130706433:1/", "http://0x7f.1:1/", "http://[::ffff:127.0.0.1]:1/"]
)
def test_this_machine_must_be_named_plainly(url: str) -> None:
    with pytest.raises(VendorError, match="private network"):
        post(url)


@pytest.mark.parametrize("port", [9001, 2773])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_doors_of_a_functions_own_machine_are_not_knocked_at(host: str, port: int) -> None:
    """Behind them its runtime gives out requests and its extension gives out secrets."""
    with pytest.raises(VendorError, match="private network"):
        post(f"http://{host}:{port}/")


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://hooks.example/", ("hooks.example", 80)),
        ("https://hooks.example/", ("hooks.example", 443)),
        ("HTTPS://hooks.example/", ("hooks.example", 443)),
        ("https://hooks.example:8443/", ("hooks.example", 8443)),
    ],
)
def test_a_name_is_looked_up_for_the_port_that_is_meant(url: str, asked: tuple[str, int]) -> None:
    seen: list[tuple[str, int]] = []

    def resolver(host: str, port: int) -> list[Address]:
        seen.append((host, port))
        return [ip_address("10.0.0.1")]

    with pytest.raises(VendorError, match="private network"):
        Outbound("webhook", resolver).post(url, b"{}", {}, seconds=5)

    assert seen == [asked]


def test_a_name_is_looked_up_once_so_that_a_second_answer_cannot_lead_inside() -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[Address]:
        asked.append(host)
        return [ip_address("127.0.0.1")]

    with listening(answer) as port:
        Outbound("webhook", resolver).post(f"http://localhost:{port}/", b"{}", {}, seconds=5)

    assert asked == ["localhost"]


def test_a_redirect_is_an_answer_and_not_an_order() -> None:
    came: list[str] = []

    async def elsewhere(request: Request) -> Response:
        came.append(request.url.path)
        return RedirectResponse("/inside", 307)

    with serving(Starlette(routes=[Route("/{path}", elsewhere, methods=["POST", "GET"])])) as url:
        status, _, _ = post(f"{url}/hooks")

    assert (status, came) == (307, ["/hooks"])


def test_a_long_answer_is_cut() -> None:
    async def much(request: Request) -> Response:
        return Response(b"x" * 100_000)

    with serving(Starlette(routes=[Route("/hooks", much, methods=["POST"])])) as url:
        assert post(f"{url}/hooks", max_bytes=1000) == (200, b"x" * 1000, False)


def test_of_an_answer_four_kilobytes_are_read_where_nobody_says_more() -> None:
    async def much(request: Request) -> Response:
        return Response(b"x" * 4097)

    with serving(Starlette(routes=[Route("/hooks", much, methods=["POST"])])) as url:
        reply = Outbound("webhook").post(f"{url}/hooks", b"{}", {}, seconds=5)

    assert (reply.body, reply.complete) == (b"x" * 4096, False)


def test_without_time_nobody_is_asked() -> None:
    with pytest.raises(VendorError, match="No time is left") as late:
        post("http://127.0.0.1:9/", seconds=0)

    assert late.value.retryable


def test_a_host_that_takes_no_connection_is_given_up_before_all_time_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisdr.outbound.CONNECT_SECONDS", 0.1)
    with socket.socket() as busy, socket.socket() as first, socket.socket() as second:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for each in (first, second):  # who wait already, so that the next one is not even heard
            each.setblocking(False)
            each.connect_ex(busy.getsockname())

        with pytest.raises(VendorError, match="ConnectTimeout"):
            post(f"http://127.0.0.1:{busy.getsockname()[1]}/", seconds=4)


@pytest.mark.parametrize(
    "dripped", [b"HTTP/1.1 200 OK\r\nx-slow: ", b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n"]
)
def test_a_host_that_drips_its_answer_is_cut_at_the_deadline(dripped: bytes) -> None:
    hung_up = threading.Event()

    def drip(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(dripped)
        try:
            while True:  # each byte comes well within any timeout for one read
                line.sendall(b"x")
                if line_is_closed(line):
                    return
        finally:
            hung_up.set()

    def line_is_closed(line: socket.socket) -> bool:
        line.settimeout(0.05)
        try:
            return line.recv(1) == b""
        except TimeoutError:
            return False

    with listening(drip) as port, pytest.raises(VendorError, match="did not answer in time") as late:
        post(f"http://127.0.0.1:{port}/", seconds=0.5)

    assert late.value.retryable
    assert hung_up.wait(10)


def test_nobody_there_and_no_such_name_may_be_tried_again() -> None:
    def unknown(host: str, port: int) -> list[Address]:
        raise socket.gaierror("no such name")

    with pytest.raises(VendorError, match="did not answer") as refused:
        post("http://127.0.0.1:9/")
    with pytest.raises(VendorError, match="has no address") as nameless:
        Outbound("webhook", unknown).post("https://hooks.example/", b"", {}, seconds=1)

    assert refused.value.retryable
    assert nameless.value.retryable


@pytest.mark.parametrize(("named", "trusted"), [("localhost", True), ("hooks.example", False)])
def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(
    named: str, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = a_certificate(named, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))

    with listening(answer, context) as port:
        if trusted:
            assert post(f"https://localhost:{port}/") == (200, b"ok", True)
        else:
            with pytest.raises(VendorError, match="did not answer"):
                post(f"https://localhost:{port}/")


def a_certificate(named: str, folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, named)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(named)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    "url", ["https://hooks.example:port/", "https://hooks.example:99999/", "https://hoo ks.example/"]
)
def test_an_address_that_is_none_is_a_failure_like_any_other(url: str) -> None:
    with pytest.raises(VendorError):
        Outbound("webhook").post(url, b"", {}, seconds=1)


@pytest.mark.parametrize("url", ["", "/hooks", "https:///hooks", "https://:443/"])
def test_an_address_that_names_no_host_is_looked_up_nowhere(url: str) -> None:
    def resolver(host: str, port: int) -> list[Address]:
        raise AssertionError(f"'{host}' was looked up")

    with pytest.raises(VendorError) as refused:
        Outbound("webhook", resolver).post(url, b"", {}, seconds=1)

    assert (refused.value.code, refused.value.retryable) == ("invalid_address", False)
