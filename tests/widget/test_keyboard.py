"""The panel without a mouse: where the focus is, what brings it there, and a lead left with keys alone."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product import Stack
from tests.walks.visitor import call, log, open_panel
from tests.widget.website import visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def focused(page: Page) -> str:
    """The accessible name of what has the focus, inside the panel or out."""
    name: str = page.evaluate(
        """() => {
          let held = document.activeElement;
          while (held?.shadowRoot?.activeElement) held = held.shadowRoot.activeElement;
          return held?.ariaLabel || held?.labels?.[0]?.textContent || held?.textContent || '';
        }"""
    )
    return name.strip()


def walk(page: Page, key: str, to: str, most: int = 20) -> None:
    """Presses a key until the control with this name has the focus."""
    passed = []
    for _ in range(most):
        page.keyboard.press(key)
        passed.append(focused(page))
        if passed[-1].startswith(to):
            return
    pytest.fail(f"{key} never came to {to!r}; it came by {passed}")


def test_a_lead_is_left_with_keys_alone(stack: Stack, page: Page) -> None:
    visit(page, stack)
    expect(page.get_by_role("button", name="Open chat")).to_be_visible()

    walk(page, "Tab", "Open chat")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Ask a question")).to_be_focused()
    page.keyboard.type("My e-mail address is tab@keys.example, please contact me.")
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="Send your details to Hypersonix?")
    expect(form).to_be_visible(timeout=15_000)
    walk(page, "Shift+Tab", "Add more")
    page.keyboard.press("Space")
    walk(page, "Tab", "Name")
    page.keyboard.type("Kay Tab")
    walk(page, "Tab", "Confirm")
    page.keyboard.press("Enter")
    expect(log(page).get_by_text("Your details are saved")).to_be_visible(timeout=15_000)

    leads = stack.leads.list(stack.companies.get("hypersonix").operator_scope)
    assert ("Kay Tab", "tab@keys.example") in [(each.lead.name, each.lead.email) for each in leads]
    assert focused(page) == "Ask a follow-up", "the button went away with its form, and the focus must not"


def test_escape_closes_and_the_focus_goes_back_to_the_launcher(stack: Stack, page: Page) -> None:
    visit(page, stack)
    page.get_by_role("button", name="Open chat").press("Enter")
    dialog = page.get_by_role("dialog", name="Chat with Hypersonix")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("textbox")).to_be_focused()

    walk(page, "Shift+Tab", "Menu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Menu")).to_have_count(0)
    assert focused(page) == "Menu"
    page.keyboard.press("Escape")

    expect(dialog).to_be_hidden()
    assert focused(page) == "Open chat"


def test_what_disappears_under_the_hand_gives_the_focus_to_the_composer(stack: Stack, page: Page) -> None:
    open_panel(page, stack)

    page.get_by_role("list", name="Suggested questions").get_by_role("button").last.press("Enter")

    expect(page.get_by_role("textbox", name="Ask a follow-up")).to_be_focused()


def test_on_a_desktop_tab_leaves_the_panel_and_on_a_phone_it_stays(chromium: Browser, stack: Stack, page: Page) -> None:
    visit(page, stack, "data-open")
    expect(page.get_by_role("button", name="Menu")).to_be_visible()
    page.get_by_role("textbox").focus()
    walk(page, "Tab", "More", most=30)

    phone = chromium.new_context(viewport={"width": 390, "height": 844})
    narrow = phone.new_page()
    visit(narrow, stack)
    narrow.get_by_role("button", name="Open chat").press("Enter")
    expect(narrow.get_by_role("textbox")).to_be_focused()
    passed = set()
    for _ in range(24):
        narrow.keyboard.press("Tab")
        passed.add(focused(narrow))
    assert "More" not in passed
    assert {"Menu", "Close chat", "Ask a question"} <= passed
    phone.close()


def test_a_stray_escape_does_not_hang_up_and_every_control_of_a_call_is_reached(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    call(page, "Voice")

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="End call")).to_be_visible()
    page.get_by_role("textbox", name="Type to the call").focus()
    walk(page, "Shift+Tab", "End call")
    for name in ("Microphone and speaker", "Transcript", "Captions", "Mute"):
        walk(page, "Shift+Tab", name, most=2)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Unmute")).to_be_focused()
    walk(page, "Tab", "End call")
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="End call")).to_have_count(0)
    expect(page.get_by_role("textbox")).to_be_focused()
