"""Attacks on the door that a vendor's webhooks come through. The names T-HOOK-… are those of the threat table."""

import base64
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Literal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aisdr.ledger import Ledger, Operation
from aisdr.services import Services
from tests import doors
from tests.calls import CallScene, scene
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["scene"]
pytestmark = pytest.mark.slow

Forge = Callable[[str, str], str]
FORGERIES: dict[str, Forge] = {
    "wrong digest": lambda own, _: own[: own.rindex(".") + 1] + "0" * 64,
    "another call's digest": lambda own, other: own[: own.rindex(".") + 1] + other[other.rindex(".") + 1 :],
    "another company": lambda own, _: "globex" + own[own.index(".") :],
    "another call of the company": lambda own, other: other[: other.rindex(".") + 1] + own[own.rindex(".") + 1 :],
    "cut by one": lambda own, _: own[:-1],
    "cut in half": lambda own, _: own[: len(own) // 2],
    "no digest": lambda own, _: own[: own.rindex(".")],
    "an empty digest": lambda own, _: own[: own.rindex(".") + 1],
    "one more": lambda own, _: own + "0",
    "in capitals": lambda own, _: own.upper(),
    "in another alphabet": lambda own, _: own[:-1] + "é",
    "only the company": lambda own, _: own[: own.index(".")],
    "encoded": lambda own, _: base64.urlsafe_b64encode(own.encode()).decode(),
    "nothing": lambda own, _: ".",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_t_hook_01_a_path_that_we_did_not_make_is_nothing(
    services: Services, aws: "DynamoDBClient", forge: Forge
) -> None:
    company = a_company()
    services.companies.put(company, expected_version=0)
    session = services.sessions.open(company, ORIGIN, "1")
    own, other = (_reserved(services.ledger, services, session.session_id, key) for key in ("one", "another"))
    before = items(aws, CONVERSATIONS)
    body = {"conversation_id": "c1", "event_type": "system.shutdown"}

    forged = doors.call("POST", f"/api/tavus/webhook/{forge(own, other)}", body=body)
    made_up = doors.call("POST", "/api/tavus/webhook/no.such.path", body=body)

    assert (forged.status, forged.text) == (404, made_up.text)
    assert doors.call("POST", f"/api/tavus/webhook/{own}", body=body).status == 204
    assert items(aws, CONVERSATIONS) == before


def _reserved(ledger: Ledger, services: Services, session_id: str, key: str) -> str:
    company = services.companies.get("acme")
    operation, _ = ledger.reserve(company, session_id, key, "f", 0.6, mode="video", vendor="tavus")
    return services.sessions.capability(operation.operation_id, "acme")


Step = Literal["joined", "shutdown", "somebody else's shutdown", "unknown", "later", "over"]
KINDS = {"joined": "system.replica_joined", "shutdown": "system.shutdown", "unknown": "system.of_next_year"}
_keys = count()


def _state_after(scene: CallScene, operation: Operation, state: str, step: Step) -> str:
    """What the step may do, by the rule: only what the vendor itself says of the call closes it."""
    if state == "settled":
        return state
    runs = next(
        each["status"] == "active"
        for each in scene.tavus.conversations()
        if each["conversation_id"] == operation.conversation_id
    )
    match step:
        case "joined" if state == "created":
            return "live"
        case "shutdown" if not runs:
            return "settled"
        case _:
            return state


def _take(scene: CallScene, operation: Operation, step: Step) -> None:
    match step:
        case "joined" | "shutdown" | "unknown":
            for _ in range(2):  # a webhook may come twice
                scene.notice(operation, KINDS[step])
        case "somebody else's shutdown":
            scene.notice(operation, KINDS["shutdown"], "another conversation")
        case "later":
            scene.advance(20)
        case "over":
            scene.tavus.video().end(operation.conversation_id or "")


@pytest.mark.cell("F-TV-18/reordered", "F-TV-18/duplicated")
def test_t_hook_02_in_any_order_and_however_often_the_state_is_what_the_vendor_says(scene: CallScene) -> None:
    steps: list[Step] = ["joined", "shutdown", "somebody else's shutdown", "unknown", "later", "over"]

    @settings(max_examples=14, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.lists(st.sampled_from(steps), min_size=3, max_size=8))
    def holds(story: list[Step]) -> None:
        key, began = f"wish {next(_keys)}", scene.today()
        operation = scene.start(key, scene.another_visitor())
        state = "created"
        for step in story:
            state = _state_after(scene, operation, state, step)
            _take(scene, operation, step)
            assert scene.state(key) == state, story
            assert scene.today()["active"] - began["active"] == (state != "settled"), story
        scene.calls.end("acme", operation.session_id, "visitor")
        assert (scene.state(key), scene.today()["active"]) == ("settled", began["active"])
        assert scene.today()["calls"] == began["calls"] + 1
        assert 0 < scene.today()["seconds"] - began["seconds"] <= operation.reserved_seconds
        scene.advance(3600)  # so that the network may start calls again

    holds()


def test_t_hook_03_a_forged_end_gives_nothing_back_while_the_call_runs(scene: CallScene) -> None:
    operation = scene.start()
    reserved = scene.today()

    for _ in range(5):
        scene.notice(operation, "system.shutdown")

    assert scene.today() == reserved, "the whole minute's money, and the line"
    assert (scene.state(), scene.tavus.running()) == ("created", 1)
