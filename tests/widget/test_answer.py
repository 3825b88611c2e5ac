"""What a visitor may do with an answer: stop it, ask again, copy and rate it; and how tables and code are read."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.product import Stack
from tests.walks.visitor import ask, eventually, log, open_panel, session_of, source

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"
WRITTEN = """| Plan | Price |
| --- | ---: |
| Growth | $31 |

```bash
aisdr seed acme
```"""


@pytest.fixture
def visitor(stack: Stack, page: Page) -> Page:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_panel(page, stack)
    return page


def over_http(page: Page, answer: dict[str, Any]) -> None:
    """Without a socket the answer comes in one piece, here a given one."""
    whole = {"citations": [], "shown": [], "actions": [], "grounded": True} | answer
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/answer", lambda route: route.fulfill(json=whole))


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_thumbs_are_stored_with_the_answer_and_taken_back(stack: Stack, visitor: Page) -> None:
    ask(visitor, QUESTION)
    good, bad = (visitor.get_by_role("button", name=f"{word} answer") for word in ("Good", "Bad"))
    good.click(timeout=15_000)
    session = stack.session(session_of(visitor))

    expect(good).to_have_attribute("aria-pressed", "true")
    assert eventually(lambda: rating(stack, session), lambda each: each == "good") == "good"
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    assert eventually(lambda: rating(stack, session), lambda each: each == "bad") == "bad"
    visitor.reload()
    expect(bad).to_have_attribute("aria-pressed", "true", timeout=15_000)
    bad.click()
    assert eventually(lambda: rating(stack, session), lambda each: each is None) is None


def rating(stack: Stack, session: Any) -> str | None:
    return stack.transcripts.all(session)[-1].rating


def test_an_answer_is_copied_without_its_marks(visitor: Page) -> None:
    over_http(visitor, {"text": "It costs **$31** a month. [1]"})
    ask(visitor, QUESTION)

    visitor.get_by_role("button", name="Copy answer").click(timeout=15_000)

    expect(visitor.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(visitor) == "It costs $31 a month."


def test_a_table_is_a_table_and_code_can_be_copied_alone(visitor: Page) -> None:
    over_http(visitor, {"text": WRITTEN})
    ask(visitor, QUESTION)

    table = visitor.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["Plan", "Price"], timeout=15_000)
    expect(table.get_by_role("cell")).to_have_text(["Growth", "$31"])
    visitor.get_by_role("button", name="Copy code").click()
    expect(visitor.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(visitor) == "aisdr seed acme"


def test_what_was_stopped_can_be_asked_again(visitor: Page) -> None:
    waiting: list[Route] = []
    visitor.route_web_socket("**/ws*", lambda socket: socket.close())
    visitor.route("**/api/answer", lambda route: waiting.append(route))
    ask(visitor, QUESTION)
    visitor.get_by_role("button", name="Stop answering").click()
    expect(log(visitor).get_by_text("Stopped.")).to_be_visible()
    visitor.unroute("**/api/answer")

    log(visitor).get_by_role("button", name="Ask again").click()

    expect(source(visitor, "Plans and prices")).to_be_visible(timeout=15_000)
    expect(log(visitor).get_by_text("Stopped.")).to_have_count(0)
    expect(log(visitor).get_by_text(QUESTION)).to_have_count(1)


def test_a_failed_answer_says_why_and_is_tried_again(visitor: Page) -> None:
    failed = {"error": {"code": "vendor_failed", "message": "a detail for operators", "requestId": "r-1"}}
    visitor.route_web_socket("**/ws*", lambda socket: socket.close())
    visitor.route("**/api/answer", lambda route: route.fulfill(status=502, body=json.dumps(failed)))
    ask(visitor, QUESTION)
    error = log(visitor).get_by_role("group", name="Error")
    expect(error).to_contain_text("The assistant could not answer just now. Please try again.", timeout=15_000)
    visitor.unroute("**/api/answer")

    error.get_by_role("button", name="Try again").click()

    expect(source(visitor, "Plans and prices")).to_be_visible(timeout=15_000)
    expect(error).to_have_count(0)
