"""What a screen reader is told, counted: each answer once, and nothing while it streams."""

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.visitor import ask, call, choose, eventually, open_panel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WATCH = """() => {
  window.told = [];
  const live = '[aria-live], [role=status], [role=alert]';
  const root = document.querySelector('ai-sdr').shadowRoot;
  const before = new Map();
  new MutationObserver((changes) => {
    const regions = new Set();
    for (const { target, addedNodes } of changes) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      regions.add(element?.closest(live));
      // A live region that comes with its text is told too.
      for (const added of addedNodes) {
        if (added.nodeType === 1) [added, ...added.querySelectorAll(live)].forEach((e) => regions.add(e.closest(live)));
      }
    }
    for (const region of regions) {
      const text = region?.textContent.trim() ?? '';
      if (text && before.get(region) !== text) window.told.push(text);
      if (region) before.set(region, text);
    }
  }).observe(root, { subtree: true, childList: true, characterData: true });
}"""
"""Writes down each text that any live region of the panel shows."""

PRICE = "How does the price per store change as we grow?"


def told(page: Page) -> list[str]:
    return list(page.evaluate("window.told"))


def test_each_answer_is_announced_once_and_no_piece_of_it(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    page.evaluate(WATCH)

    for nth, question in enumerate((PRICE, "How long does onboarding take?")):
        ask(page, question)
        expect(page.get_by_role("button", name="Good answer").nth(nth)).to_be_visible(timeout=15_000)
    answers = [text.strip() for text in page.locator("ai-sdr .assistant .prose").all_inner_texts()]
    heard = eventually(lambda: told(page), lambda said: len(said) >= 2)

    assert len(answers) == 2
    assert len(heard) == 2, heard
    for said, shown in zip(heard, answers, strict=True):
        assert said.split()[:6] == shown.split()[:6]
        assert "[" not in said


def test_an_announcement_is_gone_when_it_was_said(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    region = page.locator("ai-sdr .panel > [aria-live=polite]")

    ask(page, PRICE)

    expect(region).not_to_be_empty(timeout=15_000)
    expect(region).to_be_empty()


def test_an_answer_that_is_read_aloud_is_not_said_a_second_time(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    choose(page, "Listen")
    page.evaluate(WATCH)

    ask(page, PRICE)
    expect(page.get_by_role("button", name="Good answer")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name="Read the last answer again")).to_be_visible(timeout=60_000)

    assert [said for said in told(page) if "per store" in said] == []


def test_a_failure_is_announced_once_with_its_remedy(stack: Stack, page: Page) -> None:
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/answer", lambda route: route.fulfill(status=500, body="{}"))
    open_panel(page, stack)
    page.evaluate(WATCH)

    ask(page, PRICE)
    expect(page.get_by_role("group", name="Error")).to_be_visible(timeout=15_000)

    heard = eventually(lambda: told(page), lambda said: any("try again" in each for each in said))
    assert len([said for said in heard if "Please try again" in said]) == 1, heard


def test_in_a_call_whose_turn_it_is_is_told_and_all_that_is_said_stands_in_captions(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    page.evaluate(WATCH)
    call(page, "Voice")

    captions = eventually(
        lambda: page.locator("ai-sdr .quote").all_inner_texts(), lambda shown: bool(shown and shown[0].strip()), 20
    )
    assert captions, "the greeting is spoken without a caption"
    assert "Listening" in eventually(lambda: told(page), lambda said: "Listening" in said, 20)
    assert captions[0] not in told(page), "who hears the voice need not hear its caption"
