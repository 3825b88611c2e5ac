"""Tavus: what we send, how we read its answers, its refusals and its silence, and its events in our words."""

import json
from dataclasses import replace
from typing import Any

import pytest

from aisdr.errors import LimitReached, NotConfigured, VendorError
from aisdr.events import CallEnded, ToolCall, Utterance
from aisdr.live.base import CallRequest, Notice
from aisdr.live.tavus import TavusVideo
from tests.material import a_company
from tests.tavus import KEY, Tavus, running_tavus

REQUEST = CallRequest(
    company=a_company(greeting="Hello there", tavus_replica_id="r90bbd427f71"),
    name="operation-1",
    max_seconds=300,
    callback_url="https://sdr.example/api/tavus/webhook/capability",
    context="You represent Acme.",
)


@pytest.fixture(scope="module")
def reader() -> TavusVideo:
    """For what is only read: nobody is asked."""
    return Tavus("http://127.0.0.1:9").video()


def test_a_call_is_created_private_bounded_and_with_captions(tavus: Tavus) -> None:
    call = tavus.video().start(REQUEST)

    (asked,) = tavus.asked("POST", "/v2/conversations")
    assert asked["unknown_fields"] == []
    assert asked["body"] == {
        "face_id": "r90bbd427f71",
        "conversation_name": "operation-1",
        "callback_url": "https://sdr.example/…",
        "conversational_context": "You represent Acme.",
        "custom_greeting": "Hello there",
        "document_retrieval_strategy": "balanced",
        "require_auth": True,
        "max_participants": 2,
        "properties": {
            "max_call_duration": 300,
            "participant_absent_timeout": 60,
            "participant_left_timeout": 15,
            "enable_closed_captions": True,
            "enable_recording": False,
        },
    }
    assert call.url == f"https://tavus.daily.co/{call.call_id}"
    assert call.token


@pytest.mark.parametrize(("uses", "sent"), [(True, ["pricing", "security"]), (False, None)])
def test_documents_are_offered_only_when_the_company_uses_its_tavus_knowledge(
    tavus: Tavus, uses: bool, sent: list[str] | None
) -> None:
    company = a_company(use_tavus_kb=uses, tavus_document_tags=("pricing", "security"))

    tavus.video().start(replace(REQUEST, company=company))

    assert tavus.asked("POST", "/v2/conversations")[0]["body"].get("document_tags") == sent


def test_without_a_key_nobody_is_asked(tavus: Tavus) -> None:
    with pytest.raises(NotConfigured, match=r"^Tavus API key not configured"):
        tavus.video(key=None).start(REQUEST)
    with pytest.raises(NotConfigured, match=r"^Tavus API key not configured"):
        tavus.video(key=None).check_configured()

    assert tavus.asked("POST", "/v2") == []


def test_a_wrong_key_is_the_operators_to_mend_and_is_not_shown(tavus: Tavus) -> None:
    with pytest.raises(NotConfigured, match="check TAVUS_API_KEY") as caught:
        tavus.video(key="tvsk_wrong").start(REQUEST)

    assert "tvsk_wrong" not in caught.value.message


def test_a_full_plan_is_busy_and_not_a_failure() -> None:
    with running_tavus(concurrency=1) as tavus:
        tavus.video().start(REQUEST)

        with pytest.raises(LimitReached) as caught:
            tavus.video().start(replace(REQUEST, name="operation-2"))

    assert caught.value.code == "avatar_busy"


def test_an_account_without_credit_says_so() -> None:
    with running_tavus(credit_seconds=0) as tavus, pytest.raises(LimitReached) as caught:
        tavus.video().start(REQUEST)

    assert caught.value.code == "vendor_credits"


def test_a_face_that_does_not_exist_is_a_refusal(tavus: Tavus) -> None:
    company = a_company(tavus_replica_id="r0000000")

    with pytest.raises(VendorError) as caught:
        tavus.video().start(replace(REQUEST, company=company))

    assert (caught.value.outcome_unknown, caught.value.retryable) == (False, False)


