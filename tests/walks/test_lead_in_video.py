"""In a call: nothing is passed on before the visitor has checked it; a no is a no; and there is a way to a person."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from aisdr.lead import StoredLead
from tests.product import Stack
from tests.walks.visitor import ask, call, hang_up, open_panel, read_along, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_lead_is_what_the_visitor_confirmed_and_nothing_before_that(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    call(page, "Video")

    ask(page, "My name is Ada Miller, please write to ada.miller@acme.example")
    expect(form(page).get_by_label("E-mail")).to_have_value("ada.miller@acme.example", timeout=40_000)
    form(page).get_by_role("button", name="Not now").click()
    expect(page.get_by_text("Not now. Nothing was written down.")).to_be_visible(timeout=15_000)
    assert leads(stack, "acme.example") == []

    talk = read_along(page)
    ask(page, "I am Ada Miller, better write to ada@acme.example")
    expect(form(page).get_by_label("E-mail")).to_have_value("ada@acme.example", timeout=40_000)
    expect(form(page).get_by_label("E-mail")).to_be_in_viewport()
    expect(form(page).get_by_label("Name")).to_have_value("Ada Miller")
    assert leads(stack, "acme.example") == []
    form(page).get_by_label("Name").fill("Ada M. Miller")
    form(page).get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your details are saved")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Ada M. Miller · ada@acme.example")).to_be_visible()
    expect(talk.get_by_text("passed ada@acme.example on to the team").first).to_be_visible(timeout=30_000)
    session_id = session_of(page)
    hang_up(page)

    [stored] = leads(stack, "acme.example")
    assert (stored.lead.email, stored.lead.name, stored.session_id) == ("ada@acme.example", "Ada M. Miller", session_id)
    assert stored.consent_version == stack.companies.get("hypersonix").consent.version


def test_who_wants_a_person_is_shown_how_to_reach_one(stack: Stack, page: Page) -> None:
    people = stack.companies.get("hypersonix").people
    open_panel(page, stack)
    call(page, "Voice")

    ask(page, "I would like to talk to a real person")

    expect(page.get_by_text(f"Talk to {people.name}")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name=people.email)).to_have_attribute("href", re.compile("^mailto:sales"))
    expect(page.get_by_role("link", name=people.phone)).to_have_attribute("href", re.compile("^tel:"))
    hang_up(page)


def form(page: Page) -> Locator:
    return page.get_by_role("form", name="Send your details to Hypersonix?")


def leads(stack: Stack, host: str) -> list[StoredLead]:
    """Of visitors who write from there."""
    stored = stack.leads.list(stack.companies.get("hypersonix").operator_scope)
    return [each for each in stored if each.lead.email.endswith(f"@{host}")]
