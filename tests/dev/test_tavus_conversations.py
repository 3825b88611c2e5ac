"""Conversations of the Tavus look-alike: their life, their end, their bill, and who is told of it."""

import json
import time

import httpx
import jwt
import pytest

from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig
from tests.dev.account import FACE, KEY, PAL, advance, eventually, room_report, start
from tests.dev.receiver import Receiver


def test_a_new_conversation_is_active_and_says_nothing_it_was_not_asked_for(tavus: httpx.Client) -> None:
    conversation = start(tavus, conversation_name="op-17")

    conversation_id = conversation.pop("conversation_id")
    assert conversation.pop("created_at").endswith("Z")
    assert conversation == {
        "conversation_name": "op-17",
        "conversation_url": f"https://tavus.daily.co/{conversation_id}",
        "status": "active",
        "callback_url": "",
    }


def test_a_private_conversation_comes_with_a_token_that_dies_with_the_absent_timeout(tavus: httpx.Client) -> None:
    before = time.time()

    conversation = start(tavus, require_auth=True, properties={"participant_absent_timeout": 60})

    claims = jwt.decode(conversation["meeting_token"], options={"verify_signature": False}, algorithms=["HS256"])
    assert jwt.get_unverified_header(conversation["meeting_token"])["alg"] == "HS256"
    assert before + 60 <= claims["exp"] <= time.time() + 62


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"persona_id": "p1"}, "Invalid persona_id"),
        ({"face_id": "r1"}, "Invalid replica_id"),
    ],
)
def test_unknown_faces_and_pals_are_refused(tavus: httpx.Client, wish: dict[str, str], error: str) -> None:
    answer = tavus.post("/v2/conversations", json=wish)

    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/end")])
def test_an_unknown_conversation_is_400_and_not_404(tavus: httpx.Client, method: str, path: str) -> None:
    answer = tavus.request(method, f"/v2/conversations/c0123456789abcde{path}")

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid conversation_id"})


def test_a_full_plan_is_400_until_a_call_has_ended(tavus: httpx.Client) -> None:
    calls = [start(tavus)["conversation_id"] for _ in range(3)]

    refused = tavus.post("/v2/conversations", json={"pal_id": PAL})
    tavus.post(f"/v2/conversations/{calls[0]}/end")

    full = {"message": "User has reached maximum concurrent conversations"}
    assert (refused.status_code, refused.json()) == (400, full)
    start(tavus)


def test_without_credits_a_call_is_402() -> None:
    with serving(create_app(TavusConfig(credit_seconds=30))) as url:
        tavus = httpx.Client(base_url=url, headers={"x-api-key": KEY})
        tavus.post(f"/v2/conversations/{start(tavus)['conversation_id']}/end")

        answer = tavus.post("/v2/conversations", json={"pal_id": PAL})

    assert (answer.status_code, answer.json()) == (402, {"message": "The user is out of conversational credits"})