@pytest.mark.parametrize(
    "fault",
    [
        {"reset": True},
        {"reset": True, "handled": True},
        {"truncate": True},
        {"status": 500, "body": {"message": "oops"}},
        {"status": 502, "body": "<html>Bad gateway</html>"},
        {"status": 200, "body": "<html>Welcome to the hotel</html>"},
        {"status": 200, "body": ""},
        {"status": 200, "body": []},
        {"status": 200, "body": {}},
        {"status": 200, "body": {"conversation_id": 7, "conversation_url": "https://x.daily.co/x"}},
        {"status": 200, "body": {"conversation_id": "c1"}},
    ],
    ids=str,
)
def test_a_create_without_a_clean_answer_may_have_happened(tavus: Tavus, fault: dict[str, Any]) -> None:
    tavus.fault(method="POST", path="/v2/conversations", **fault)

    with pytest.raises(VendorError) as caught:
        tavus.video().start(REQUEST)

    assert caught.value.outcome_unknown
    assert not caught.value.retryable


def test_a_create_that_never_reached_tavus_did_not_happen() -> None:
    with pytest.raises(VendorError) as caught:
        Tavus("http://127.0.0.1:9").video().start(REQUEST)

    assert (caught.value.outcome_unknown, caught.value.retryable) == (False, True)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/room",
        "https://daily.co.evil.example/room",
        "https://evildaily.co/room",
        "http://tavus.daily.co/room",
        "javascript:alert(1)//.daily.co",
        "https://tavus.daily.co@evil.example/room",
        "//tavus.daily.co/room",
        "",
    ],
)
def test_a_room_on_another_host_is_refused_and_the_call_is_ended(tavus: Tavus, url: str) -> None:
    bought = tavus.video().start(REQUEST)
    tavus.fault(
        method="POST",
        path="/v2/conversations",
        status=200,
        body={"conversation_id": bought.call_id, "conversation_url": url},
    )

    with pytest.raises(VendorError, match="AISDR_ROOM_HOSTS"):
        tavus.video().start(replace(REQUEST, name="operation-2"))

    assert tavus.running() == 0


def test_plain_http_is_for_a_listed_loopback_host_only(tavus: Tavus) -> None:
    def started(url: str, *hosts: str) -> str:
        body = {"conversation_id": "c1", "conversation_url": url}
        tavus.fault(method="POST", path="/v2/conversations", status=200, body=body)
        return tavus.video(room_hosts=hosts).start(REQUEST).url

    assert started("http://localhost:4702/room", "*.daily.co", "localhost") == "http://localhost:4702/room"
    with pytest.raises(VendorError):
        started("http://localhost:4702/room", "*.daily.co")
    with pytest.raises(VendorError):
        started("http://rooms.example/room", "rooms.example")


def test_a_call_that_is_ended_is_over_and_tells_how_long_it_was(tavus: Tavus) -> None:
    video = tavus.video()
    call = video.start(REQUEST)
    assert video.status(call.call_id).active

    tavus.advance(42)
    video.end(call.call_id)

    status = video.status(call.call_id)
    assert (status.active, status.reason) == (False, "end_conversation_endpoint_hit")
    assert status.seconds is not None
    assert 42 <= status.seconds < 60


def test_ending_a_call_that_is_over_is_no_error(tavus: Tavus) -> None:
    call = tavus.video().start(REQUEST)

    for _ in range(2):
        tavus.video().end(call.call_id)
    tavus.fault(method="POST", path="*", status=400, body={"error": "Conversation has already ended"})
    tavus.video().end(call.call_id)

    assert tavus.running() == 0


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"reset": True}, {"status": 429}, {"status": 200, "body": "<html>"}], ids=str
)
def test_an_end_that_tavus_may_not_have_heard_is_an_error_to_repeat(tavus: Tavus, fault: dict[str, Any]) -> None:
    call = tavus.video().start(REQUEST)
    tavus.fault(method="POST", path=f"/v2/conversations/{call.call_id}/end", **fault)

    with pytest.raises(VendorError) as caught:
        tavus.video().end(call.call_id)

    assert caught.value.retryable


