"""Webhooks of a call: a hint that is checked before money moves, whoever else has noticed the end."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.errors import NotFound
from aisdr.ledger import Operation
from aisdr.table import Table
from tests.calls import CallScene
from tests.conftest import CONVERSATIONS
from tests.material import Clock, items
from tests.tavus import Tavus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def scene(tavus: Tavus, conversations_table: Table, companies_table: Table, clock: Clock) -> CallScene:
    return CallScene(tavus, conversations_table, companies_table, clock)


def test_a_webhook_that_says_joined_makes_the_call_live(scene: CallScene) -> None:
    operation = scene.start()

    scene.notice(operation, "system.replica_joined")

    assert scene.state() == "live"


def test_a_webhook_that_says_ended_settles_after_asking(scene: CallScene) -> None:
    operation = scene.start()
    scene.advance(60)
    assert scene.tavus.running() == 0

    for _ in range(5):
        scene.notice(operation, "system.shutdown")

    assert scene.state() == "settled"
    assert scene.today()["seconds"] == 60


def test_a_forged_end_of_a_call_that_still_runs_settles_nothing(scene: CallScene) -> None:
    operation = scene.start()

    scene.notice(operation, "system.shutdown")

    assert (scene.state(), scene.today()["active"], scene.tavus.running()) == ("created", 1, 1)


def test_a_webhook_about_another_conversation_is_ignored(scene: CallScene) -> None:
    operation, other = scene.start(), scene.start("another wish")
    scene.advance(60)

    scene.notice(operation, "system.shutdown", conversation_id=other.conversation_id)

    assert (scene.state(), scene.state("another wish")) == ("created", "created")


@pytest.mark.parametrize(
    "event_type", ["application.transcription_ready", "tomorrow.something_new", "system.replica_joined", ""]
)
def test_other_webhooks_settle_nothing_even_after_the_end(scene: CallScene, event_type: str) -> None:
    operation = scene.start()
    scene.advance(60)

    scene.notice(operation, event_type)

    assert scene.state() in ("created", "live")


def test_a_late_webhook_does_not_wake_a_settled_call(scene: CallScene) -> None:
    operation = scene.start()
    scene.calls.end("acme", scene.session.session_id, "visitor")
    settled = scene.today()

    for event_type in ("system.replica_joined", "system.shutdown"):
        scene.notice(operation, event_type)

    assert (scene.state(), scene.today()) == ("settled", settled)


@pytest.mark.parametrize("body", [{}, {"conversation_id": 7}, {"event_type": "system.shutdown"}, {"a": [1]}], ids=str)
def test_a_webhook_that_makes_no_sense_is_ignored(scene: CallScene, body: dict[str, Any]) -> None:
    operation = scene.start()

    scene.calls.notice(scene.sessions.capability(operation.operation_id, "acme"), body)

    assert scene.state() == "created"


def test_a_webhook_on_a_forged_path_is_nothing_and_asks_nobody(scene: CallScene, aws: "DynamoDBClient") -> None:
    operation = scene.start()
    before = items(aws, CONVERSATIONS)
    body = {"conversation_id": operation.conversation_id, "event_type": "system.shutdown"}

    with pytest.raises(NotFound):
        scene.calls.notice(f"acme.{operation.operation_id}.{'0' * 64}", body)

    assert scene.tavus.asked("GET", "/v2/conversations") == []
    assert items(aws, CONVERSATIONS) == before


ENDS: dict[str, Callable[[CallScene, Operation], Any]] = {
    "visitor": lambda scene, operation: scene.calls.end("acme", scene.session.session_id, "visitor"),
    "webhook": lambda scene, operation: scene.notice(operation, "system.shutdown"),
    "timer": lambda scene, operation: scene.calls.reconcile(),
}


@pytest.mark.parametrize("second", ENDS)
@pytest.mark.parametrize("first", ENDS)
def test_whoever_comes_first_settles_and_the_second_changes_nothing(scene: CallScene, first: str, second: str) -> None:
    operation = scene.start()
    scene.advance(600)

    ENDS[first](scene, operation)
    after_the_first = scene.today()
    ENDS[second](scene, operation)

    assert (scene.state(), scene.today()["active"]) == ("settled", 0)
    assert scene.today() == after_the_first
