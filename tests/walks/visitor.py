"""What a visitor does with the widget, found by what is written on it; and patience for what comes of it."""

import re
import time
from collections.abc import Callable
from typing import Any, Literal

from playwright.sync_api import Locator, Page, expect

from tests.product import Stack

LiveMode = Literal["Voice", "Video"]
CONNECTED = 30_000
"""Milliseconds that a busy machine may need from the button to a standing call."""


def open_panel(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")
    expect(page.get_by_role("group", name="Mode")).to_be_visible()


def choose(page: Page, mode: str) -> None:
    page.get_by_role("group", name="Mode").get_by_role("button", name=mode).click()


def call(page: Page, mode: LiveMode) -> None:
    """Until the call stands. The consent is asked for once in a conversation."""
    choose(page, mode)
    agree = page.get_by_role("button", name="Agree and start the call")
    stands = standing(page, mode)
    expect(agree.or_(stands).or_(page.get_by_role("button", name="Cancel call")).first).to_be_visible()
    if agree.is_visible():
        agree.click()
    expect(stands).to_be_visible(timeout=CONNECTED)


def standing(page: Page, mode: LiveMode) -> Locator:
    """The line in the header that counts the time of a call."""
    return page.get_by_text(re.compile(rf"^{mode} call · \d"))


def ask(page: Page, words: str) -> None:
    box = page.get_by_role("textbox", name=re.compile("^(Ask a question|Ask a follow-up|Type to the call)$"))
    box.fill(words)
    box.press("Enter")


def hang_up(page: Page) -> None:
    page.get_by_role("button", name="End call").click()
    expect(page.get_by_role("button", name="End call")).to_have_count(0)


def read_along(page: Page) -> Locator:
    """In a call: what was said so far, in writing."""
    page.get_by_role("button", name="Transcript").click()
    return log(page)


def log(page: Page) -> Locator:
    return page.get_by_role("region", name="Conversation")


def source(page: Page, title: str) -> Locator:
    """The card that says where an answer comes from."""
    return page.get_by_role("list", name="Sources").get_by_role("link", name=title).first


def session_of(page: Page) -> str:
    """Under which id the server knows this tab's conversation."""
    kept: dict[str, Any] = page.evaluate("JSON.parse(sessionStorage.getItem('ai-sdr:hypersonix'))")
    return str(kept["sessionId"])


def eventually(read: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 15) -> Any:
    """Reads until it holds; returns the last value either way, for the assertion to show."""
    until = time.monotonic() + seconds
    while True:
        value = read()
        if holds(value) or time.monotonic() > until:
            return value
        time.sleep(0.2)
