"""What a website says of its visitor: a form is filled in with it, and only the visitor's own press sends it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.visitor import ask, open_panel, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_form_is_filled_in_with_what_the_website_says(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    page.evaluate("aiSdr.identify({ name: 'Dana Whitfield', email: 'dana@oakmart.example' })")
    page.evaluate("aiSdr.setContext({ page: 'pricing', plan: 'Growth' })")
    leads = len(stack.leads.list(stack.companies.get("hypersonix").operator_scope))

    ask(page, "I would like to talk to a person")
    expect(page.get_by_role("textbox", name="Name")).to_have_value("Dana Whitfield", timeout=15_000)
    expect(page.get_by_role("textbox", name=re.compile("^E-?mail"))).to_have_value("dana@oakmart.example")

    session = stack.conversations.get(stack.session(session_of(page)).key, "session")
    assert session is not None
    assert '"plan":"Growth"' in session["introduction"]
    assert len(stack.leads.list(stack.companies.get("hypersonix").operator_scope)) == leads


def test_what_cannot_be_taken_is_said_to_the_page_and_the_conversation_goes_on(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    page.evaluate("void aiSdr.on('error', ({ code }) => (window.code = code))")
    page.evaluate("aiSdr.identify({ email: 'nobody' })")

    ask(page, "How long does onboarding take?")

    expect(page.get_by_role("link", name="Onboarding").first).to_be_visible(timeout=15_000)
    assert page.evaluate("code") == "invalid_input"
