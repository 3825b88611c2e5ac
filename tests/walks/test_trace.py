"""One id leads from what a visitor does in the browser, through the functions' log, to what the vendor was asked."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.product import Stack
from tests.walks.visitor import ask, call, eventually, log, open_panel

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def trace_of(header: str) -> str:
    return header.split("-")[1]


def lines(stack: Stack) -> list[dict[str, Any]]:
    """What the functions have written so far."""
    written = "".join(file.read_text() for file in (stack.data / "logs").glob("*.log"))
    return [json.loads(line) for line in written.splitlines() if line.startswith("{") and line.endswith("}")]


def told_of(stack: Stack, trace: str) -> list[dict[str, Any]]:
    return [line for line in lines(stack) if line.get("trace_id") == trace]


def messages(told: list[dict[str, Any]]) -> set[str]:
    return {line["message"] for line in told if "message" in line}


def test_a_video_call_is_one_trace_from_the_click_to_tavus(stack: Stack, page: Page) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/api/tavus/session" in request.url else None)
    open_panel(page, stack)

    call(page, "Video")

    made = [request.header_value("traceparent") for request in asked if request.method == "POST"]
    (trace,) = {trace_of(header or "") for header in made}
    vendors = [each for each in stack.tavus("requests") if each["path"] == "/v2/conversations"]
    assert trace in {trace_of(each["traceparent"]) for each in vendors if each["method"] == "POST"}
    told = told_of(stack, trace)
    assert told
    assert {line["company_id"] for line in told} == {"hypersonix"}
    assert "Sessions" in {name for line in told for name in line}


def test_a_question_is_one_trace_from_the_frame_to_the_answer(stack: Stack, page: Page) -> None:
    frames: list[dict[str, Any]] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: frames.append(json.loads(str(frame)))))
    open_panel(page, stack)

    ask(page, "Which ERP systems do you connect to?")
    expect(log(page).get_by_text("SAP").first).to_be_visible()

    (frame,) = [each for each in frames if each["action"] == "ask"]
    trace = trace_of(frame["traceparent"])
    told = eventually(lambda: told_of(stack, trace), lambda found: "answered" in messages(found))
    assert {"searched", "answered"} <= messages(told)
    assert len({line["request_id"] for line in told}) == 1
    assert "ERP" not in json.dumps(told)
