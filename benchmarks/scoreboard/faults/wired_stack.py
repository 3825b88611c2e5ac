"""The doors behind our gateway, with a wire that may misbehave between the functions and each of their vendors."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx

from aisdr.company import Company
from aisdr.home import Home
from aisdr.live.circuit import OWNER
from aisdr.services import Services
from aisdr.settings import Settings
from aisdr.table.schema import create_tables
from benchmarks.relay.stack import free_port
from dev import aws
from dev.children import Children
from dev.environment import Ports, functions_environment
from dev.fault_proxy import FaultProxy, proxying
from tests.faults.search_cluster import Cluster, listening
from tests.material import a_chunk, a_company, teach
from tests.tavus import KEY as TAVUS_KEY
from tests.tavus import Tavus, running_tavus
from tests.voice import KEY as OPENAI_KEY
from tests.voice import OpenAi, running_openai

ORIGIN = "https://acme.example"
PLENTY = {
    "calls_per_day": 5000,
    "minutes_per_day": 50_000,
    "money_per_day": 50_000.0,
    "network_calls_per_hour": 1000,
    "minutes_per_month": 50_000,
    "money_per_month": 50_000.0,
    "concurrent_calls": 1000,
}
"""A fault that hides a purchase keeps its line for a minute, and these come one after another."""


@dataclass
class WiredStack:
    """`acme` searches in its own file, `globex` in a cluster of OpenSearch's."""

    url: str
    services: Services
    tavus: Tavus
    openai: OpenAi
    cluster: Cluster
    wires: dict[str, FaultProxy]
    """To `tavus`, `openai` and `opensearch`."""

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        sent = {"origin": ORIGIN} | {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(f"{self.url}{path}", json=body, headers=sent, timeout=30)

    def forget(self) -> None:
        """What earlier faults left: circuits that are open, faults that nobody met, calls."""
        for item in self.services.conversations.query(OWNER):
            self.services.conversations.delete(OWNER, item["sk"])
        self.tavus.reset()
        self.openai.reset()
        self.cluster.heal()


@contextmanager
def wired_stack() -> Iterator[WiredStack]:
    with ExitStack() as until:
        folder = Path(until.enter_context(TemporaryDirectory(prefix="aisdr-wired-")))
        tavus, openai = until.enter_context(running_tavus()), until.enter_context(running_openai())
        cluster = Cluster("globex")
        search = until.enter_context(listening(cluster))
        addresses = {"tavus": tavus.url, "openai": openai.url, "opensearch": search}
        wires = {name: until.enter_context(proxying(urlsplit(url).port or 0)) for name, url in addresses.items()}
        ports = Ports(gateway=free_port(), aws=free_port())
        given = {
            "TAVUS_API_URL": wires["tavus"].url,
            "TAVUS_API_KEY": TAVUS_KEY,
            "OPENAI_BASE_URL": f"{wires['openai'].url}/v1",
            "OPENAI_API_KEY": OPENAI_KEY,
            "AISDR_OPENSEARCH_URL": wires["opensearch"].url,
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        }
        environment = functions_environment(ports, folder, given)
        children = Children(folder / "logs")
        until.callback(children.stop)
        emulator = children.start("aws", ports.aws, aws.command(), aws.environment(ports.aws, folder / "aws"))
        children.wait_until_open([emulator])
        aws.wait_until_ready(ports.aws, emulator.process)
        ours = {name: value for name, value in environment.items() if name.startswith("AWS_")}
        until.enter_context(patch.dict(os.environ, ours))
        services = Services(Settings.from_environment(environment))
        create_tables(services.dynamodb, environment["AISDR_COMPANIES_TABLE"], environment["AISDR_CONVERSATIONS_TABLE"])
        _open_shops(services)
        command = [sys.executable, "-m", "dev.gateway", "--port", str(ports.gateway)]
        gateway = children.start("gateway", ports.gateway, command, environment)
        children.wait_until_open([gateway])
        yield WiredStack(f"http://127.0.0.1:{ports.gateway}", services, tavus, openai, cluster, wires)


def _open_shops(services: Services) -> None:
    for company in (_company("acme"), _company("globex")):
        services.companies.put(company, expected_version=0)
    acme = services.companies.get("acme")
    teach(services, acme, a_chunk("pricing", "The Growth plan costs $149 a month."))
    services.homes.settle(services.companies.get("globex").operator_scope, Home("opensearch", "minilm"))


def _company(company_id: str) -> Company:
    return a_company(company_id, modes=("text", "tts", "voice", "video"), allowed_origins=(ORIGIN,), limits=PLENTY)