def test_a_lost_call_is_found_by_its_name_running_or_over(tavus: Tavus) -> None:
    video = tavus.video()
    call = video.start(REQUEST)

    found = video.find("operation-1")
    assert found is not None
    assert found.call_id == call.call_id
    video.end(call.call_id)
    over = video.find("operation-1")
    assert over is not None
    assert over.call_id == call.call_id
    assert video.find("operation-2") is None


@pytest.mark.parametrize("names", ["both", "new", "legacy"])
def test_either_name_family_is_read(names: str) -> None:
    with running_tavus(names=names) as tavus:
        client = tavus.client()
        pal_id = client.create_pal({"pal_name": "Acme", "default_face_id": "r90bbd427f71", "system_prompt": "Sell."})
        tavus.video().start(REQUEST)

        found = tavus.video().find("operation-1")
        assert client.get_pal(pal_id)
        assert {face.get("face_id") or face.get("replica_id") for face in client.list_faces()} >= {"r90bbd427f71"}

    assert found is not None
    assert found.face_id == "r90bbd427f71"


def test_documents_are_registered_read_and_removed(tavus: Tavus) -> None:
    client = tavus.client()

    document = client.create_document({"document_url": "https://acme.example/pricing.pdf", "document_name": "Pricing"})
    document_id = document.get("document_id") or document["uuid"]
    assert client.get_document(document_id)
    client.delete_document(document_id)

    with pytest.raises(VendorError):
        client.get_document(document_id)


def test_the_key_travels_in_its_header_and_never_in_an_address(tavus: Tavus) -> None:
    tavus.video().start(REQUEST)
    tavus.video().find("operation-1")

    assert KEY not in json.dumps([*tavus.asked("POST", "/"), *tavus.asked("GET", "/")])


def event(event_type: str, properties: Any, **more: Any) -> dict[str, Any]:
    envelope = {"message_type": "conversation", "event_type": event_type, "conversation_id": "c1", "seq": 310}
    return envelope | {"turn_idx": 5, "inference_id": "i7", "properties": properties} | more


def test_a_tool_call_is_read_with_its_id_and_arguments(reader: TavusVideo) -> None:
    said = event(
        "conversation.tool_call",
        {"name": "search_knowledge", "arguments": '{"query":"sso"}', "tool_call_id": "call_abc123"},
    )

    assert reader.read(said) == ToolCall("call_abc123", "search_knowledge", {"query": "sso"})


def test_arguments_may_be_an_object_or_nothing(reader: TavusVideo) -> None:
    for arguments, read in (({"query": "sso"}, {"query": "sso"}), ("", {}), ("{}", {})):
        call = reader.read(event("conversation.perception_tool_call", {"name": "x", "arguments": arguments}))

        assert isinstance(call, ToolCall)
        assert (call.arguments, call.malformed) == (read, None)


@pytest.mark.parametrize(
    "arguments",
    ["{", "nonsense", "[1]", '"text"', "null", 7, None, [1], "[" * 5000, '{"query": "\\ud800"}', '{"query": NaN}'],
    ids=lambda value: repr(value)[:20],
)
def test_arguments_that_cannot_be_read_are_told_as_such(reader: TavusVideo, arguments: Any) -> None:
    call = reader.read(event("conversation.tool_call", {"name": "x", "arguments": arguments, "tool_call_id": "t1"}))

    assert isinstance(call, ToolCall)
    assert call.malformed
    assert call.arguments == {}


def test_a_call_without_an_id_is_the_same_call_when_it_comes_again(reader: TavusVideo) -> None:
    def read(query: str, **more: Any) -> str:
        call = reader.read(event("conversation.tool_call", {"name": "x", "arguments": {"query": query}}, **more))
        assert isinstance(call, ToolCall)
        return call.call_id

    assert read("sso") == read("sso", seq=999)
    assert len({read("sso"), read("price"), read("sso", inference_id="i8"), read("sso", conversation_id="c2")}) == 4


@pytest.mark.parametrize(("role", "ours"), [("user", "visitor"), ("replica", "assistant"), ("pal", "assistant")])
def test_an_utterance_is_read_with_who_said_it(reader: TavusVideo, role: str, ours: str) -> None:
    spoken = reader.read(event("conversation.utterance", {"role": role, "speech": "Hello"}))

    assert isinstance(spoken, Utterance)
    assert (spoken.role, spoken.text) == (ours, "Hello")


