"""F-CL-01 in a browser: a visitor's clock that is five minutes off costs neither the session nor a call a second."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.visitor import ask, log, open_panel

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.cell("F-CL-01")
@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_token_is_renewed_before_it_dies_whatever_the_visitors_clock_says(
    stack: Stack, page: Page, minutes: int
) -> None:
    renewals: list[str] = []
    page.on("request", lambda request: renewals.append(request.url) if "/renew" in request.url else None)
    page.clock.install(time=time.time() + minutes * 60)
    open_panel(page, stack)
    ask(page, "What does it cost for 200 stores?")
    expect(log(page).get_by_text("Plans and prices").first).to_be_visible(timeout=15_000)
    at_once = len(renewals)

    with page.expect_request(lambda request: "/renew" in request.url):
        page.clock.fast_forward("08:30")  # of the ten minutes that the token lives

    expect(log(page)).to_be_visible()
    page.wait_for_timeout(500)
    assert at_once == 0
    assert 1 <= len(renewals) <= 3
