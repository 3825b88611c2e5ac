"""Webhooks of the Tavus look-alike as the vendor may send them: twice, the wrong way round, and what it keeps."""

import httpx
import pytest

from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig
from tests.dev.account import KEY, PAL, advance, room_report, start
from tests.dev.receiver import Receiver


def test_each_may_come_twice(receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    with serving(create_app(TavusConfig(webhooks="twice"))) as url:
        tavus = httpx.Client(base_url=url, headers={"x-api-key": KEY})
        start(tavus, callback_url=hook_url)

        came = [hooks.take_json()["event_type"] for _ in range(4)]

    assert sorted(came) == ["system.pal_joined"] * 2 + ["system.replica_joined"] * 2


def test_the_end_may_come_before_the_beginning(receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    with serving(create_app(TavusConfig(webhooks="swapped", clock_speed=0.001))) as url:
        tavus = httpx.Client(base_url=url, headers={"x-api-key": KEY})
        start(tavus, callback_url=hook_url)

        advance(tavus, 1)
        tavus.get("/v2/conversations")
        names = [hooks.take_json()["event_type"] for _ in range(2)]

    assert names == ["system.pal_joined", "system.replica_joined"]


def test_a_recording_is_told_when_there_was_a_place_for_it(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    storage = {"provider": "s3", "bucket_name": "acme", "bucket_region": "us-east-1", "assume_role_arn": "arn"}
    properties = {"enable_recording": True, "recording_storage": storage}
    conversation_id = start(tavus, callback_url=hook_url, properties=properties)["conversation_id"]
    room_report(tavus, "participant.joined", conversation_id)
    advance(tavus, 42)

    tavus.post(f"/v2/conversations/{conversation_id}/end")
    advance(tavus, 10)

    recorded = hooks.take_event("application.recording_ready")["properties"]
    assert recorded["storage_uri"] == f"s3://acme/{conversation_id}/recording.mp4"
    assert 42 <= recorded["duration"] < 60


def test_a_test_may_ask_for_any_webhook(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    conversation_id = start(tavus, callback_url=hook_url)["conversation_id"]

    wanted = {"conversation_id": conversation_id, "event_type": "application.perception_unavailable"}
    tavus.post("/_lookalike/webhooks", json=wanted)

    assert hooks.take_event("application.perception_unavailable")["conversation_id"] == conversation_id


@pytest.mark.parametrize(("kind", "status"), [("busy", 400), ("credits", 402), ("key", 401)])
def test_a_refusal_can_be_asked_for_by_its_name(tavus: httpx.Client, kind: str, status: int) -> None:
    tavus.post("/_lookalike/faults", json={"kind": kind, "method": "POST", "path": "/v2/conversations"})

    assert tavus.post("/v2/conversations", json={"pal_id": PAL}).status_code == status
    assert tavus.post("/v2/conversations", json={"pal_id": PAL}).status_code == 200
