"""The log tells what happened and to whom it belongs, and never what was said, nor anything that opens a door."""

import json
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest

from aisdr.services import Services
from tests import doors
from tests.material import KEYS, ORIGIN, a_chunk, a_company, teach
from tests.observed import Written, observed
from tests.postbox import Postbox
from tests.tavus import KEY, Tavus

pytestmark = pytest.mark.slow

CANARY = "zebra-canary"
HOSTILE = f'{CANARY}\n{{"level":"CRITICAL","company_id":"globex"}}\r\x1b[31m\u2028\x00'
EMAIL = "ada.zebra@example.com"
TOOL_SECRET = "the secret of the tools"


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    environment.setenv("TAVUS_TOOL_SECRET", TOOL_SECRET)
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


def relay(route: str, **event: Any) -> Any:
    about = {"routeKey": route, "connectionId": "c1", "requestId": "r"}
    return import_module("functions.ws-relay.handler").handler({"requestContext": about, **event}, None)


def frame(action: str, **body: Any) -> None:
    relay("$default", body=json.dumps({"action": action} | body))


def spoken(event_type: str, **properties: Any) -> dict[str, Any]:
    about = {"message_type": "conversation", "event_type": event_type, "conversation_id": "c", "inference_id": "i"}
    return about | {"properties": properties}


@pytest.fixture
def whole_visit(services: Services, tavus: Tavus) -> tuple[Written, list[str]]:
    """A visitor who types, speaks, lets tools be called and is refused, and everything that opened a door for them."""
    tools = ("search_knowledge", "log_lead")
    company = a_company(tavus_replica_id="r90bbd427f71", tools=tools)
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", f"The Growth plan costs $149. {CANARY}"))
    with observed() as written:
        body = {"companyId": "acme", "consent": {"version": "1"}}
        key = str(uuid4())
        grant = doors.call("POST", "/api/tavus/session", body=body, origin=ORIGIN, idempotency_key=key).json()
        token = {"authorization": f"Bearer {grant['token']}", "origin": ORIGIN}
        headers = {"Sec-WebSocket-Protocol": f"aisdr, {grant['ticket']}", "Origin": ORIGIN}
        relay("$connect", headers=headers)
        relay("$connect", headers=headers)  # used before
        frame("ask", id="q1", text=HOSTILE)
        frame("say", id="s1", text=HOSTILE)
        for number, event in enumerate(
            (
                spoken("conversation.utterance", role="user", speech=HOSTILE),
                spoken("conversation.tool_call", name=HOSTILE, arguments="{}", tool_call_id="t0"),
                spoken(
                    "conversation.tool_call", name="log_lead", arguments=json.dumps({"email": EMAIL}), tool_call_id="t1"
                ),
                spoken("conversation.tool_call", name="search_knowledge", arguments=HOSTILE, tool_call_id="t2"),
            ),
            start=1,
        ):
            frame("event", seq=number, event=event)
        frame(HOSTILE)
        doors.call("POST", "/api/search", body={"companyId": "acme", "query": HOSTILE}, **token)
        doors.call("POST", "/api/answer", body={"question": HOSTILE, "wrong": CANARY}, **token)
        doors.call("POST", "/api/session", body={"companyId": HOSTILE}, origin=ORIGIN)
        doors.call("POST", "/api/tavus/delivery", body={"a": HOSTILE}, x_tavus_signature=CANARY)
        doors.call("POST", f"/api/tavus/webhook/{CANARY}", body={"event_type": HOSTILE})
        doors.call("GET", f"/api/widget/{CANARY}")
        tavus.fault(method="POST", path="/v2/conversations", status=500)
        doors.call("POST", "/api/tavus/session", body=body, idempotency_key=str(uuid4()), **token)
        services.sessions._clock = lambda: 9e9
        import_module("functions.reconciler.handler").handler({}, None)
    opened = [grant["token"], grant["ticket"], grant["meetingToken"] or KEY, key]
    return written, [each for each in opened if each]


def test_every_line_is_one_object_that_says_whose_request_it_was(whole_visit: tuple[Written, list[str]]) -> None:
    lines = whole_visit[0].text.split("\n")

    told = [json.loads(line) for line in lines if line]
    assert len(told) > 15
    for line in told:
        assert {"request_id", "trace_id"} <= line.keys()
        assert line.get("company_id", "acme") == "acme"
        assert line.get("level") != "CRITICAL"
    assert {"relay connected", "connect refused", "answered", "searched", "frame refused", "call not created"} <= {
        line.get("message") for line in told
    }


def test_nothing_that_was_said_stands_in_the_log(whole_visit: tuple[Written, list[str]]) -> None:
    text = whole_visit[0].text

    assert CANARY not in text
    assert EMAIL not in text
    assert not any(ord(character) < 0x20 and character != "\n" for character in text)


def test_nothing_that_opens_a_door_stands_in_the_log(whole_visit: tuple[Written, list[str]]) -> None:
    written, opened = whole_visit

    for secret in (*opened, *KEYS.values(), KEY, TOOL_SECRET):
        assert secret not in written.text
