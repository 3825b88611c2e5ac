"""The vendor's request tables: what the look-alike refuses, and what it notes as said in vain."""

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dev.tavus.requests import SCHEMA, Verdict, judge, judge_message
from tests.dev.account import FACE, PAL


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))


@pytest.mark.parametrize(
    ("path", "body", "verdict"),
    [
        ("/v2/conversations", {"pal_id": PAL, "properties": {"language": "german"}}, Verdict()),
        (
            "/v2/conversations",
            {"instructions": "x", "properties": {"idle": 1}},
            Verdict(unknown=("instructions", "properties.idle")),
        ),
        ("/v2/conversations/c1/end", {}, Verdict()),
        ("/v2/pals", {"system_prompt": "x"}, Verdict(missing=("'default_face_id' is a required property",))),
        ("/v2/personas", {"system_prompt": "x", "layers": {"vqa": {}}}, Verdict(unknown=("layers.vqa",))),
        (
            "/v2/documents",
            {"document_url": "https://a.example/", "document_name": 7},
            Verdict(wrong=("document_name must be a string",)),
        ),
        ("/v2/guardrails", {"guardrail_name": "a", "guardrail_prompt": "b", "tags": ["x"]}, Verdict()),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_is_judged_by_its_table(path: str, body: Any, verdict: Verdict) -> None:
    assert judge("POST", path, body) == verdict


def test_what_has_no_table_is_not_judged() -> None:
    assert judge("GET", "/v2/conversations", {}) is None
    assert judge("POST", "/v2/tomorrow", {}) is None


@pytest.mark.parametrize(
    ("event_type", "properties"),
    [
        ("respond", {}),
        ("respond", {"text": ""}),
        ("respond", {"text": "Hello", "role": "user"}),
        ("echo", {"modality": "text"}),
        ("echo", {"text": "Hello", "audio": "AAAA"}),
        ("interrupt", {"at": 1}),
        ("append_llm_context", {"text": "x"}),
        ("append_context", {"context": "the name that some skill files still use"}),
        ("tool_result", {"output": {}}),
        ("tool_result", {"tool_call_id": "t", "output": 7}),
        ("tool_result", {"tool_call_id": "t", "output": "x", "status": "failed"}),
    ],
    ids=str,
)
def test_a_message_into_a_call_is_judged_by_its_table(event_type: str, properties: dict[str, Any]) -> None:
    message = {"message_type": "conversation", "event_type": f"conversation.{event_type}", "conversation_id": "c1"}

    assert not judge_message(message | {"properties": properties}).clean
    assert not judge_message("text").clean


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/conversations", {"pal_id": PAL, "properties": {"language": "de"}}),  # a full name is wanted here
        ("/v2/conversations", {"pal_id": PAL, "require_auth": "yes"}),
        ("/v2/conversations", {"pal_id": PAL, "max_participants": 1}),
        ("/v2/pals", {"system_prompt": "x", "default_face_id": FACE, "layers": {"stt": {"hotwords": ["a", "b"]}}}),
        ("/v2/pals", {"system_prompt": "x", "default_face_id": FACE, "languages": ["german"]}),
        ("/v2/guardrails", {"guardrail_name": "no spaces please", "guardrail_prompt": "x"}),
        ("/v2/guardrails", {"guardrail_name": "a", "guardrail_prompt": "x" * 1001}),
        ("/v2/documents", {"document_url": "https://a.example/", "crawl": {"depth": 99}}),
    ],
    ids=str,
)
def test_what_the_tables_do_not_allow_is_refused_and_noted(tavus: httpx.Client, path: str, body: Any) -> None:
    answer = tavus.post(path, json=body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid request: ")
    assert tavus.get("/_lookalike/requests").json()[-1]["violations"]


def test_a_patch_may_not_make_a_pal_that_could_not_be_created(tavus: httpx.Client) -> None:
    body = {"system_prompt": "x", "default_face_id": FACE}
    pal_id = tavus.post("/v2/pals", json=body).json()["pal_id"]

    answer = tavus.patch(f"/v2/pals/{pal_id}", json=[{"op": "add", "path": "/languages", "value": "german"}])

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid patch operation"})


def test_guardrails_are_kept_listed_and_changed(tavus: httpx.Client) -> None:
    rule = {"guardrail_name": "no_politics", "guardrail_prompt": "Never talk about politics.", "tags": ["acme"]}
    made = tavus.post("/v2/guardrails", json=rule).json()
    path = f"/v2/guardrails/{made['uuid']}"

    changed = tavus.patch(path, json=[{"op": "replace", "path": "/guardrail_prompt", "value": "Never."}])
    nameless = tavus.post("/v2/guardrails", json={"guardrail_prompt": "x"})
    listed = tavus.get("/v2/guardrails", params={"tags": "acme", "legacy": "false"}).json()
    tags = tavus.get("/v2/guardrails/tags").json()
    gone = [tavus.delete(path).status_code, tavus.delete(path).status_code]

    assert changed.status_code == 200
    assert (nameless.status_code, nameless.json()) == (400, {"message": "guardrail_name is required"})
    assert [each["guardrail_prompt"] for each in listed["data"]] == ["Never."]
    assert tags == {"data": ["acme"]}
    assert gone == [204, 404]
