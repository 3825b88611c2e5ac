"""What stands behind the three dots: captions, the transcript to take along, and the end of a conversation for good."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Stack
from tests.walks.visitor import ask, log, open_panel, session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"


@pytest.fixture
def answered(stack: Stack, page: Page) -> Page:
    """A visitor who has asked one question."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_panel(page, stack)
    ask(page, QUESTION)
    expect(page.get_by_role("button", name="Good answer")).to_be_visible(timeout=15_000)
    return page


def menu(page: Page) -> Locator:
    page.get_by_role("button", name="Menu").click()
    return page.get_by_role("dialog", name="Menu")


def test_the_transcript_can_be_copied_and_downloaded_with_its_sources(answered: Page) -> None:
    opened = menu(answered)

    opened.get_by_role("button", name="Copy transcript").click()
    expect(opened.get_by_role("button", name="Copied")).to_be_visible()
    copied = answered.evaluate("navigator.clipboard.readText()")
    with answered.expect_download() as download:
        opened.get_by_role("button", name="Download transcript").click()

    assert download.value.suggested_filename == "hypersonix-conversation.txt"
    saved = download.value.path().read_text("utf-8")
    for transcript in (copied, saved):
        assert f"You: {QUESTION}" in transcript
        assert re.search(r"AI assistant: .*\$31", transcript)
        assert "Plans and prices" in transcript.partition("Sources:")[2]


def test_deleting_erases_what_was_said_here_and_on_the_server(stack: Stack, answered: Page) -> None:
    session = stack.session(session_of(answered))
    assert len(stack.transcripts.all(session)) == 2

    opened = menu(answered)
    opened.get_by_role("button", name="Delete my conversation").click()
    expect(opened.get_by_text("erased for good")).to_be_visible()
    opened.get_by_role("button", name="Delete", exact=True).click()

    expect(log(answered).get_by_text("Your conversation was deleted.")).to_be_visible()
    expect(log(answered).get_by_text(QUESTION)).to_have_count(0)
    assert stack.transcripts.all(session) == []
    assert answered.evaluate("sessionStorage.getItem('ai-sdr:hypersonix')") is None


def test_after_second_thoughts_nothing_is_deleted(stack: Stack, answered: Page) -> None:
    opened = menu(answered)
    opened.get_by_role("button", name="Delete my conversation").click()
    opened.get_by_role("button", name="Cancel").click()
    answered.keyboard.press("Escape")

    expect(opened).to_have_count(0)
    expect(log(answered).get_by_text(QUESTION)).to_be_visible()
    assert len(stack.transcripts.all(stack.session(session_of(answered)))) == 2


def test_where_the_server_cannot_be_reached_the_visitor_reads_that_nothing_was_deleted(answered: Page) -> None:
    answered.route("**/conversation", lambda route: route.abort())

    opened = menu(answered)
    opened.get_by_role("button", name="Delete my conversation").click()
    opened.get_by_role("button", name="Delete", exact=True).click()

    expect(log(answered).get_by_text("Your conversation could not be deleted. Please try again.")).to_be_visible()
    expect(log(answered).get_by_text(QUESTION)).to_be_visible()


def test_a_new_conversation_begins_empty_and_the_menu_has_nothing_to_take_along(answered: Page) -> None:
    menu(answered).get_by_role("button", name="New conversation").click()

    expect(answered.get_by_role("list", name="Suggested questions")).to_be_visible()
    expect(menu(answered).get_by_role("button", name="Copy transcript")).to_be_disabled()


def test_captions_are_switched_for_every_call_of_the_tab(answered: Page) -> None:
    captions = menu(answered).get_by_role("switch", name="Captions")
    expect(captions).to_be_checked()

    captions.click()
    expect(captions).not_to_be_checked()
    answered.reload()

    expect(menu(answered).get_by_role("switch", name="Captions")).not_to_be_checked()
