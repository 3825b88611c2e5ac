"""A website that trusts nobody: files by hash, no inline style, Trusted Types. All modes work, nothing is violated."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from scripts.snippet import Site, Snippet, manifest_at, snippet_for
from tests.product import Stack
from tests.walks.visitor import LiveMode, ask, call, choose, hang_up, source
from tests.widget.outside import Website, running

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COLLECT = """
  window.violations = [];
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
    violations.push([effectiveDirective, blockedURI, sample]);
  }, true);
"""


def snippet(stack: Stack) -> Snippet:
    """What `aisdr snippet hypersonix` prints."""
    site = Site.of(stack.url, stack.websocket_url, ("localhost", "127.0.0.1"))
    return snippet_for(stack.companies.get("hypersonix").profile(), site, manifest_at(stack.url))


def policy(printed: Snippet) -> str:
    """Nothing is allowed but what is printed, and scripts only by the hashes of their content."""
    lines = {"default-src": ["'none'"], "style-src": ["'self'"], **printed.policy}
    own = printed.policy["connect-src"][0]
    lines["script-src"] = [*printed.hashes, *(each for each in printed.policy["script-src"] if each != own)]
    lines["img-src"] = ["'self'", *printed.policy["img-src"]]  # its own icon
    lines["require-trusted-types-for"] = ["'script'"]
    lines["trusted-types"] = printed.trusted_types
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in lines.items())


def allow(stack: Stack, origin: str) -> None:
    """As an operator does who adds a website to `allowedOrigins`."""
    known = stack.companies.stored("hypersonix")
    assert known is not None
    company = known.company.model_copy(update={"allowed_origins": (*known.company.allowed_origins, origin)})
    stack.companies.put(company, expected_version=known.version)


@pytest.fixture
def strict(stack: Stack, page: Page) -> Iterator[Page]:
    printed = snippet(stack)
    with running(Website(headers={"content-security-policy": policy(printed)})) as website:
        allow(stack, website.url)
        page.add_init_script(COLLECT)
        page.goto(website.page(f"<h1>Shop</h1>{printed.tag}"))
        page.get_by_role("button", name="Open chat").click()
        expect(page.get_by_role("group", name="Mode")).to_be_visible()
        yield page
        assert page.evaluate("violations") == []


def test_the_policy_is_in_force(strict: Page) -> None:
    strict.evaluate("document.body.setAttribute('style', 'color: red')")
    with pytest.raises(Exception, match="TrustedHTML"):
        strict.evaluate("document.body.innerHTML = '<b>x</b>'")
    blocked = strict.evaluate("violations.splice(0).map(([directive]) => directive)")

    assert blocked == ["style-src-attr", "require-trusted-types-for"]


def test_text_and_its_cards(strict: Page) -> None:
    ask(strict, "How does the price per store change as we grow?")
    expect(strict.get_by_role("list", name="Sources").get_by_role("link").first).to_be_visible(timeout=15_000)
    expect(strict.get_by_role("img").first).to_be_visible(timeout=15_000)

    ask(strict, "Show me the clip where scenarios are compared")
    expect(strict.locator("video")).to_have_js_property("readyState", 4, timeout=15_000)

    ask(strict, "Please have sales contact me: Dana Whitfield, dana@oakmart.example")
    expect(strict.get_by_role("button", name="Confirm")).to_be_visible(timeout=15_000)


def test_answers_that_are_read_aloud(strict: Page) -> None:
    choose(strict, "Listen")
    with strict.expect_response("**/api/speech") as spoken:
        ask(strict, "How long does onboarding take?")

    assert spoken.value.ok
    expect(source(strict, "Onboarding")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("mode", ["Voice", "Video"])
def test_calls(strict: Page, mode: LiveMode) -> None:
    call(strict, mode)

    hang_up(strict)