def test_a_turn_of_the_visitor_is_one_utterance_although_its_inference_changes(reader: TavusVideo) -> None:
    def key(role: str, **more: Any) -> str:
        spoken = reader.read(event("conversation.utterance", {"role": role, "speech": "Hello"}, **more))
        assert isinstance(spoken, Utterance)
        return spoken.key

    assert key("user") == key("user", inference_id="i8")
    assert key("user") != key("user", turn_idx=6)
    assert key("replica") == key("replica", seq=311)
    assert key("replica") != key("replica", inference_id="i8")
    assert key("user") != key("replica")


@pytest.mark.parametrize("properties", [{"shutdown_reason": "max_call_duration reached"}, {"reason": "gone"}, {}, None])
def test_the_end_is_read_under_either_name_of_its_reason(reader: TavusVideo, properties: dict[str, str] | None) -> None:
    reason = next(iter((properties or {}).values()), "ended")

    assert reader.read(event("system.shutdown", properties)) == CallEnded(reason)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"event_type": None},
        {"event_type": ["conversation.tool_call"]},
        event("conversation.tool_call", None),
        event("conversation.tool_call", [1]),
        event("conversation.tool_call", "text"),
        event("conversation.tool_call", {"name": 7}),
        event("conversation.utterance", {"role": "user", "speech": ""}),
        event("conversation.utterance", {"role": "user", "speech": ["Hello"]}),
        event("conversation.utterance", [1]),
        event("conversation.utterance.streaming", {"role": "user", "speech": "Hel"}),
        event("conversation.replica.started_speaking", {}),
        event("tomorrow.something_new", {"a": 1}),
    ],
    ids=lambda raw: json.dumps(raw)[:60],
)
def test_what_is_not_for_us_or_makes_no_sense_is_nothing(reader: TavusVideo, raw: dict[str, Any]) -> None:
    assert reader.read(raw) is None


@pytest.mark.parametrize(("success", "status"), [(True, "success"), (False, "error")])
def test_a_result_goes_back_under_the_calls_id(reader: TavusVideo, success: bool, status: str) -> None:
    raw = event("conversation.tool_call", {"name": "x", "arguments": "{}", "tool_call_id": "call_abc123"})
    call = reader.read(raw)
    assert isinstance(call, ToolCall)

    assert reader.tool_result(raw, call, {"answer": "49"}, success=success) == {
        "message_type": "conversation",
        "event_type": "conversation.tool_result",
        "conversation_id": "c1",
        "properties": {"tool_call_id": "call_abc123", "output": {"answer": "49"}, "status": status},
    }


def test_a_result_without_an_id_to_answer_becomes_context(reader: TavusVideo) -> None:
    raw = event("conversation.tool_call", {"name": "x", "arguments": "{}"})
    call = reader.read(raw)
    assert isinstance(call, ToolCall)

    message = reader.tool_result(raw, call, {"answer": "Grüße"}, success=True)

    assert message["event_type"] == "conversation.append_llm_context"
    assert message["properties"] == {"context": 'Result of x: {"answer": "Grüße"}'}


@pytest.mark.parametrize(
    ("body", "notice"),
    [
        ({"conversation_id": "c1", "event_type": "system.replica_joined"}, Notice("c1", "joined")),
        ({"conversation_id": "c1", "event_type": "system.pal_joined"}, Notice("c1", "joined")),
        ({"conversation_id": "c1", "event_type": "system.shutdown"}, Notice("c1", "ended")),
        ({"conversation_id": "c1", "event_type": "application.transcription_ready"}, Notice("c1", "other")),
        ({"conversation_id": "c1"}, Notice("c1", "other")),
        ({"conversation_id": ["c1"], "event_type": "system.shutdown"}, None),
        ({}, None),
    ],
)
def test_a_webhook_is_read_as_a_claim(reader: TavusVideo, body: dict[str, Any], notice: Notice | None) -> None:
    assert reader.read_notice(body) == notice
