"""The Tavus look-alike answers as the vendor does: to a client nobody here wrote, and to plain HTTP."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import aiohttp
import httpx
import jwt
import pytest
from livekit.agents import APIStatusError
from livekit.plugins.tavus.api import TavusAPI

from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig
from tests.dev.receiver import Receiver

PAL, FACE = "pcb7a34da5fe", "r90bbd427f71"
KEY = "tvsk_of_a_test"


@pytest.fixture
def tavus() -> Iterator[httpx.Client]:
    with serving(create_app(TavusConfig())) as url, httpx.Client(base_url=url, headers={"x-api-key": KEY}) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with serving(receiver.app) as url:
        yield receiver, url


def start(tavus: httpx.Client, **wishes: Any) -> dict[str, Any]:
    answer = tavus.post("/v2/conversations", json={"pal_id": PAL, **wishes})
    assert answer.status_code == 200, answer.text
    conversation: dict[str, Any] = answer.json()
    return conversation


def advance(tavus: httpx.Client, seconds: float) -> None:
    tavus.post("/_lookalike/clock", json={"advance": seconds})


def room_report(tavus: httpx.Client, kind: str, room: str) -> None:
    tavus.post("/_lookalike/daily", json={"type": kind, "payload": {"room": room, "session_id": "visitor"}})


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.02)


# A client nobody here wrote


def with_livekit(url: str, key: str, work: Callable[[TavusAPI], Coroutine[Any, Any, str]]) -> str:
    async def run() -> str:
        async with aiohttp.ClientSession() as session:
            return await work(TavusAPI(key, f"{url}/v2", session=session))

    return asyncio.run(run())


def test_a_foreign_client_creates_a_conversation_with_its_own_stock_pal(tavus: httpx.Client) -> None:
    conversation_id = with_livekit(str(tavus.base_url), KEY, lambda api: api.create_conversation())

    assert tavus.get(f"/v2/conversations/{conversation_id}").json()["status"] == "active"


def test_a_foreign_client_creates_a_pal_and_a_persona(tavus: httpx.Client) -> None:
    pal_id = with_livekit(str(tavus.base_url), KEY, lambda api: api.create_pal("Ada", default_face_id=FACE))
    persona_id = with_livekit(str(tavus.base_url), KEY, lambda api: api.create_persona("Ben"))

    assert tavus.get(f"/v2/personas/{pal_id}").json()["persona_name"] == "Ada"
    assert tavus.get(f"/v2/pals/{persona_id}").json()["pal_name"] == "Ben"


def test_a_foreign_client_hears_why_it_is_refused(tavus: httpx.Client) -> None:
    url = str(tavus.base_url)

    with pytest.raises(APIStatusError) as wrong_key:
        with_livekit(url, "no key of ours", lambda api: api.create_conversation())
    with pytest.raises(APIStatusError) as wrong_pal:
        with_livekit(url, KEY, lambda api: api.create_conversation(pal_id="p000000000000"))

    assert (wrong_key.value.status_code, wrong_key.value.body) == (401, '{"message":"Invalid access token"}')
    assert (wrong_pal.value.status_code, wrong_pal.value.body) == (400, '{"error":"Invalid persona_id"}')


# Keys and names


@pytest.mark.parametrize("path", ["/v2/conversations", "/v2/conversations/unknown", "/v2/no-such-thing"])
def test_without_a_key_nothing_else_is_looked_at(tavus: httpx.Client, path: str) -> None:
    answer = httpx.post(f"{tavus.base_url}{path}", content=b"not even JSON")

    assert (answer.status_code, answer.json()) == (401, {"message": "Invalid access token"})


def test_old_and_new_words_name_the_same_things(tavus: httpx.Client) -> None:
    old = tavus.post("/v2/conversations", json={"persona_id": PAL, "replica_id": FACE}).json()

    record = tavus.get(f"/v2/conversations/{old['conversation_id']}").json()
    assert record["pal_id"] == record["persona_id"] == PAL
    assert record["face_id"] == record["replica_id"] == FACE
    assert tavus.get("/v2/replicas").json() == tavus.get("/v2/faces").json()


def test_an_account_may_be_told_to_speak_only_the_new_words() -> None:
    with serving(create_app(TavusConfig(names="new"))) as url:
        record = httpx.get(f"{url}/v2/personas/{PAL}", headers={"x-api-key": KEY}).json()

    assert record["pal_id"] == PAL
    assert "persona_id" not in record


# Conversations


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


def test_another_account_does_not_see_a_conversation(tavus: httpx.Client) -> None:
    conversation_id = start(tavus)["conversation_id"]

    answer = tavus.get(f"/v2/conversations/{conversation_id}", headers={"x-api-key": "tvsk_somebody_else"})

    assert answer.json() == {"error": "Invalid conversation_id"}


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


def test_a_page_holds_a_hundred_whatever_is_asked_for(tavus: httpx.Client) -> None:
    for number in range(101):
        tavus.post("/v2/tools", json=TOOL | {"name": f"tool_{number}"}).raise_for_status()

    first = tavus.get("/v2/tools", params={"limit": 1000}).json()
    second = tavus.get("/v2/tools", params={"limit": 1000, "page": 2}).json()

    assert (len(first["data"]), first["total_count"]) == (100, 101)
    assert [tool["name"] for tool in second["data"]] == ["tool_100"]


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


def test_fields_that_the_vendor_would_ignore_are_noted(tavus: httpx.Client) -> None:
    start(tavus, instructions="be nice", properties={"require_auth": True, "idle": 3})

    asked = tavus.get("/_lookalike/requests").json()[-1]

    assert asked["unknown_fields"] == ["instructions", "properties.idle"]


def test_what_was_asked_is_kept_without_secrets(tavus: httpx.Client) -> None:
    start(tavus, callback_url="https://example.com/hooks/unguessable", custom_greeting="<script>hello</script>")

    requests, page = tavus.get("/_lookalike/requests").text, tavus.get("/").text

    assert KEY not in requests + page
    assert "unguessable" not in requests + page
    assert "hello" in page
    assert "<script>hello" not in page


# PALs


def test_a_pal_is_read_flat_and_changed_by_json_patch(tavus: httpx.Client) -> None:
    created = tavus.post("/v2/pals", json={"pal_name": "Ada", "system_prompt": "Be kind.", "default_face_id": FACE})
    path = f"/v2/pals/{created.json()['pal_id']}"

    changed = tavus.patch(path, json=[{"op": "replace", "path": "/persona_name", "value": "Eve"}])
    same = tavus.patch(path, json=[{"op": "replace", "path": "/pal_name", "value": "Eve"}])
    absent = tavus.patch(path, json=[{"op": "replace", "path": "/layers/llm/model", "value": "x"}])
    malformed = tavus.patch(path, json={"pal_name": "Eve"})

    assert [answer.status_code for answer in (changed, same, absent, malformed)] == [200, 304, 400, 422]
    assert malformed.json() == {"message": "Invalid JSON patch format"}
    assert tavus.get(path).json()["pal_name"] == "Eve"


def test_a_pal_needs_a_face_that_exists(tavus: httpx.Client) -> None:
    answer = tavus.post("/v2/pals", json={"pal_name": "Ada", "system_prompt": "Be kind.", "default_face_id": "r1"})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid replica_uuid"})


def test_keys_of_other_vendors_do_not_come_back(tavus: httpx.Client) -> None:
    layers = {"llm": {"api_key": "sk-very-secret", "model": "x"}}
    body = {"pal_name": "Ada", "system_prompt": "Be kind.", "default_face_id": FACE, "layers": layers}
    pal_id = tavus.post("/v2/pals", json=body).json()["pal_id"]

    assert "sk-very-secret" not in tavus.get(f"/v2/pals/{pal_id}").text + tavus.get("/_lookalike/requests").text


# Tools


TOOL = {"name": "search_knowledge", "parameters": {"type": "object", "properties": {"query": {"type": "string"}}}}


def test_a_tool_is_registered_once_and_attached_to_a_pal(tavus: httpx.Client) -> None:
    tool_id = tavus.post("/v2/tools", json=TOOL).json()["tool_id"]

    again = tavus.post("/v2/tools", json=TOOL)
    attached = tavus.post(f"/v2/pals/{PAL}/tools", json={"tool_ids": [tool_id]})

    assert again.status_code == 409
    assert attached.status_code == 200
    carried = tavus.get(f"/v2/personas/{PAL}/tools", params={"verbose": "true"}).json()
    assert [tool["name"] for tool in carried] == ["search_knowledge"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "no spaces please"},
        {"on_call": "static_filler"},
        {"on_resolve": "shout"},
        {"delivery": {"app_message": True, "api": {"url": "https://example.com"}}},
        {"delivery": {"app_message": False}},
        {"parameters": {"type": "object", "properties": {"tavus_secret": {}}}},
    ],
)
def test_a_tool_against_the_rules_is_refused(tavus: httpx.Client, wrong: dict[str, Any]) -> None:
    assert tavus.post("/v2/tools", json=TOOL | wrong).status_code == 400
    assert tavus.get("/v2/tools").json()["total_count"] == 0


@pytest.mark.parametrize(
    ("answers", "calls", "status"), [((), 1, "success"), ((503,), 2, "success"), ((404,), 1, "error")]
)
def test_a_tool_with_an_address_is_called_signed(
    tavus: httpx.Client, answers: tuple[int, ...], calls: int, status: str
) -> None:
    ours = Receiver(*answers)
    with serving(ours.app) as url:
        auth = {"type": "hmac", "secret": "shared"}
        delivery = {"app_message": False, "api": {"url": f"{url}/tool", "method": "POST", "auth": auth}}
        tool = tavus.post("/v2/tools", json=TOOL | {"delivery": delivery}).json()
        tavus.post(f"/v2/pals/{PAL}/tools", json={"tool_ids": [tool["tool_id"]]})
        call = {
            "name": "search_knowledge",
            "arguments": '{"query": "price"}',
            "conversation_id": start(tavus)["conversation_id"],
            "tool_call_id": "call_1",
        }

        result = tavus.post("/_lookalike/tool-calls", json=call).json()

        received = [ours.take() for _ in range(calls)]
    assert ours.empty
    assert result["status"] == status
    for headers, body in received:
        assert headers["x-tavus-signature"] == hmac.new(b"shared", body, hashlib.sha256).hexdigest()
        assert json.loads(body) == call
    assert tool["delivery"]["api"]["auth"]["secret"] == "********"


# Documents


def test_a_document_becomes_ready_and_calls_back(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    body = {"document_url": "https://example.com/a.pdf", "tags": ["acme"], "callback_url": hook_url}
    document = tavus.post("/v2/documents", json=body).json()

    advance(tavus, 3)
    processing = tavus.get(f"/v2/documents/{document['document_id']}").json()
    advance(tavus, 4)
    ready = tavus.get("/v2/documents", params={"tags": "acme,other", "status": "ready"}).json()

    assert (document["status"], processing["status"]) == ("started", "processing")
    assert (ready["total_count"], ready["page"], ready["data"][0]["progress"]) == (1, 0, 100)
    assert [hooks.take_json()["status"] for _ in range(2)] == ["processing", "ready"]


def test_a_document_at_a_failing_address_ends_in_an_error(tavus: httpx.Client) -> None:
    document = tavus.post("/v2/documents", json={"document_url": "https://example.com/fail-download"}).json()

    advance(tavus, 7)

    record = tavus.get(f"/v2/documents/{document['document_id']}").json()
    assert (record["status"], record["error_message"]) == ("error", "file_download_failed")


def test_documents_are_the_family_that_says_404(tavus: httpx.Client) -> None:
    answer = tavus.get("/v2/documents/d0-000000000000")

    assert (answer.status_code, answer.json()) == (404, {"message": "Document not found"})


def test_a_document_needs_an_address(tavus: httpx.Client) -> None:
    answer = tavus.post("/v2/documents", json={"document_name": "Pricing"})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request: document_url is required"})


def test_a_site_is_crawled_again_only_when_it_is_done_and_an_hour_has_passed(tavus: httpx.Client) -> None:
    body = {"document_url": "https://example.com/", "crawl": {"depth": 1, "max_pages": 5}}
    path = f"/v2/documents/{tavus.post('/v2/documents', json=body).json()['document_id']}"

    early = tavus.post(f"{path}/recrawl")
    advance(tavus, 7)
    tavus.get(path)
    soon = tavus.post(f"{path}/recrawl")
    advance(tavus, 3600)
    late = tavus.post(f"{path}/recrawl")

    assert [answer.status_code for answer in (early, soon, late)] == [409, 429, 202]
    assert late.json()["crawl_count"] == 2


# Faults on request


def test_a_reset_happens_once_and_the_call_was_never_made(tavus: httpx.Client) -> None:
    tavus.post("/_lookalike/faults", json={"method": "POST", "path": "/v2/conversations", "reset": True})

    with pytest.raises(httpx.TransportError):
        tavus.post("/v2/conversations", json={"pal_id": PAL})

    assert tavus.get("/v2/conversations").json()["total_count"] == 0
    start(tavus)


@pytest.mark.parametrize("fault", [{"truncate": True}, {"handled": True, "reset": True}])
def test_an_answer_can_be_lost_although_the_call_was_made(tavus: httpx.Client, fault: dict[str, Any]) -> None:
    tavus.post("/_lookalike/faults", json={"path": "/v2/conversations", **fault})

    with pytest.raises(httpx.TransportError):
        tavus.post("/v2/conversations", json={"pal_id": PAL})

    assert tavus.get("/v2/conversations").json()["total_count"] == 1


def test_any_status_and_header_can_be_asked_for(tavus: httpx.Client) -> None:
    fault = {"path": "/v2/*", "status": 429, "headers": {"Retry-After": "7"}, "body": {"message": "slow down"}}
    tavus.post("/_lookalike/faults", json=fault)

    answer = tavus.get("/v2/faces")

    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (429, "7", {"message": "slow down"})
    assert tavus.get("/v2/faces").status_code == 200
