"""PALs and tools of the Tavus look-alike: registered, changed, attached, and called where they have an address."""

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from dev.serve import serving
from tests.dev.account import FACE, PAL, TOOL, start
from tests.dev.receiver import Receiver


def test_a_page_holds_a_hundred_whatever_is_asked_for(tavus: httpx.Client) -> None:
    for number in range(101):
        tavus.post("/v2/tools", json=TOOL | {"name": f"tool_{number}"}).raise_for_status()

    first = tavus.get("/v2/tools", params={"limit": 1000}).json()
    second = tavus.get("/v2/tools", params={"limit": 1000, "page": 2}).json()

    assert (len(first["data"]), first["total_count"]) == (100, 101)
    assert [tool["name"] for tool in second["data"]] == ["tool_100"]


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
