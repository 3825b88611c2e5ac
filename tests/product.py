"""The product as `make dev` starts it, on free ports with its own data, and a visitor's browser: once for all tests."""

import os
import signal
import socket
import subprocess
import sys
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest

from aisdr.company import Companies
from aisdr.lead import Leads
from aisdr.ledger import Ledger
from aisdr.live.circuit import OWNER
from aisdr.session import Session
from aisdr.table import Table
from aisdr.transcript import Transcripts
from dev.environment import COMPANIES_TABLE, CONVERSATIONS_TABLE, Ports

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserType, Page, Playwright

ROOT = Path(__file__).parents[1]
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAKE_DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@dataclass(frozen=True)
class Stack:
    """A running product: the addresses of its doors, and its stores seen from behind."""

    url: str
    tavus_url: str
    openai_url: str
    websocket_url: str
    conversations: Table
    companies: Companies
    data: Path

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.conversations)

    @property
    def leads(self) -> Leads:
        return Leads(self.conversations)

    @property
    def transcripts(self) -> Transcripts:
        return Transcripts(self.conversations)

    def open_session(self, company_id: str = "hypersonix") -> dict[str, Any]:
        """A text session as the widget opens it."""
        answer = httpx.post(
            f"{self.url}/api/session", json={"companyId": company_id, "mode": "text"}, headers={"Origin": self.url}
        )
        assert answer.status_code == 200, answer.text
        grant: dict[str, Any] = answer.json()
        return grant

    def tavus(self, path: str) -> Any:
        """The look-alike's own view of what it was asked."""
        return httpx.get(f"{self.tavus_url}/_lookalike/{path}").json()

    def openai(self, path: str) -> Any:
        """The same of the vendor of voices."""
        return httpx.get(f"{self.openai_url}/_lookalike/{path}").json()

    def refuse_calls(self, *, video: str = "", voice: str = "") -> None:
        """The next video or voice call is refused by its vendor for the reason with that name."""
        if video:
            fault = {"kind": video, "method": "POST", "path": "/v2/conversations"}
            httpx.post(f"{self.tavus_url}/_lookalike/faults", json=fault).raise_for_status()
        if voice:
            httpx.post(f"{self.openai_url}/_lookalike/faults", json={"kind": voice}).raise_for_status()

    def vendors_work_again(self) -> None:
        """What a test made them refuse, and what we leave alone for minutes because of it."""
        httpx.delete(f"{self.tavus_url}/_lookalike/faults").raise_for_status()
        httpx.post(f"{self.openai_url}/_lookalike/reset").raise_for_status()
        for circuit in self.conversations.query(OWNER):
            self.conversations.delete(OWNER, circuit["sk"])

    def session(self, session_id: str, company_id: str = "hypersonix") -> Session:
        return Session(session_id, company_id, self.url, 0)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    data = tmp_path_factory.mktemp("stack")
    ports = Ports(*free_ports(len(Ports.VARIABLES)))
    chosen = {variable: str(getattr(ports, name)) for name, variable in Ports.VARIABLES.items()}
    environment = os.environ | chosen | {"AISDR_DATA": str(data), "AISDR_LOCAL_FILE": os.devnull}
    process = subprocess.Popen(
        [sys.executable, "-m", "dev"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ready"):
                break
        else:
            pytest.fail("make dev did not become ready:\n" + "".join(lines))
        dynamodb = boto3.client(
            "dynamodb",
            endpoint_url=f"http://127.0.0.1:{ports.aws}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        companies = Companies(Table(dynamodb, COMPANIES_TABLE))
        _let_call_all_day(companies)
        yield Stack(
            url=f"http://localhost:{ports.gateway}",
            tavus_url=f"http://127.0.0.1:{ports.tavus}",
            openai_url=f"http://127.0.0.1:{ports.openai}",
            websocket_url=f"ws://localhost:{ports.gateway}/ws",
            conversations=Table(dynamodb, CONVERSATIONS_TABLE),
            companies=companies,
            data=data,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _let_call_all_day(companies: Companies) -> None:
    """All walks together hold more calls than a sample company may in a day."""
    plenty = {"calls_per_day": 5000, "minutes_per_day": 50_000, "money_per_day": 50_000.0}
    plenty |= {"network_calls_per_hour": 1000, "minutes_per_month": 50_000, "money_per_month": 50_000.0}
    for company in companies.list():
        stored = companies.stored(company.company_id)
        assert stored is not None
        raised = company.model_copy(update={"limits": company.limits.model_copy(update=plenty)})
        companies.put(raised, expected_version=stored.version)


@pytest.fixture(scope="session")
def playwright() -> Iterator["Playwright"]:
    """One for all tests of a process: its event loop runs until its end, and it refuses a second beside it."""
    from playwright.sync_api import sync_playwright  # most tests do without

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright: "Playwright", tmp_path_factory: pytest.TempPathFactory) -> Iterator["Browser"]:
    """A visitor's browser in a silent room: Chromium's own beeps pass for speech on a busy machine, and cut answers."""
    room = tmp_path_factory.mktemp("room") / "silence.wav"
    with wave.open(str(room), "wb") as recording:
        recording.setparams((1, 2, 48_000, 0, "NONE", ""))
        recording.writeframes(bytes(2 * 48_000))
    with launch(playwright.chromium, f"--use-file-for-fake-audio-capture={room}") as browser:
        yield browser


def launch(chromium: "BrowserType", *flags: str, devices: bool = True) -> "Browser":
    """With a microphone and a camera that need no permission, or with none at all."""
    path = next(path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists())
    return chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, *(FAKE_DEVICES if devices else ()), *flags])


@pytest.fixture
def page(chromium: "Browser") -> Iterator["Page"]:
    """A visitor's tab. A script error on the page fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert errors == []