def test_test_mode_ends_at_once_and_costs_nothing(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver

    test_calls = [start(tavus, test_mode=True, callback_url=hook_url) for _ in range(4)]

    assert {call["status"] for call in test_calls} == {"ended"}
    meter = tavus.get("/_lookalike/meter").json()
    assert (meter["billed_seconds"], meter["active"]) == (0, 0)
    advance(tavus, 4000)
    start(tavus)
    assert hooks.empty


def test_the_bill_has_a_minimum_and_runs_in_steps_from_creation(tavus: httpx.Client) -> None:
    conversation_id = start(tavus)["conversation_id"]
    short = tavus.get("/_lookalike/meter").json()["billed_seconds"]

    advance(tavus, 31)
    tavus.post(f"/v2/conversations/{conversation_id}/end")
    advance(tavus, 600)

    assert short == 30
    assert tavus.get("/_lookalike/meter").json()["billed_seconds"] == 36


def test_nobody_came_so_the_call_ends_itself_and_says_so(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    properties = {"participant_absent_timeout": 60}
    conversation_id = start(tavus, callback_url=f"{hook_url}/a-capability", properties=properties)["conversation_id"]

    advance(tavus, 61)

    shutdown = hooks.take_event("system.shutdown")
    assert shutdown["conversation_id"] == conversation_id
    assert shutdown["message_type"] == "system"
    assert shutdown["webhook_url"] == f"{hook_url}/a-capability"
    assert shutdown["properties"] == {"replica_id": FACE, "shutdown_reason": "participant_absent_timeout reached"}
    assert tavus.get("/_lookalike/meter").json()["billed_seconds"] == 60


def test_webhooks_are_not_signed_and_joins_come_twice(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver

    start(tavus, callback_url=hook_url)
    (headers, first), (_, second) = hooks.take(), hooks.take()

    assert not [name for name in headers if "signature" in name]
    joined = {json.loads(body)["event_type"]: json.loads(body)["properties"] for body in (first, second)}
    assert joined == {"system.replica_joined": {"replica_id": FACE}, "system.pal_joined": {"face_id": FACE}}


def test_a_call_ends_when_the_last_visitor_has_been_gone_for_long_enough(tavus: httpx.Client) -> None:
    conversation_id = start(tavus, properties={"participant_left_timeout": 15})["conversation_id"]
    path = f"/v2/conversations/{conversation_id}?verbose=true"

    room_report(tavus, "participant.joined", conversation_id)
    advance(tavus, 400)  # longer than the absent timeout: somebody is there
    present = tavus.get(path).json()["status"]
    room_report(tavus, "participant.left", conversation_id)
    advance(tavus, 10)
    just_gone = tavus.get(path).json()["status"]
    advance(tavus, 10)
    gone = tavus.get(path).json()

    assert (present, just_gone, gone["status"]) == ("active", "active", "ended")
    assert gone["shutdown_reason"] == "participant_left_timeout reached"


def test_no_call_is_longer_than_it_was_allowed_to_be(tavus: httpx.Client) -> None:
    conversation_id = start(tavus, properties={"max_call_duration": 120})["conversation_id"]
    room_report(tavus, "participant.joined", conversation_id)

    advance(tavus, 10_000)

    record = tavus.get(f"/v2/conversations/{conversation_id}?verbose=true").json()
    assert record["shutdown_reason"] == "max_call_duration reached"
    assert tavus.get("/_lookalike/meter").json()["billed_seconds"] == 120


def test_who_missed_the_webhooks_finds_the_same_events_by_asking(tavus: httpx.Client) -> None:
    conversation_id = start(tavus)["conversation_id"]
    path = f"/v2/conversations/{conversation_id}"
    said = {"room": conversation_id, "session_id": "visitor", "role": "user", "content": "Hello"}
    tavus.post("/_lookalike/daily", json={"type": "transcript.entry", "payload": said})

    ended, again = tavus.post(f"{path}/end"), tavus.post(f"{path}/end")
    advance(tavus, 5)
    eventually(lambda: "transcription" in tavus.get(f"{path}?verbose=true").text)

    assert (ended.status_code, ended.content, again.status_code) == (200, b"", 200)
    events = {event["event_type"]: event["properties"] for event in tavus.get(f"{path}?verbose=true").json()["events"]}
    assert events["system.shutdown"] == {"reason": "end_conversation_endpoint_hit"}
    assert [entry["content"] for entry in events["application.transcription_ready"]["transcript"]] == ["Hello"]
    assert "events" not in tavus.get(path).json()


def test_nothing_is_listed_before_it_has_happened() -> None:
    with serving(create_app(TavusConfig(clock_speed=0.001))) as url:  # nothing happens here unless the clock is pushed
        tavus = httpx.Client(base_url=url, headers={"x-api-key": KEY})
        path = f"/v2/conversations/{start(tavus)['conversation_id']}?verbose=true"

        at_once = tavus.get(path).json()["events"]
        advance(tavus, 1)
        later = tavus.get(path).json()["events"]

    assert at_once is None
    assert [event["event_type"] for event in later] == ["system.replica_joined", "system.pal_joined"]


def test_what_happened_stands_before_the_end_however_far_the_clock_was_pushed(tavus: httpx.Client) -> None:
    path = f"/v2/conversations/{start(tavus)['conversation_id']}?verbose=true"

    advance(tavus, 4000)

    events = tavus.get(path).json()["events"]
    assert [event["event_type"] for event in events[:3]] == [
        "system.replica_joined",
        "system.pal_joined",
        "system.shutdown",
    ]
    assert events[:3] == sorted(events[:3], key=lambda event: str(event["timestamp"]))


def test_conversations_are_listed_by_status_from_page_one(tavus: httpx.Client) -> None:
    first, second = start(tavus)["conversation_id"], start(tavus)["conversation_id"]
    tavus.post(f"/v2/conversations/{first}/end")

    active = tavus.get("/v2/conversations", params={"status": "active"}).json()
    page_two = tavus.get("/v2/conversations", params={"limit": 1, "page": 2}).json()

    assert [call["conversation_id"] for call in active["data"]] == [second]
    assert ([call["conversation_id"] for call in page_two["data"]], page_two["total_count"]) == ([first], 2)


def test_a_deleted_call_is_out_of_sight_and_still_on_the_bill(tavus: httpx.Client) -> None:
    conversation_id = start(tavus)["conversation_id"]

    deleted = tavus.delete(f"/v2/conversations/{conversation_id}")

    assert deleted.status_code == 204
    assert tavus.get(f"/v2/conversations/{conversation_id}").status_code == 400
    assert tavus.get("/_lookalike/meter").json()["active"] == 1


def test_a_vendor_that_ignores_its_limits_ends_a_call_only_when_it_is_asked_to() -> None:
    with serving(create_app(TavusConfig(ignore_timeouts=True))) as url:
        vendor = httpx.Client(base_url=url, headers={"x-api-key": KEY})
        conversation_id = start(vendor, properties={"max_call_duration": 60})["conversation_id"]
        advance(vendor, 10_000)

        long_over = vendor.get(f"/v2/conversations/{conversation_id}").json()["status"]
        vendor.post(f"/v2/conversations/{conversation_id}/end")

        assert (long_over, vendor.get(f"/v2/conversations/{conversation_id}").json()["status"]) == ("active", "ended")
