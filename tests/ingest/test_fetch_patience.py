"""How long the fetcher waits and for whom, how it stops, and whose certificate it takes."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Failed, Fetched, Refused
from aisdr.ingest.pace import Pace, Stopped
from tests.ingest.fetching import Patience, fetcher_for
from tests.ingest.web import Asked, Names, only_loopback, page, reply, to, web
from tests.test_outbound import a_certificate

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")


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
