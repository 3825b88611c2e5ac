"""Fixtures of all tests: AWS in process, a clock to set, one real set of services. All but one wait to be asked for."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.session import Session
from moto import mock_aws

from aisdr import time_left
from aisdr.inference.base import Embedder
from aisdr.observability import logger
from aisdr.services import Services
from aisdr.services import services as services_of_this_process
from aisdr.table import Table
from aisdr.table.schema import table_definition
from tests.material import KEYS, Clock
from tests.product import chromium, page, playwright, stack
from tests.quick_moto import make_no_detours, put_buckets, put_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

    from tests.opensearch_node import Node
    from tests.postbox import Postbox
    from tests.tavus import Tavus
    from tests.voice import OpenAi
    from tests.webhook_receiver import Receiver

__all__ = ["chromium", "page", "playwright", "stack"]
COMPANIES, CONVERSATIONS, MEDIA, KNOWLEDGE = "companies", "conversations", "media", "knowledge"
ACCOUNT = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
make_no_detours()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that two workers who share them end at about the same time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def account() -> Session:
    """Reads each of AWS's service descriptions once, and not for every client."""
    session = Session()
    session.set_credentials("testing", "testing")
    session.set_config_variable("region", "us-east-1")
    return session


@pytest.fixture(scope="session")
def clients(account: Session) -> tuple["DynamoDBClient", "S3Client"]:
    """Making a client takes longer than a test, and one that is asked only inside `aws` keeps nothing between tests."""
    dynamodb: Any = account.create_client("dynamodb")
    s3: Any = account.create_client("s3")
    return dynamodb, s3


@pytest.fixture(scope="session")
def boto3_session(account: Session) -> boto3.Session:
    return boto3.Session(botocore_session=account)


