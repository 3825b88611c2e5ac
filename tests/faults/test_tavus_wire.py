"""F-TV-01 to 06 and 15: Tavus cannot be reached, breaks off, or takes too long; at every call a visitor waits for."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aisdr.errors import AisdrError, VendorError
from aisdr.live.retries import ATTEMPTS
from aisdr.live.tavus_api import Patience
from aisdr.table import Table
from dev.fault_proxy import deaf_address, proxying
from tests.faults.scene import HASTE, Trouble, video_at
from tests.material import Clock
from tests.tavus import Tavus
from tests.test_outbound import a_certificate, listening

pytestmark = pytest.mark.slow

Wire = Callable[[Tavus, Path, pytest.MonkeyPatch], contextlib.AbstractContextManager[str]]


@contextmanager
def refusing(tavus: Tavus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def nameless(tavus: Tavus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    known = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **options: Any) -> Any:
        if host in ("tavus.invalid", b"tavus.invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield "http://tavus.invalid"


@contextmanager
def unbelievable(tavus: Tavus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    context = a_certificate("localhost", folder)  # which nobody here trusts
    with listening(lambda line: None, context) as port:
        yield f"https://localhost:{port}"


@contextmanager
def deaf(tavus: Tavus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with deaf_address() as url:
        yield url


def wired(**fault: Any) -> Wire:
    @contextmanager
    def reach(tavus: Tavus, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        port = urlsplit(tavus.url).port
        assert port is not None
        with proxying(port) as proxy, proxy.broken(**fault):
            yield proxy.url

    return reach


WIRES: list[tuple[str, Wire, bool]] = [
    # The number of the family, how Tavus is reached, and whether a create may have happened nevertheless.
    ("F-TV-01", refusing, False),
    ("F-TV-02", nameless, False),
    ("F-TV-03", unbelievable, False),
    ("F-TV-04", deaf, False),
    ("F-TV-04", wired(blackhole=True), True),
    ("F-TV-04", wired(half_open=True), True),
    ("F-TV-05", wired(reset_at=0), True),
    ("F-TV-06", wired(reset_at=140), True),
]


def at(place: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("wire", "may_have_happened"),
        [
            pytest.param(wire, unknown, marks=pytest.mark.cell(f"{number}/{place}"), id=f"{number}-{index}")
            for index, (number, wire, unknown) in enumerate(WIRES)
        ],
    )


@pytest.fixture
def trouble(tavus: Tavus, conversations_table: Table, companies_table: Table, clock: Clock) -> Trouble:
    return Trouble(tavus, conversations_table, companies_table, clock)


@at("create")
def test_a_create_over_a_broken_wire_is_made_once_and_its_money_comes_back(
    trouble: Trouble, wire: Wire, may_have_happened: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wire(trouble.tavus, tmp_path, monkeypatch) as url:
        trouble.reach(url)
        began = time.monotonic()
        refused = trouble.refused()
        took = time.monotonic() - began

    assert (refused.status, refused.code) == (502, "tavus_session_failed")
    assert took < 30, "a hang would take minutes"
    assert trouble.creates() <= 1
    if may_have_happened:
        assert trouble.state() == "unknown"
        assert trouble.today()["active"] == 1
    else:
        assert trouble.gave_all_back()
    trouble.mended()
    assert trouble.books_are_balanced()
    assert trouble.creates() <= 1


@at("end")
def test_an_end_over_a_broken_wire_is_repeated_until_it_is_confirmed(
    trouble: Trouble, wire: Wire, may_have_happened: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble.start()
    with wire(trouble.tavus, tmp_path, monkeypatch) as url:
        trouble.reach(url)
        trouble.ends()
        trouble.calls.reconcile()
        held = trouble.today()["active"]

    assert (trouble.state(), held) == ("ending", 1)
    trouble.mended()
    assert trouble.books_are_balanced()


@at("get")
def test_a_question_over_a_broken_wire_is_asked_three_times_at_most(
    trouble: Trouble, wire: Wire, may_have_happened: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = trouble.start()
    assert operation.conversation_id is not None
    before = len(trouble.tavus.asked("GET", "/v2/conversations"))
    with wire(trouble.tavus, tmp_path, monkeypatch) as url, pytest.raises(VendorError) as caught:
        video_at(url, HASTE).status(operation.conversation_id)

    assert caught.value.retryable
    assert len(trouble.tavus.asked("GET", "/v2/conversations")) - before <= ATTEMPTS
    assert video_at(trouble.tavus.url, Patience()).status(operation.conversation_id).active


SECOND = 0.2
"""A second of the fault model, in these tests: Tavus's eight for a create become 1.6."""
SLOW = Patience(create=8 * SECOND, end=4 * SECOND, get=3 * SECOND, look=3 * SECOND)


@pytest.mark.parametrize(
    ("fault", "bought"),
    [
        pytest.param({"latency": 1 * SECOND}, True, marks=pytest.mark.cell("F-TV-15/1-s")),
        pytest.param({"latency": 5 * SECOND}, True, marks=pytest.mark.cell("F-TV-15/5-s")),
        pytest.param({"latency": 9 * SECOND}, False, marks=pytest.mark.cell("F-TV-15/9-s")),
        pytest.param({"latency": 30 * SECOND}, False, marks=pytest.mark.cell("F-TV-15/30-s")),
        pytest.param({"drip": 1 * SECOND}, False, marks=pytest.mark.cell("F-TV-15/drip")),
    ],
    ids=str,
)
def test_a_slow_tavus_has_eight_seconds_and_what_it_sold_too_late_is_ended(
    trouble: Trouble, fault: dict[str, float], bought: bool
) -> None:
    port = urlsplit(trouble.tavus.url).port
    assert port is not None
    error: AisdrError | None = None
    with proxying(port) as proxy, proxy.broken(**fault):
        trouble.reach(proxy.url, SLOW)
        try:
            trouble.start()
        except AisdrError as refused:
            error = refused

    assert trouble.creates() == 1
    assert trouble.tavus.running() == 1
    if bought:
        assert error is None
        assert trouble.state() == "created"
    else:
        assert error is not None
        assert trouble.state() == "unknown"
    trouble.mended()
    trouble.ends()
    assert trouble.books_are_balanced()
