"""The stack of `make dev` without its look-alikes: an AWS emulator, our gateway, and the relay function behind it."""

import json
import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from aisdr.company import Company
from aisdr.services import Services
from aisdr.session import Session
from aisdr.settings import Settings
from aisdr.table.schema import create_tables
from benchmarks.relay.runtime import FOLDER
from benchmarks.relay.talk import Talk, number_of_turn
from dev import aws
from dev.children import Children
from dev.environment import Ports, functions_environment

ORIGIN = "http://shop.example"
CALL = "bench-call"


@dataclass
class Stack:
    """A company with visitors, each of whom has a ticket for a socket in a video call."""

    services: Services
    address: str
    sessions: list[Session]
    counts: Path

    async def connect(self, number: int) -> tuple[ClientConnection, Talk]:
        ticket = self.services.sessions.issue(self.sessions[number], "video", CALL).ticket
        socket_ = await connect(
            self.address,
            origin=Origin(ORIGIN),
            subprotocols=[Subprotocol("aisdr"), Subprotocol(ticket)],
            proxy=None,
            open_timeout=60,
            ping_interval=None,
            compression=None,
            local_addr=(_address(number), 0),
        )
        await socket_.send('{"action":"hello"}')
        await socket_.recv()
        return socket_, Talk(CALL, number)

    def turns(self) -> list[list[int]]:
        """The numbers of each visitor's turns as their transcript has them."""
        with ThreadPoolExecutor(8) as threads:
            found = threads.map(self.services.transcripts.all, self.sessions)
            return [[number_of_turn(turn.text) for turn in turns] for turns in found]


@contextmanager
def running(folder: Path, *, visitors: int, environments: int) -> Iterator[Stack]:
    """Everything on free ports, and all data in `folder`."""
    ports = Ports(gateway=free_port(), aws=free_port())
    counts = folder / "counts"
    counts.mkdir(parents=True)
    environment = functions_environment(ports, folder, {}) | {FOLDER: str(counts), "POWERTOOLS_LOG_LEVEL": "WARNING"}
    before = dict(os.environ)
    os.environ.update(environment)
    children = Children(folder / "logs")
    try:
        emulator = children.start("aws", ports.aws, aws.command(), aws.environment(ports.aws, folder / "aws"))
        children.wait_until_open([emulator])
        aws.wait_until_ready(ports.aws, emulator.process)
        services = Services(Settings.from_environment(environment))
        create_tables(services.dynamodb, environment["AISDR_COMPANIES_TABLE"], environment["AISDR_CONVERSATIONS_TABLE"])
        command = [sys.executable, "-m", "dev.gateway", "--port", str(ports.gateway)]
        command += ["--environments", str(environments), "--runtime", "benchmarks.relay.runtime"]
        gateway = children.start("gateway", ports.gateway, command, environment)
        sessions = _open_sessions(services, visitors)
        children.wait_until_open([gateway])
        yield Stack(services, f"ws://127.0.0.1:{ports.gateway}/ws", sessions, counts)
    finally:
        children.stop()
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def echo(folder: Path) -> Iterator[str]:
    """The peer, in a process of its own like ours."""
    port = free_port()
    children = Children(folder / "logs")
    try:
        peer = children.start("echo", port, [sys.executable, "-m", "benchmarks.relay.echo", str(port)], os.environ)
        children.wait_until_open([peer])
        yield f"ws://127.0.0.1:{port}"
    finally:
        children.stop()


def counted(folder: Path) -> tuple[int, Counter[str]]:
    """Messages that the relay function served, and its calls to AWS for them. After the gateway has stopped."""
    served, calls = 0, Counter[str]()
    for file in folder.glob("*.json"):
        told = json.loads(file.read_text("utf-8"))
        served += told["served"].get("MESSAGE", 0)
        calls.update({name.split()[1]: count for name, count in told["calls"].items() if name.startswith("MESSAGE ")})
    return served, calls


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _address(number: int) -> str:
    """Visitors come from many networks, a hundred from each: one may not have all sockets of a company (Linux lets
    everybody speak from all of 127.0.0.0/8)."""
    return f"127.0.{1 + number // 100}.{1 + number % 100}"


def _open_sessions(services: Services, visitors: int) -> list[Session]:
    company = Company(
        company_id="shop",
        slug="shop",
        display_name="Shop",
        website_url=ORIGIN,
        allowed_origins=(ORIGIN,),
        modes=("text", "video"),
        use_tavus_video=True,
    )
    services.companies.put(company, expected_version=0)
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(lambda _: services.sessions.open(company, ORIGIN, None), range(visitors)))
