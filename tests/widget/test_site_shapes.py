"""Five shapes of websites, and the widget works on each: plain, React, hostile, right-to-left, in an iframe."""

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.widget.outside import Product, Website
from tests.widget.test_widget import run

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REACT_SITE = Path(__file__).parents[2] / "widget" / "build" / "test" / "sites" / "react.js"


def converse(place: Page | FrameLocator) -> None:
    """Opens the panel, asks, and reads the answer with its source."""
    place.get_by_role("button", name="Open chat").click()
    box = place.get_by_role("textbox")
    box.fill("What does it cost?")
    box.press("Enter")
    expect(place.get_by_role("paragraph").filter(has_text="From $49 a month")).to_be_visible()
    expect(place.get_by_role("link", name="Pricing").first).to_be_visible()


def test_plain_html(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(f"<h1>Shop</h1><p>Anvils.</p>{product.tag()}"))

    converse(page)


def test_a_react_site_whose_layout_puts_the_tag_in_again_on_every_route(
    page: Page, product: Product, website: Website
) -> None:
    if not REACT_SITE.exists():
        assert run("node", "build.mjs", "--tests").returncode == 0
    website.pages["/react.js"] = REACT_SITE.read_text("utf-8")
    site = '<div id="root"></div><script src="/react.js"></script>'
    page.goto(website.page(site, "/react", attributes=f'data-embed="{product.url}/embed.js"'))
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    converse(page)

    page.get_by_role("link", name="Demo").click()
    expect(page.get_by_role("heading", name="Demo")).to_be_visible()
    inline = page.locator("ai-sdr[company='globex']").get_by_role("region").first
    expect(inline).to_contain_text("Globex")
    expect(page.get_by_role("paragraph").filter(has_text="From $49 a month")).to_be_visible()
    page.get_by_role("link", name="Home").click()
    expect(inline).to_have_count(0)
    page.go_back()
    expect(inline).to_contain_text("Globex")

    expect(page.locator("ai-sdr[company='acme']")).to_have_count(1)
    expect(page.locator("ai-sdr[company='globex']")).to_have_count(1)
    assert product.paths().count("/api/session") == 1


HOSTILE = """<style>
  * { all: unset !important; }
  *, *::before, *::after { font-size: 3px !important; color: red !important; pointer-events: none !important; }
  ai-sdr { display: none !important; visibility: hidden !important; opacity: 0 !important; }
  div { position: relative !important; z-index: 2147483647 !important; transform: scale(0.1) !important; }
  button { display: none !important; }
  html { font-size: 4px !important; }
</style>"""


def test_global_styles_that_mean_no_good(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(f"<main><div>Shop</div></main>{product.tag()}", "/kind"))
    launcher = page.get_by_role("button", name="Open chat")
    wanted = launcher.bounding_box()

    page.goto(website.page(f"<main><div>Shop</div></main>{product.tag()}", head=HOSTILE))
    assert launcher.bounding_box() == wanted
    converse(page)

    answer = page.get_by_role("paragraph").filter(has_text="From $49 a month")
    look = answer.evaluate("(node) => [getComputedStyle(node).fontSize, getComputedStyle(node).color]")
    assert look[0] == "15px"
    assert look[1] != "rgb(255, 0, 0)"


def test_it_stands_above_what_the_page_puts_on_top(page: Page, product: Product, website: Website) -> None:
    banner = '<div style="position: fixed; inset: 0; z-index: 2147000000; background: #0008">Cookies?</div>'
    page.goto(website.page(banner + product.tag()))

    converse(page)


def test_a_page_that_is_written_from_right_to_left(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(f"<h1>متجر</h1>{product.tag()}", attributes='dir="rtl"'))
    launcher = page.get_by_role("button", name="Open chat").bounding_box()
    converse(page)

    # The corner is what the tag says, and English is not turned around by the page it stands on.
    assert launcher is not None
    assert launcher["x"] == 1280 - 20 - 56
    panel = page.get_by_role("dialog")
    assert panel.evaluate("(node) => getComputedStyle(node).direction") == "ltr"
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] == pytest.approx(1260, abs=1)


@pytest.mark.parametrize(("allow", "cause"), [('allow="microphone; autoplay"', ""), ("", 'allow="microphone"')])
def test_an_iframe_talks_and_names_what_it_lacks_for_calls(
    page: Page, product: Product, website: Website, allow: str, cause: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    website.page(f"<h1>Help</h1>{product.tag()}", "/help")
    other = website.url.replace("127.0.0.1", "localhost")  # another origin, as a help centre's is
    page.goto(website.page(f'<iframe src="{other}/help" {allow} width="600" height="700" title="Help"></iframe>'))
    frame = page.frame_locator("iframe")
    converse(frame)

    frame.get_by_role("group", name="Mode").get_by_role("button", name="Voice").click()
    with page.expect_console_message(lambda message: "ai-sdr" in message.text):
        frame.get_by_role("button", name="Agree and start the call").click()

    named = [line for line in said if 'allow="microphone"' in line]
    assert bool(named) == bool(cause)
    expect(frame.get_by_role("textbox")).to_be_visible()
