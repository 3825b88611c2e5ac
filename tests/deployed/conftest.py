"""The product deployed to an emulator of AWS, once for all tests here: by the real tool, from the real templates.

The files are run in the order of their names; the last one takes the deployment down.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aisdr.company import Companies
from aisdr.configuration import Webhook
from aisdr.table import Table
from dev.deployment.local import LocalDeployment
from dev.environment import Ports
from tests.product import Stack, free_ports
from tests.webhook_receiver import SECRET, Receiver, receiving

LISTENS = "aisdr"
"""The company that has a webhook here."""


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDeployment]:
    data = tmp_path_factory.mktemp("deployment")
    # pytest's own folders may be entered by nobody else, and the search node is nobody.
    node = Path(tempfile.mkdtemp(prefix="aisdr-node-"))
    node.chmod(0o755)
    deployed = LocalDeployment(Ports(*free_ports(len(Ports.VARIABLES))), data, node=node)
    try:
        deployed.start()
        deployed.run("bootstrap")
        deployed.run("deploy", *_bundles(deployed.build))
        deployed.give_keys()
        for _ in deployed.fill():
            pass
        yield deployed
    finally:
        deployed.stop()
        shutil.rmtree(node, ignore_errors=True)


def _bundles(build: Path) -> list[str]:
    """A copy of those that `make test` has made already (`BUNDLES`), or new ones."""
    made = os.environ.get("BUNDLES")
    if not made:
        return []
    shutil.copytree(made, build, ignore=shutil.ignore_patterns(".bytecode"))
    return ["--built"]


@pytest.fixture(scope="session")
def stack(deployment: LocalDeployment) -> Stack:
    """The same to the walks as what `make dev` starts.

    Searches may take their time: whoever runs these tests has a node, a browser and every function on one machine.
    """
    dynamodb, ports = deployment.client("dynamodb"), deployment.ports
    started = Stack(
        url=deployment.site,
        tavus_url=f"http://127.0.0.1:{ports.tavus}",
        openai_url=f"http://127.0.0.1:{ports.openai}",
        websocket_url=f"ws://localhost:{ports.gateway}/ws",
        conversations=Table(dynamodb, deployment.named("conversations")),
        companies=Companies(Table(dynamodb, deployment.named("companies"))),
        data=deployment.data,
    )
    for company in started.companies.list():
        patient = company.search.model_copy(update={"deadline_ms": 5000, "live_deadline_ms": 5000})
        configure(started, company.company_id, search=patient)
    return started


def configure(stack: Stack, company_id: str, **changes: object) -> None:
    stored = stack.companies.stored(company_id)
    assert stored is not None
    stack.companies.put(stored.company.model_copy(update=changes), expected_version=stored.version)


@pytest.fixture(scope="session")
def receiver(stack: Stack) -> Iterator[Receiver]:
    """The webhook of one of the companies."""
    with receiving(Receiver()) as started:
        configure(stack, LISTENS, webhook=Webhook(url=started.url, secrets=(SECRET,)))
        yield started


@pytest.fixture(scope="session", autouse=True)
def ended(stack: Stack, receiver: Receiver) -> str:
    """A conversation that its visitor ended before everything else here. The clock comes for it within two minutes."""
    grant = stack.open_session(LISTENS)
    visitor = {"Authorization": f"Bearer {grant['token']}", "Origin": stack.url}
    asked = httpx.post(f"{stack.url}/api/answer", json={"question": "How do I embed it?"}, headers=visitor, timeout=30)
    assert asked.status_code == 200, asked.text
    httpx.delete(f"{stack.url}/api/session/{grant['sessionId']}", headers=visitor).raise_for_status()
    return str(grant["sessionId"])
