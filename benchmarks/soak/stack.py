"""The programs of `make dev` on free ports, functions in processes of their own, and two companies with secrets."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from aisdr.company import Company
from aisdr.index.base import Chunk, SourceRecord
from aisdr.services import Services
from aisdr.settings import Settings
from aisdr.table.schema import create_tables
from benchmarks.relay.stack import free_port
from dev import aws
from dev.children import Child, Children
from dev.environment import Ports, functions_environment
from dev.look_alikes import start_program

COMPANIES = ("hearth", "meadow")
PRICES = {"hearth": "149", "meadow": "87"}
CANARIES = {"hearth": "kestrelquartz", "meadow": "basaltlinnet"}
"""A word of each company's material that nobody else may ever be told, and that no log may hold."""
_FUNCTION = "dev.gateway.runtime"


@dataclass
class Stack:
    """Where everything is, and how to break it."""

    services: Services
    ports: Ports
    children: Children
    emulator: Child
    gateway: Child
    folder: Path
    companies: dict[str, Company]
    kills: int = 0
    vendors: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.ports.gateway}"

    def tavus(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports.tavus}/_lookalike/{path}"

    def openai(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports.openai}/_lookalike/{path}"

    def functions(self) -> list[int]:
        """Process ids of the functions' environments."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                command = (folder / "cmdline").read_text().split("\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue  # no process, or one that has just ended
            if parent == self.gateway.process.pid and _FUNCTION in command:
                found.append(int(folder.name))
        return sorted(found)

    def kill_function(self, choice: int) -> None:
        """One environment dies as Lambda's do, in the middle of whatever it is at."""
        running = self.functions()
        if running:
            os.kill(running[choice % len(running)], signal.SIGKILL)
            self.kills += 1

    def memory(self) -> dict[str, int]:
        """MiB that the gateway has, and those of the function environment that has most."""
        functions = [_resident(pid) for pid in self.functions()]
        return {"gateway": _resident(self.gateway.process.pid), "function": max(functions, default=0)}


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // (1 << 20)


@contextmanager
def running(folder: Path, *, environments: int, minute_seconds: float) -> Iterator[Stack]:
    """All data is in `folder`. `minute_seconds` is how long the clock's minute is."""
    ports = Ports(*(free_port() for _ in Ports.VARIABLES))
    given = {"AISDR_ROOM_HOSTS": "*.daily.co,localhost,127.0.0.1"}
    environment = functions_environment(ports, folder, given) | {"POWERTOOLS_LOG_LEVEL": "INFO"}
    before = dict(os.environ)
    os.environ.update(environment)
    children = Children(folder / "logs")
    try:
        emulator = children.start("aws", ports.aws, aws.command(), aws.environment(ports.aws, folder / "aws"))
        # Rooms that nobody can enter: what a browser would hear in them the visitors say themselves.
        room = ("--daily-url", "", "--concurrency", "50", "--credit-seconds", "360000")
        vendors = [
            start_program(children, "tavus", ports.tavus, environment, *room),
            start_program(children, "openai", ports.openai, environment),
            start_program(children, "speech", ports.speech, environment),
        ]
        children.wait_until_open([emulator])
        aws.wait_until_ready(ports.aws, emulator.process)
        services = Services(Settings.from_environment(environment))
        create_tables(services.dynamodb, environment["AISDR_COMPANIES_TABLE"], environment["AISDR_CONVERSATIONS_TABLE"])
        services.client("s3").create_bucket(Bucket=environment["AISDR_MEDIA_BUCKET"])
        command = [sys.executable, "-m", "dev.gateway", "--port", str(ports.gateway)]
        command += ["--environments", str(environments), "--minute-seconds", str(minute_seconds)]
        gateway = children.start("gateway", ports.gateway, command, environment)
        companies = {name: _company(services, name) for name in COMPANIES}
        children.wait_until_open([gateway, *vendors])
        yield Stack(services, ports, children, emulator, gateway, folder, companies)
    finally:
        children.stop()
        os.environ.clear()
        os.environ.update(before)


def _company(services: Services, name: str) -> Company:
    website = f"http://{name}.example"
    company = Company.model_validate(
        {
            "companyId": name,
            "slug": name,
            "displayName": name.title(),
            "websiteUrl": website,
            "allowedOrigins": [website],
            "modes": ["text", "tts", "voice", "video"],
            "useTavusVideo": True,
            "limits": {
                "callSeconds": 60,
                "concurrentCalls": 6,
                "networkCallsPerHour": 100,
                "callsPerDay": 100_000,
                "minutesPerDay": 100_000,
                "minutesPerMonth": 1_000_000,
                "moneyPerDay": 100_000,
                "moneyPerMonth": 1_000_000,
            },
        }
    )
    services.companies.put(company, expected_version=0)
    place = services.writing_place(company.operator_scope)
    for number, text in enumerate(
        (
            f"The Growth plan of {name} costs ${PRICES[name]} a month and has the code word {CANARIES[name]}.",
            f"Support of {name} answers within a day, on weekdays, and speaks English and French.",
        )
    ):
        source, digest = f"{name}-{number}", f"{name}{number}"
        chunk = Chunk(
            chunk_id=f"{source}#0", source_id=source, title=name.title(), text=text, url="/x", content_hash=digest
        )
        vectors = place.embedder.embed_passages([chunk.searchable_text])
        place.index.replace_source(company.operator_scope, SourceRecord(source, digest, 1), [chunk], vectors)
    return company
