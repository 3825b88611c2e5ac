"""The clock: calls the reconciler each minute, and keeps what is known of a run that failed."""

import json
from typing import Any

import pytest

from dev.deployment.local import LocalDeployment
from tests.deployed.permissions import without
from tests.walks.visitor import eventually
from tests.webhook_receiver import Receiver

pytestmark = pytest.mark.deployed
THREE_MINUTES = 180


def test_a_conversation_that_is_over_is_closed_by_the_clock_and_its_company_hears_of_it(
    receiver: Receiver, ended: str
) -> None:
    kinds = eventually(receiver.kinds, bool, THREE_MINUTES)

    assert kinds == ["conversation.ended"]
    assert receiver.forged == 0
    (told,) = receiver.taken.values()
    assert told.data["sessionId"] == ended


def test_what_is_known_of_a_run_that_failed_lies_in_the_queue(deployment: LocalDeployment) -> None:
    queue = deployment.client("sqs")
    address = queue.get_queue_url(QueueName=deployment.named("failed-runs"))["QueueUrl"]

    with without(deployment, "reconciler", "dynamodb:Query"):
        # As the clock calls it, and not at the minute.
        deployment.client("lambda").invoke(
            FunctionName=deployment.named("reconciler"), Qualifier="live", InvocationType="Event", Payload=b"{}"
        )
        messages: list[dict[str, Any]] = eventually(
            lambda: queue.receive_message(QueueUrl=address, WaitTimeSeconds=1).get("Messages", []), bool, 90
        )

    record = json.loads(messages[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert "steps of the reconciler failed" in json.dumps(record["responsePayload"])
