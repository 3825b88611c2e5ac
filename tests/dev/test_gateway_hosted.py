"""The hosted page in a real browser: what it shows of a company, and what it says when there is none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from dev.gateway.app import Options
from infra.deploy.site import DIST
from tests.dev.scene import Scene
from tests.product import launch

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PROFILE = """
import json

def handler(event, context):
    slug = event["pathParameters"]["slug"]
    if slug == "broken":
        raise ValueError(slug)
    if slug != "acme":
        return {"statusCode": 404, "body": "{}"}
    return {"slug": slug, "companyId": slug, "displayName": "Acme <b>", "shortDescription": "Anvils & more",
            "sample": True, "websiteUrl": WEBSITE, "starters": ["Which anvils fall best?"], "modes": ["text"],
            "branding": {"accent": "#ff0000"}, "greeting": "Hello", "languages": ["en"], "disclosure": "",
            "consent": {"version": "1", "text": ""}}
"""


@pytest.fixture(scope="module")
def browser_page(playwright: Playwright) -> Iterator[Page]:
    with launch(playwright.chromium) as browser:
        yield browser.new_page()


def open_page(scene: Scene, page: Page, slug: str, website: str = "https://acme.example/") -> None:
    scene.function("session", "GET /api/widget/{slug}", code=f"WEBSITE = {website!r}\n{PROFILE}")
    page.goto(f"{scene.open(Options(scripts=DIST))}/widget/{slug}")


def test_it_shows_the_company_and_opens_its_widget(scene: Scene, browser_page: Page) -> None:
    open_page(scene, browser_page, "acme")

    expect(browser_page.get_by_role("heading", name="Talk to Acme <b>")).to_be_visible()
    expect(browser_page).to_have_title("Talk to Acme <b>")
    expect(browser_page.locator("main").get_by_text("Anvils & more")).to_be_visible()
    expect(browser_page.locator("main").get_by_text("Sample company")).to_be_visible()
    expect(browser_page.get_by_role("link", name="acme.example", exact=True)).to_have_attribute(
        "href", "https://acme.example/"
    )
    expect(browser_page.locator("main").get_by_role("button", name="Which anvils fall best?")).to_be_visible()
    expect(browser_page.locator("ai-sdr[company=acme][open]")).to_be_attached()


def test_an_address_that_is_no_website_becomes_no_link(scene: Scene, browser_page: Page) -> None:
    open_page(scene, browser_page, "acme", website="javascript:alert(1)")

    expect(browser_page.get_by_role("heading", name="Talk to Acme <b>")).to_be_visible()
    expect(browser_page.locator("header a")).to_be_hidden()


@pytest.mark.parametrize(
    ("slug", "says"), [("nobody", "No company here"), ("broken", "This page cannot be shown right now")]
)
def test_without_a_company_it_says_so_and_has_no_widget(scene: Scene, browser_page: Page, slug: str, says: str) -> None:
    open_page(scene, browser_page, slug)

    expect(browser_page.get_by_role("heading", name=says)).to_be_visible()
    expect(browser_page.locator("main").get_by_text(f"“{slug}”")).to_be_visible()
    expect(browser_page.locator("ai-sdr")).to_have_count(0)
