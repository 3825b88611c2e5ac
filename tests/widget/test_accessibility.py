"""What axe-core, a magnifier and a high-contrast desktop say about every state of the panel."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product import Stack
from tests.walks.visitor import LiveMode, ask, call, choose, hang_up, log, open_panel
from tests.widget.axe import violations
from tests.widget.website import visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PRICE = "How does the price per store change as we grow?"
LEAD = "My e-mail address is jane@shop.example, please contact me."


def answered(page: Page, question: str, nth: int = 0) -> None:
    ask(page, question)
    expect(page.get_by_role("button", name="Good answer").nth(nth)).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_of_the_text_panel_breaks_a_rule(stack: Stack, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit(page, stack)
    found = {"closed": violations(page)}

    page.get_by_role("button", name="Open chat").click()
    expect(page.get_by_role("list", name="Suggested questions")).to_be_visible()
    found["open"] = violations(page)
    answered(page, PRICE)
    expect(page.get_by_role("button", name=re.compile("^Enlarge"))).to_be_visible()
    found["answered, with a picture"] = violations(page)
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()
    found["menu"] = violations(page)
    page.keyboard.press("Escape")
    answered(page, LEAD, 1)
    expect(page.get_by_role("button", name="Confirm")).to_be_visible()
    found["form"] = violations(page)
    choose(page, "Listen")
    expect(page.get_by_role("combobox", name="Speed")).to_be_visible()
    found["read aloud"] = violations(page)
    choose(page, "Voice")
    expect(page.get_by_role("button", name="Agree and start the call")).to_be_visible()
    found["consent"] = violations(page)

    assert [(state, broken) for state, broken in found.items() if broken] == []


def test_waiting_and_failing_break_no_rule(stack: Stack, page: Page) -> None:
    page.route_web_socket("**/ws*", lambda socket: None)  # takes everything and says nothing
    open_panel(page, stack)

    ask(page, PRICE)
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
    waiting = violations(page)
    page.get_by_role("button", name="Stop answering").click()
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/answer", lambda route: route.fulfill(status=500, body="{}"))
    page.reload()
    ask(page, PRICE)
    expect(log(page).get_by_role("group", name="Error")).to_be_visible(timeout=15_000)
    failed = violations(page)
    page.route("**/api/widget/*", lambda route: route.abort())
    visit(page, stack, "data-open")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()

    assert (waiting, failed, violations(page)) == ([], [], [])


@pytest.mark.parametrize("mode", ["Voice", "Video"])
def test_a_call_breaks_no_rule(stack: Stack, page: Page, mode: LiveMode) -> None:
    open_panel(page, stack)
    call(page, mode)

    on_stage = violations(page)
    page.get_by_role("button", name="Microphone and speaker").click()
    page.get_by_role("button", name="Transcript").click()
    beside_the_transcript = violations(page)

    assert (on_stage, beside_the_transcript) == ([], [])


def test_from_the_right_on_a_phone_no_rule_is_broken(chromium: Browser, stack: Stack) -> None:
    phone = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="ar")
    page = phone.new_page()

    visit(page, stack, 'data-language="ar" data-open', html='lang="ar" dir="rtl"')
    expect(page.get_by_role("dialog")).to_have_attribute("dir", "rtl")
    starters = violations(page)
    page.get_by_role("textbox").fill(PRICE)
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("button", name="إجابة جيدة")).to_be_visible(timeout=15_000)

    assert (starters, violations(page)) == ([], [])
    phone.close()


def test_at_200_percent_everything_can_be_reached_and_nothing_is_cut_off(stack: Stack, page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 400})  # 1280 × 800 behind a magnification of two
    open_panel(page, stack)
    answered(page, LEAD)

    for name in ("Close chat", "Menu", "Confirm", "Not now", "Copy answer"):
        button = page.get_by_role("button", name=name)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport(ratio=1)
        button.click(trial=True)  # nothing lies over it
    sideways = page.evaluate(
        """() => [...document.querySelector('ai-sdr').shadowRoot.querySelectorAll('.panel, .log')]
          .map((e) => e.scrollWidth - e.clientWidth)"""
    )
    assert max(sideways) <= 0


def test_at_400_percent_a_call_is_agreed_to_and_ended_without_scrolling_sideways(stack: Stack, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 × 1024 behind a magnification of four (WCAG 1.4.10)
    open_panel(page, stack)

    call(page, "Voice")
    for name in ("Mute", "Captions", "Transcript"):
        page.get_by_role("button", name=name).scroll_into_view_if_needed()
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    assert page.get_by_role("dialog").evaluate("(panel) => panel.scrollWidth - panel.clientWidth") <= 0

    hang_up(page)


def test_what_one_agrees_to_by_writing_is_in_sight_when_the_panel_opens(stack: Stack, page: Page) -> None:
    open_panel(page, stack)

    expect(page.get_by_text("By sending a message you agree")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="Privacy")).to_be_in_viewport(ratio=1)


def test_forced_colours_leave_every_control_its_outline(stack: Stack, page: Page) -> None:
    page.emulate_media(forced_colors="active")
    open_panel(page, stack)
    answered(page, LEAD)

    drawn = page.evaluate(
        """() => {
          const root = document.querySelector('ai-sdr').shadowRoot;
          const controls = '.panel, .send, .visitor, .button, [aria-pressed="true"]';
          return [...root.querySelectorAll(controls)].filter((e) => e.checkVisibility()).map((e) => {
            const { borderTopWidth, borderTopStyle, outlineStyle } = getComputedStyle(e);
            const bordered = borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0;
            return [e.className, bordered || outlineStyle !== 'none'];
          });
        }"""
    )
    assert len(drawn) >= 6
    assert [name for name, outlined in drawn if not outlined] == []


def test_nothing_moves_for_who_wants_no_motion(stack: Stack, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.route_web_socket("**/ws*", lambda socket: None)
    open_panel(page, stack)
    ask(page, PRICE)
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()

    moving = page.evaluate(
        "document.querySelector('ai-sdr').shadowRoot.getAnimations().filter(a => a.playState === 'running').length"
    )
    assert moving == 0


def test_every_control_is_large_enough_to_hit(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    answered(page, LEAD)

    small = page.evaluate(
        """() => [...document.querySelector('ai-sdr').shadowRoot
          .querySelectorAll('button, a, input, textarea, select, summary')]
          .filter((e) => e.checkVisibility() && !e.closest('.prose, .consent-line'))
          .map((e) => [e.ariaLabel || e.textContent, e.getBoundingClientRect()])
          .filter(([, { width, height }]) => Math.min(width, height) < 24)
          .map(([name]) => name)"""
    )
    assert small == []
