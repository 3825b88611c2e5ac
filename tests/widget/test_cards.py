"""Cards under an answer: a picture as large as the window, a meeting, a person, and a form that the visitor checks."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Stack
from tests.walks.visitor import ask, log, open_panel, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def visitor(stack: Stack, page: Page) -> Page:
    open_panel(page, stack)
    return page


def form(page: Page) -> Locator:
    return log(page).get_by_role("form", name="Send your details to Hypersonix?")


def test_a_picture_opens_as_large_as_the_window_and_escape_brings_back_the_panel(visitor: Page) -> None:
    ask(visitor, "How does the price per store change as we grow?")
    enlarge = log(visitor).get_by_role("button", name="Enlarge: Price per store on the Growth plan")
    small = enlarge.get_by_role("img").bounding_box()
    enlarge.click(timeout=15_000)

    large = visitor.get_by_role("dialog", name="Price per store on the Growth plan")
    expect(large).to_be_visible()
    shown = large.get_by_role("img").bounding_box()
    assert small is not None
    assert shown is not None
    assert shown["width"] > 1.5 * small["width"]
    visitor.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(enlarge).to_be_focused()
    expect(visitor.get_by_role("dialog", name="Chat with Hypersonix")).to_be_visible()


def test_a_meeting_is_one_press_away_and_the_website_hears_of_it(visitor: Page) -> None:
    visitor.evaluate("void document.querySelector('ai-sdr').on('meeting-booked', (told) => (window.meeting = told))")
    ask(visitor, "I would like to book a meeting")
    time = log(visitor).get_by_role("link", name="Choose a time")
    expect(time).to_have_attribute("href", re.compile("^https://cal.com/"), timeout=15_000)

    visitor.context.route("https://cal.com/**", lambda route: route.fulfill(body="booking page"))
    with visitor.expect_popup() as booking:
        time.click()

    assert booking.value.url.startswith("https://cal.com/")
    assert visitor.evaluate("meeting.url").startswith("https://cal.com/")


def test_who_wants_a_person_finds_one_in_text_too(stack: Stack, visitor: Page) -> None:
    people = stack.companies.get("hypersonix").people
    ask(visitor, "I would like to talk to a real person")

    expect(log(visitor).get_by_text(f"Talk to {people.name}")).to_be_visible(timeout=15_000)
    expect(log(visitor).get_by_role("link", name=people.email)).to_have_attribute("href", re.compile("^mailto:"))


def test_details_are_written_down_as_the_visitor_corrected_them(stack: Stack, visitor: Page) -> None:
    ask(visitor, "My name is Bo Berg, please write to bo@cards.example")
    expect(form(visitor).get_by_label("E-mail")).to_have_value("bo@cards.example", timeout=15_000)

    form(visitor).get_by_label("E-mail").fill("bo.berg@cards")
    form(visitor).get_by_role("button", name="Confirm").click()
    expect(form(visitor).get_by_role("alert")).to_be_visible(timeout=15_000)
    assert leads(stack, visitor) == []
    form(visitor).get_by_label("E-mail").fill("bo.berg@cards.example")
    form(visitor).get_by_role("button", name="Confirm").click()

    expect(log(visitor).get_by_text("Your details are saved")).to_be_visible(timeout=15_000)
    assert leads(stack, visitor) == [("bo.berg@cards.example", "Bo Berg")]


def leads(stack: Stack, page: Page) -> list[tuple[str, str | None]]:
    stored = stack.leads.list(stack.companies.get("hypersonix").operator_scope)
    return [(each.lead.email, each.lead.name) for each in stored if each.session_id == session_of(page)]
