"""One question in four modes: the same fact and the same source in each, typed, read aloud, spoken, face to face."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.loudspeaker import Loudspeaker
from tests.walks.visitor import ask, call, choose, hang_up, log, open_panel, read_along, source

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"
FACT = re.compile(r"\$31\b")
SOURCE = "Plans and prices"


def test_in_text_it_is_answered_with_fact_and_source(stack: Stack, page: Page) -> None:
    open_panel(page, stack)

    ask(page, QUESTION)

    expect(log(page).get_by_text(FACT).first).to_be_visible(timeout=15_000)
    expect(source(page, SOURCE)).to_be_visible(timeout=15_000)


def test_read_aloud_the_same_answer_is_also_heard(stack: Stack, page: Page) -> None:
    loudspeaker = Loudspeaker(page)
    open_panel(page, stack)
    choose(page, "Listen")

    with page.expect_response("**/api/speech") as fetched:
        ask(page, QUESTION)
    loudspeaker.expect_speech(15)

    assert fetched.value.status == 200
    assert fetched.value.headers["content-type"].startswith("audio/")
    expect(page.get_by_text("Reading aloud")).to_be_visible()
    expect(log(page).get_by_text(FACT).first).to_be_visible()
    expect(source(page, SOURCE)).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Stop reading").click()
    expect(page.get_by_text("Reading aloud")).to_have_count(0)


def test_in_a_voice_call_the_vendors_tool_call_brings_the_same_fact_and_source(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    call(page, "Voice")

    ask(page, QUESTION)

    expect_fact_and_source(page)
    hang_up(page)
    spoken = stack.openai("calls")[-1]
    assert [each["name"] for each in spoken["tool_calls"]] == ["search_knowledge"]
    assert "function_call_output" in [each["item"]["type"] for each in spoken["received"] if "item" in each]


def test_in_a_video_call_the_avatars_tool_call_brings_the_same_fact_and_source(stack: Stack, page: Page) -> None:
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    open_panel(page, stack)
    call(page, "Video")

    ask(page, QUESTION)

    expect_fact_and_source(page)
    hang_up(page)
    [asked] = [each["properties"] for each in room_events(sent) if each["event_type"] == "conversation.tool_call"]
    assert asked["name"] == "search_knowledge"
    [result] = stack.tavus("state")["conversations"][-1]["tool_results"]
    assert (result["tool_call_id"], result["status"], result["awaited"]) == (asked["tool_call_id"], "success", True)


def expect_fact_and_source(page: Page) -> None:
    """Under the call first, then in the written conversation, where the fact stands as it was spoken."""
    expect(source(page, SOURCE)).to_be_visible(timeout=30_000)
    expect(read_along(page).get_by_text(FACT).first).to_be_visible(timeout=30_000)
    expect(source(page, SOURCE)).to_be_visible()


def room_events(sent: list[str]) -> list[dict[str, Any]]:
    """What the page passed on from the room, in order."""
    return [frame["event"] for frame in map(json.loads, sent) if frame["action"] == "event"]
