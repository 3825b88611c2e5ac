"""One id from the browser's request to the vendor's own log, and in every line of ours between them."""

import json
from importlib import import_module
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aisdr.configuration import ModelChoice, Models
from aisdr.services import Services
from aisdr.trace import trace_id_of, traceparent
from dev.serve import serving
from tests import doors
from tests.material import ORIGIN, a_company
from tests.observed import observed
from tests.postbox import Postbox
from tests.sockets import CALL, visitor_of_acme
from tests.tavus import KEY, Tavus
from tests.voice import KEY as OPENAI_KEY
from tests.voice import OpenAi

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
FROM_BROWSER = f"00-{TRACE}-{SPAN}-01"
AGREED = {"version": "1"}


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus, openai: OpenAi, postbox: Postbox) -> pytest.MonkeyPatch:
    for name, value in {
        "TAVUS_API_URL": tavus.url,
        "TAVUS_API_KEY": KEY,
        "OPENAI_BASE_URL": openai.url,
        "OPENAI_API_KEY": OPENAI_KEY,
        "WS_ENDPOINT": postbox.url,
    }.items():
        environment.setenv(name, value)
    return environment


def relay(event: dict[str, Any]) -> Any:
    return import_module("functions.ws-relay.handler").handler(event, None)


def frame(body: dict[str, Any]) -> dict[str, Any]:
    about = {"routeKey": "$default", "connectionId": "c1", "requestId": "of-the-frame"}
    return {"requestContext": about, "body": json.dumps(body)}


@pytest.mark.parametrize(
    "header",
    [FROM_BROWSER, f"00-{TRACE}-{SPAN}-00", f"01-{TRACE}-{SPAN}-01", f"01-{TRACE}-{SPAN}-01-what-comes-later"],
)
def test_the_id_of_a_trace_is_taken_as_it_came(header: str) -> None:
    assert trace_id_of(header) == TRACE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        TRACE,
        FROM_BROWSER.upper(),
        f"{FROM_BROWSER}-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}\n-{SPAN}-01",
        f"{FROM_BROWSER}\n",
    ],
)
def test_what_is_no_trace_begins_one(header: str | None) -> None:
    first, second = trace_id_of(header), trace_id_of(header)

    assert first != second
    assert trace_id_of(traceparent(first)) == first


def test_another_websites_page_may_send_the_header(services: Services) -> None:
    asked = {"origin": ORIGIN, "access_control_request_method": "POST"}

    reply = doors.call("OPTIONS", "/api/session", access_control_request_headers="content-type,traceparent", **asked)

    assert reply.status == 200
    assert "traceparent" in reply.headers["access-control-allow-headers"].lower()


def test_one_id_leads_from_the_browsers_request_to_tavus(services: Services, tavus: Tavus) -> None:
    services.companies.put(a_company(tavus_replica_id="r90bbd427f71"), expected_version=0)

    with observed() as written:
        reply = doors.call(
            "POST",
            "/api/tavus/session",
            body={"companyId": "acme", "consent": AGREED},
            origin=ORIGIN,
            idempotency_key="6f1f1c9e-the-wish-of-a-visitor",
            traceparent=FROM_BROWSER,
        )

    assert reply.status == 200, reply.text
    (asked,) = tavus.asked("POST", "/v2/conversations")
    assert asked["traceparent"].split("-")[1] == TRACE
    assert asked["traceparent"].split("-")[2] != SPAN
    assert {line["trace_id"] for line in written.lines} == {TRACE}
    assert {line["request_id"] for line in written.lines} == {"request-of-a-test"}


def test_one_id_leads_from_the_browsers_frame_through_the_search_to_the_model(
    services: Services, postbox: Postbox, openai: OpenAi
) -> None:
    chain = (ModelChoice(provider="openai", model="of-nobody"), ModelChoice())
    visitor = visitor_of_acme(services, postbox, models=Models(chat=chain))

    with observed() as written:
        relay(frame({"action": "ask", "id": "q1", "text": "What does Growth cost?", "traceparent": FROM_BROWSER}))

    asked = openai.asked("/v1/chat/completions")
    assert asked
    assert {each["traceparent"].split("-")[1] for each in asked} == {TRACE}
    told = {line["message"]: line for line in written.lines if "message" in line}
    assert {"searched", "answered"} <= told.keys()
    for line in written.lines:
        assert (line["trace_id"], line["request_id"]) == (TRACE, "of-the-frame")
        assert (line["company_id"], line["session_id"]) == ("acme", visitor.session.session_id)
    assert "Growth" not in written.text


def test_a_companys_own_address_hears_of_the_trace_from_a_thread_of_the_search(
    services: Services, postbox: Postbox
) -> None:
    traces: list[str] = []

    async def answer(request: Request) -> JSONResponse:
        traces.append(request.headers["traceparent"].split("-")[1])
        return JSONResponse({"results": []})

    with serving(Starlette(routes=[Route("/", answer, methods=["POST"])])) as url:
        visitor_of_acme(services, postbox, use_tavus_kb=True, search_strategy="parallel", tavus_kb_search_url=url)
        relay(frame({"action": "ask", "id": "q1", "text": "What does Growth cost?", "traceparent": FROM_BROWSER}))

    assert set(traces) == {TRACE}


def test_every_line_of_a_calls_frame_names_its_call(services: Services, postbox: Postbox) -> None:
    visitor = visitor_of_acme(services, postbox, "video")
    event = visitor.in_room("conversation.tool_call", {"name": "nobody", "arguments": "{}", "tool_call_id": "t"})

    with observed() as written:
        relay(frame({"action": "event", "seq": 1, "event": event}))

    assert written.lines
    assert {(line["call_id"], line["mode"], line["company_id"]) for line in written.lines} == {(CALL, "video", "acme")}


def test_nothing_of_one_invocation_is_said_in_the_next(services: Services, postbox: Postbox) -> None:
    visitor_of_acme(services, postbox, "video")
    about = {"routeKey": "$connect", "connectionId": "c2", "requestId": "2"}

    with observed() as written:
        relay(frame({"action": "event", "seq": 1, "event": {}, "traceparent": FROM_BROWSER}))
        relay({"requestContext": about, "headers": {"Sec-WebSocket-Protocol": "aisdr, no-ticket", "Origin": ORIGIN}})

    decided, line = [line for line in written.lines if line["request_id"] == "2"]
    assert (decided["audit"], decided["decision"]) == ("ticket.redeem", "deny")
    assert line["message"] == "connect refused"
    assert not {"company_id", "session_id", "call_id", "mode"} & line.keys()
    assert line["trace_id"] != TRACE


@pytest.mark.parametrize("given", ["", "nonsense", FROM_BROWSER.upper()])
def test_a_frame_is_served_whatever_it_says_of_its_trace(services: Services, postbox: Postbox, given: str) -> None:
    visitor = visitor_of_acme(services, postbox)

    frames = visitor.send({"action": "ping", "traceparent": given})

    assert frames == [{"type": "pong"}]
