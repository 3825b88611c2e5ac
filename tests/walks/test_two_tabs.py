"""Two tabs of one conversation: whoever begins a call has it, and the other tab is sent out without calling back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.visitor import LiveMode, ask, call, hang_up, log, open_panel, session_of, source, standing

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("mode", ["Voice", "Video"])
def test_a_call_that_is_taken_over_ends_in_the_first_tab_and_is_bought_once(
    stack: Stack, page: Page, mode: LiveMode
) -> None:
    open_panel(page, stack)
    ask(page, "How long does onboarding take?")
    expect(source(page, "Onboarding")).to_be_visible(timeout=15_000)
    call(page, mode)
    before = stack.ledger.today("hypersonix")["calls"]
    with page.context.expect_page() as opened:
        page.evaluate("window.open(location.href)")  # which takes a copy of what the tab keeps
    second = opened.value
    expect(log(second).get_by_text("How long does onboarding take?")).to_be_visible(timeout=15_000)

    call(second, mode)

    assert session_of(second) == session_of(page)
    expect(log(page).get_by_text(re.compile(f"^{mode} call ended"))).to_be_visible(timeout=15_000)
    second.wait_for_timeout(4_000)  # longer than a tab needs to call back
    expect(standing(second, mode)).to_be_visible()
    expect(standing(page, mode)).to_have_count(0)
    assert stack.ledger.today("hypersonix")["calls"] == before + 1
    hang_up(second)
