"""What is dropped into the knowledge bucket is found by visitors: bucket, queue, function and search node at work."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from aisdr.ingest.unread import UnreadFiles
from dev.deployment.local import LocalDeployment
from tests.deployed.permissions import without
from tests.ingest.dropped import told_of
from tests.ingest.material import draw
from tests.material import a_company
from tests.product import Stack
from tests.walks.visitor import eventually

pytestmark = pytest.mark.deployed
COMPANY = "larkspur"
QUESTION = "How long is the warranty of the Larkspur kettle?"
WARRANTY = "# Warranty\n\nThe Larkspur kettle has a warranty of seven years."
PATIENCE = 90.0


class Drop:
    """The company's people, with their prefix of the bucket."""

    def __init__(self, deployment: LocalDeployment, stack: Stack) -> None:
        self.deployment = deployment
        self.stack = stack
        self.bucket = f"aisdr-{deployment.name}-knowledge-000000000000"
        self._s3 = deployment.client("s3")

    def put(self, path: str, content: bytes) -> None:
        self._s3.put_object(Bucket=self.bucket, Key=f"{COMPANY}/{path}", Body=content)

    def remove(self, path: str) -> None:
        self._s3.delete_object(Bucket=self.bucket, Key=f"{COMPANY}/{path}")

    def found(self) -> list[str]:
        """What a visitor's search finds."""
        visitor = {"Authorization": f"Bearer {self.stack.open_session(COMPANY)['token']}", "Origin": self.stack.url}
        asked = {"companyId": COMPANY, "query": QUESTION, "limit": 3}
        answer = httpx.post(f"{self.stack.url}/api/search", json=asked, headers=visitor, timeout=30)
        assert answer.status_code == 200, answer.text
        return [str(hit["content"]) for hit in answer.json()["hits"]]

    def log(self) -> list[str]:
        """The last lines of the function's log, to be shown when something is not as it should be."""
        group = f"/aisdr/{self.deployment.name}/ingest"
        events = self.deployment.client("logs").filter_log_events(logGroupName=group)["events"]
        return [str(each["message"]) for each in events[-20:]]

    def unread(self) -> dict[str, tuple[str, str]]:
        listed = UnreadFiles(self.stack.conversations).all(a_company(COMPANY).operator_scope)
        return {each.source_id: (each.state, each.reason) for each in listed}


@pytest.fixture(scope="module")
def drop(deployment: LocalDeployment, stack: Stack) -> Drop:
    company = a_company(COMPANY, allowed_origins=(stack.url,), modes=("text",), use_tavus_video=False)
    patient = company.search.model_copy(update={"deadline_ms": 5000, "live_deadline_ms": 5000})
    stack.companies.put(company.model_copy(update={"search": patient}), expected_version=0)
    return Drop(deployment, stack)


def test_a_file_that_is_dropped_is_found_by_visitors_and_one_that_is_taken_away_is_not(drop: Drop) -> None:
    drop.put("care/Kettle & warranty.md", WARRANTY.encode())

    hits = eventually(drop.found, bool, PATIENCE)

    assert [hit for hit in hits if "seven years" in hit], (hits, drop.unread(), drop.log())

    drop.remove("care/Kettle & warranty.md")

    assert eventually(drop.found, lambda hits: not hits, PATIENCE) == []


def test_a_broken_file_and_one_for_the_operators_machine_are_written_down_with_their_reasons(
    drop: Drop, tmp_path: Path
) -> None:
    drop.put("broken.pdf", b"no PDF at all")
    drop.put("board.png", draw(tmp_path / "board.png").read_bytes())

    unread = eventually(drop.unread, lambda listed: len(listed) == 2, PATIENCE)

    assert {path: state for path, (state, _) in unread.items()} == {"broken.pdf": "failed", "board.png": "waiting"}
    assert "aisdr ingest s3://" in unread["board.png"][1]
    drop.remove("broken.pdf")
    drop.remove("board.png")
    assert eventually(drop.unread, lambda listed: not listed, PATIENCE) == {}


def test_what_the_function_may_not_do_brings_the_message_back_and_at_last_to_the_dead_letters(drop: Drop) -> None:
    drop.put("later.md", WARRANTY.encode())
    assert eventually(drop.found, bool, PATIENCE)
    sqs = drop.deployment.client("sqs")
    dead = sqs.get_queue_url(QueueName=drop.deployment.named("ingest-dead"))["QueueUrl"]

    with impatient(drop.deployment), without(drop.deployment, "ingest", "dynamodb:GetItem"):
        event = told_of(f"{COMPANY}/later.md", bucket=drop.bucket)
        again = invoke(drop.deployment, event)
        drop.put("later.md", WARRANTY.replace("seven", "nine").encode())
        letters: list[dict[str, Any]] = eventually(
            lambda: sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1).get("Messages", []), bool, PATIENCE
        )

    assert len(again["batchItemFailures"]) == 1
    assert json.loads(letters[0]["Body"])["Records"][0]["s3"]["object"]["key"] == f"{COMPANY}/later.md"
    drop.remove("later.md")
    assert eventually(drop.found, lambda hits: not hits, PATIENCE) == []


@contextmanager
def impatient(deployment: LocalDeployment) -> Iterator[None]:
    """The queue gives up after two tries and shows a message again at once, as nobody can wait for here."""
    sqs = deployment.client("sqs")
    queue = sqs.get_queue_url(QueueName=deployment.named("ingest"))["QueueUrl"]
    names = ["VisibilityTimeout", "RedrivePolicy"]
    usual = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    policy = json.dumps(json.loads(usual["RedrivePolicy"]) | {"maxReceiveCount": 2})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1", "RedrivePolicy": policy})
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={name: str(usual[name]) for name in names})


def invoke(deployment: LocalDeployment, event: dict[str, Any]) -> Any:
    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.named("ingest"), Qualifier="live", Payload=json.dumps(event).encode()
    )
    told = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    return told
