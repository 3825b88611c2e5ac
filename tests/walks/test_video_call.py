"""Walk 2 in a real browser: the avatar is seen and heard, calls a tool, gets its result; the call is settled once."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.visitor import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FILLER = "Let me look that up."
STAGE = "() => document.querySelector('ai-sdr').shadowRoot.querySelector('video')"


@pytest.fixture(autouse=True)
def no_fault_outlives_its_test(stack: Stack) -> Iterator[None]:
    yield
    stack.vendors_work_again()


def tool_calls(sent: list[str]) -> list[str]:
    """The ids of the tool calls that the page passed on from the room, in order."""
    events = [frame["event"] for frame in map(json.loads, sent) if frame["action"] == "event"]
    return [each["properties"]["tool_call_id"] for each in events if each["event_type"] == "conversation.tool_call"]


def spoken_after(stack: Stack, session_id: str, words: str) -> list[str]:
    """What the relay has stored of the avatar's speech since it said these words."""
    turns = stack.transcripts.recent(stack.session(session_id), 50)
    said = [turn.text for turn in turns if (turn.channel, turn.role) == ("video", "assistant")]
    return said[said.index(words) + 1 :] if words in said else []


def start_call(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")
    page.get_by_role("radio", name="Video").or_(page.get_by_role("tab", name="Video")).or_(
        page.get_by_role("button", name="Video", exact=True)
    ).first.click()
    page.get_by_role("button", name="Agree and start the call").click()
    page.wait_for_function(f"() => ({STAGE})()?.videoWidth > 0", timeout=30_000)


def test_a_video_call_is_seen_answers_with_a_tool_and_is_settled_once(stack: Stack, page: Page) -> None:
    sent: list[str] = []
    received: list[str] = []

    def listen(socket: Any) -> None:
        socket.on("framesent", lambda frame: sent.append(str(frame)))
        socket.on("framereceived", lambda frame: received.append(str(frame)))

    page.on("websocket", listen)
    start_call(page, stack)
    before = page.evaluate(f"({STAGE})().currentTime")
    page.wait_for_function(f"() => ({STAGE})().currentTime > {before} + 0.5")

    box = page.get_by_role("textbox")
    box.fill("How long does onboarding take?")
    box.press("Enter")
    expect(page.locator("ai-sdr a[href*='/media/hypersonix/onboarding']").first).to_be_visible(timeout=20_000)

    [forwarded] = tool_calls(sent)
    assert any('"type":"send"' in frame and "conversation.tool_result" in frame for frame in received)
    conversation = eventually(
        lambda: stack.tavus("state")["conversations"][-1], lambda each: bool(each["tool_results"])
    )
    assert conversation["status"] == "active"
    assert conversation["responds"] == 1
    [result] = conversation["tool_results"]
    assert (result["tool_call_id"], result["status"], result["awaited"]) == (forwarded, "success", True)
    assert result["bytes"] <= 4096  # more does not fit into a message of the room

    bought = stack.ledger.by_conversation(conversation["conversation_id"])
    assert bought is not None
    answers = eventually(lambda: spoken_after(stack, bought.session_id, FILLER), bool, 40)
    assert "10 weeks on Growth" in " ".join(answers)

    page.get_by_role("button", name="End").first.click()
    ended = eventually(lambda: stack.tavus("state")["conversations"][-1], lambda each: bool(each["status"] == "ended"))
    assert ended["status"] == "ended"
    operation = eventually(
        lambda: stack.ledger.by_conversation(conversation["conversation_id"]),
        lambda each: bool(each and each.state == "settled"),
    )
    assert operation.state == "settled"
    assert 0 < operation.used_seconds < operation.reserved_seconds
    today = stack.ledger.today("hypersonix")
    assert today["active"] == 0
    assert not stack.ledger.settle(operation, 1)
    assert stack.ledger.today("hypersonix") == today

    box.fill("Which ERP systems do you connect to?")
    box.press("Enter")
    expect(page.get_by_text("SAP S/4HANA").first).to_be_visible(timeout=15_000)
    spoken = stack.transcripts.recent(stack.session(operation.session_id), 50)
    assert {turn.channel for turn in spoken} >= {"video", "text"}


def test_closing_the_tab_ends_the_call_without_the_visitors_help(stack: Stack, page: Page) -> None:
    start_call(page, stack)
    conversation = stack.tavus("state")["conversations"][-1]

    page.close()
    # When the page's last word is lost, the room notices after half a minute, and waits for fifteen seconds more.
    operation = eventually(
        lambda: stack.ledger.by_conversation(conversation["conversation_id"]),
        lambda each: bool(each and each.state == "settled"),
        75,
    )

    assert operation.state == "settled"
    assert stack.ledger.today("hypersonix")["active"] == 0


def test_without_credit_the_visitor_reads_why_and_goes_on_by_voice(stack: Stack, page: Page) -> None:
    fault = {
        "method": "POST",
        "path": "/v2/conversations",
        "status": 402,
        "body": {"message": "The user is out of conversational credits"},
    }
    httpx.post(f"{stack.tavus_url}/_lookalike/faults", json=fault).raise_for_status()
    page.goto(f"{stack.url}/widget/hypersonix")

    page.get_by_text("Video", exact=True).click()
    page.get_by_role("button", name="Agree and start the call").click()

    expect(page.get_by_text("Such calls are not available at the moment. We go on by voice.").first).to_be_visible(
        timeout=15_000
    )
    expect(page.get_by_text("conversational credits")).to_have_count(0)  # that is for the operator
    expect(page.get_by_text("Voice call ·").first).to_be_visible(timeout=15_000)
    expect(page.get_by_role("textbox")).to_be_visible()
    page.get_by_role("button", name="End call").click()
    eventually(lambda: stack.ledger.today("hypersonix")["active"], lambda active: active == 0)
    assert stack.ledger.today("hypersonix")["active"] == 0
