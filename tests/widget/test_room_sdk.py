"""The vendor's own room SDK, as the build ships it, loads its engine on a page that demands Trusted Types."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.widget.outside import Product, Website

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ENGINE_ADDRESS = re.compile(
    r"^https://c\.daily\.co/call-machine/versioned/[\d.]+/static/call-machine-object-bundle\.js$"
)
ENGINE = "document.documentElement.dataset.engine = document.currentScript.src"


@pytest.fixture
def strict(page: Page, product: Product, website: Website) -> Page:
    """The engine's host is played by the browser itself: no test leaves this machine."""
    website.headers = {
        "content-security-policy": (
            f"default-src 'none'; style-src 'self'; script-src {product.url} https://*.daily.co; "
            f"connect-src {product.url} {product.url.replace('http', 'ws')} https://*.daily.co wss://*.daily.co; "
            "img-src 'self'; worker-src 'self' blob:; require-trusted-types-for 'script'; "
            "trusted-types ai-sdr ai-sdr-room"
        )
    }
    page.add_init_script("""
      window.violations = [];
      addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
        violations.push([effectiveDirective, blockedURI]);
      }, true);
    """)
    page.route(re.compile("^https://"), answer)
    return page


def answer(route: Route) -> None:
    if "call-machine-object-bundle.js" in route.request.url:
        route.fulfill(body=ENGINE, content_type="text/javascript")
    else:
        route.abort()


def test_it_appends_its_engine_through_a_policy_and_violates_nothing(
    strict: Page, product: Product, website: Website
) -> None:
    strict.goto(website.page(product.tag()))
    strict.get_by_role("button", name="Open chat").click()
    strict.get_by_role("group", name="Mode").get_by_role("button", name="Video").click()
    strict.get_by_role("button", name="Agree and start the call").click()

    expect(strict.locator("html")).to_have_attribute("data-engine", ENGINE_ADDRESS, timeout=15_000)

    assert strict.evaluate("violations") == []
    assert product.asked("/api/tavus/session") != []