@pytest.fixture
def aws(
    clients: tuple["DynamoDBClient", "S3Client"], boto3_session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> Iterator["DynamoDBClient"]:
    """An AWS account of this test alone, with both tables and both buckets; yields its DynamoDB."""
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    dynamodb, _ = clients
    with mock_aws(), monkeypatch.context() as meanwhile:
        # moto takes boto3's own session away, and a new one would read all service descriptions for its first client.
        meanwhile.setattr(boto3, "DEFAULT_SESSION", boto3_session)
        put_tables(
            dynamodb,
            table_definition(COMPANIES, with_open_index=False),
            table_definition(CONVERSATIONS, with_open_index=True),
        )
        put_buckets(MEDIA, KNOWLEDGE)
        yield dynamodb


@pytest.fixture
def companies_table(aws: "DynamoDBClient", clock: Clock) -> Table:
    return Table(aws, COMPANIES, clock)


@pytest.fixture
def conversations_table(aws: "DynamoDBClient", clock: Clock) -> Table:
    return Table(aws, CONVERSATIONS, clock)


@pytest.fixture
def one_at_a_time(aws: "DynamoDBClient") -> "DynamoDBClient":
    """DynamoDB whose requests never overlap, for races: moto checks a condition and writes in two steps, AWS in one."""
    lock = threading.Lock()
    client: DynamoDBClient = boto3.client("dynamodb")

    def enter(**_: Any) -> None:
        lock.acquire()

    def leave(**_: Any) -> None:
        lock.release()

    client.meta.events.register("before-call", enter)
    client.meta.events.register("after-call", leave)
    client.meta.events.register("after-call-error", leave)
    return client


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The real one. It takes half a second to wake, so it is shared; it remembers nothing."""
    from aisdr.inference.minilm import MiniLM

    return MiniLM()


@pytest.fixture(autouse=True)
def nobodys_request() -> None:
    """What an earlier test's invocation said of itself is forgotten, as in a process that begins."""
    logger.thread_safe_clear_keys()
    time_left._end.set(None)


@pytest.fixture(autouse=True)
def no_failures_counted() -> None:
    """What earlier tests' vendors failed at is forgotten: Powertools counts for the whole process."""
    if circuits := sys.modules.get("aws_lambda_powertools.utilities.circuit_breaker.base"):
        for counted in (circuits._LOCAL_FAILURES, circuits._LOCAL_SUCCESSES, circuits._LAST_OBSERVED_STATE):
            counted.clear()


@pytest.fixture(autouse=True)
def loopback_only(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No certificate is trusted: nothing here leaves the machine, and reading the real ones takes longer than a test.

    They are read again by every HTTP client that is made, also by those that only ever speak plain HTTP. The slow
    tests without an AWS account in this process keep them: some start programs that fetch packages.
    """
    if request.node.get_closest_marker("slow") and "aws" not in request.fixturenames:
        return
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path_factory.getbasetemp()))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


@pytest.fixture
def environment(aws: "DynamoDBClient", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a function, to which a test may add its own variables before it asks for `services`."""
    for name, value in {
        "AISDR_PUBLIC_URL": "http://localhost:3000",
        "AISDR_WEBSOCKET_URL": "ws://localhost:3000/ws",
        "WS_ENDPOINT": "http://127.0.0.1:9",
        "AISDR_SIGNING_KEYS": json.dumps(KEYS),
        "AISDR_COMPANIES_TABLE": COMPANIES,
        "AISDR_CONVERSATIONS_TABLE": CONVERSATIONS,
        "AISDR_MEDIA_BUCKET": MEDIA,
        "AISDR_KNOWLEDGE_BUCKET": KNOWLEDGE,
        "AISDR_INDEX_DIR": str(tmp_path / "index"),
        # The discard port: a test that did not bring a vendor finds nobody there.
        "TAVUS_API_URL": "http://127.0.0.1:9",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("TAVUS_API_KEY", "TAVUS_TOOL_SECRET", "OPENAI_API_KEY", "AISDR_ROOM_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def services(
    environment: Any, account: Session, clients: tuple["DynamoDBClient", "S3Client"], embedder: Embedder
) -> Iterator[Services]:
    """The very services that the functions of this process use."""
    services_of_this_process.cache_clear()
    ours = services_of_this_process()
    ours._session, ours.dynamodb, others = account, clients[0], ours.embedder
    ours.embedder = lambda name: embedder if name == "minilm" else others(name)  # type: ignore[assignment]
    yield ours
    services_of_this_process.cache_clear()


@pytest.fixture(scope="session")
def node_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Node"]:
    """A real OpenSearch node, which every test of this process asks: who freezes it lets it go on."""
    from tests.opensearch_node import running_node

    with running_node(tmp_path_factory.mktemp("node") / "node.log") as started:
        yield started


@pytest.fixture
def node(node_of_all: "Node") -> str:
    """Its address. What others have left there is there."""
    return node_of_all.url


@pytest.fixture(scope="session")
def tavus_of_all() -> Iterator["Tavus"]:
    from tests.tavus import running_tavus

    with running_tavus() as vendor:
        yield vendor


@pytest.fixture
def tavus(tavus_of_all: "Tavus") -> "Tavus":
    """The vendor of video calls, as a look-alike that remembers no other test."""
    tavus_of_all.reset()
    return tavus_of_all


@pytest.fixture
def receiver() -> Iterator["Receiver"]:
    """A company's webhook that takes all that is signed well."""
    from tests.webhook_receiver import Receiver, receiving

    with receiving(Receiver()) as each:
        yield each


@pytest.fixture(scope="session")
def openai_of_all() -> Iterator["OpenAi"]:
    from tests.voice import running_openai

    with running_openai() as vendor:
        yield vendor


@pytest.fixture
def openai(openai_of_all: "OpenAi") -> "OpenAi":
    """The vendor of voice calls, as a look-alike that remembers no other test."""
    openai_of_all.reset()
    return openai_of_all


@pytest.fixture(scope="session")
def postbox_of_all() -> Iterator["Postbox"]:
    from tests.postbox import open_postbox

    with open_postbox() as box:
        yield box


@pytest.fixture
def postbox(postbox_of_all: "Postbox") -> "Postbox":
    """The browsers' end of the relay."""
    postbox_of_all.empty()
    return postbox_of_all
