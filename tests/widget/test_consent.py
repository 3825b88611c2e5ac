"""What a visitor agrees to, and that nothing of theirs is touched before."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from aisdr.session import session_key
from tests.product import Stack
from tests.walks.visitor import CONNECTED, ask, choose, hang_up, log, open_panel, session_of, source, standing
from tests.widget.browser import MICROPHONES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"
NEW_TEXT = "From today your messages are kept for a year."


def agreed(stack: Stack, page: Page) -> str | None:
    """The version that the server keeps with the conversation."""
    stored = stack.conversations.get(session_key("hypersonix", session_of(page)), "session")
    assert stored is not None
    version: str | None = stored.get("consent_version")
    return version


def test_before_the_visitor_agrees_there_is_no_device_no_vendor_and_no_storage(stack: Stack, page: Page) -> None:
    page.add_init_script(MICROPHONES)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))

    open_panel(page, stack)
    for mode in ("Listen", "Voice", "Video", "Text"):
        choose(page, mode)

    # It says at first sight what one talks with, and what it does with one's words.
    expect(page.get_by_text("AI assistant", exact=True)).to_be_visible()
    expect(page.get_by_text("You are talking with an AI.")).to_be_visible()
    expect(page.get_by_text("By sending a message you agree to this.")).to_be_visible()
    assert {urlsplit(url).netloc for url in asked if not url.startswith("blob:")} == {urlsplit(stack.url).netloc}
    assert {url for url in asked if "/api/" in url} == {f"{stack.url}/api/widget/hypersonix"}
    assert page.evaluate("given.length") == 0
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_who_writes_has_agreed_and_the_version_is_kept_with_the_conversation(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    ask(page, QUESTION)
    expect(source(page, "Plans and prices")).to_be_visible(timeout=15_000)

    assert agreed(stack, page) == stack.companies.get("hypersonix").consent.version


def test_where_the_website_speaks_in_the_visitors_place_nobody_has_agreed(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    page.evaluate(f"document.querySelector('ai-sdr').send({json.dumps(QUESTION)})")
    expect(source(page, "Plans and prices")).to_be_visible(timeout=15_000)

    assert agreed(stack, page) is None


def change_the_text(page: Page, path: str) -> None:
    """The text was changed after this page has read it: one refusal, and from then on the new profile."""

    def refuse(route: Any) -> None:
        page.unroute(path)
        refusal = {"error": {"code": "consent_outdated", "message": "for operators", "requestId": "r-1"}}
        route.fulfill(status=422, body=json.dumps(refusal))

    def profile(route: Any) -> None:
        told = route.fetch().json()
        told["consent"]["text"] = NEW_TEXT
        route.fulfill(json=told)

    page.route(path, refuse)
    page.route("**/api/widget/hypersonix", profile)


def test_a_text_that_has_changed_is_read_before_the_question_is_asked_again(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    change_the_text(page, "**/api/session")
    ask(page, QUESTION)

    error = log(page).get_by_role("group", name="Error")
    expect(error).to_contain_text("What you agree to has changed. Please read it and agree again.", timeout=15_000)
    expect(log(page).get_by_text(NEW_TEXT).last).to_be_visible()
    error.get_by_role("button", name="Try again").click()

    expect(source(page, "Plans and prices")).to_be_visible(timeout=15_000)


def test_a_text_that_has_changed_is_agreed_to_before_the_call(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    change_the_text(page, "**/api/tavus/session")
    choose(page, "Video")
    agree = page.get_by_role("button", name="Agree and start the call")
    agree.click()

    expect(page.get_by_text(NEW_TEXT)).to_be_visible(timeout=15_000)
    agree.click()

    expect(standing(page, "Video")).to_be_visible(timeout=CONNECTED)
    hang_up(page)
