"""Light, dark and a company's own colours: who decides, what can be set, and that all of it can be read."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.walks.visitor import eventually
from tests.widget.axe import violations
from tests.widget.outside import Product, Website

ROOT = Path(__file__).parents[2]
BRANDS = ["#ffffff", "#000000", "#ffd400", "#c6f24e", "#7c7a77", "#eb4034", "rebeccapurple"]
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(20, 22, 27)"
TAG = 'data-company="acme" data-open'


def panel_style(page: Page, part: str, name: str) -> str:
    found: str = page.evaluate(
        """([part, name]) => getComputedStyle(document.querySelector('ai-sdr').shadowRoot.querySelector(part))[name]""",
        [part, name],
    )
    return found


def surface(page: Page) -> str:
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    return panel_style(page, ".panel", "backgroundColor")


def becomes(page: Page, colour: str) -> bool:
    """A theme is told to the page by an event, which may come a moment later."""
    return bool(eventually(lambda: surface(page) == colour, bool))


@pytest.mark.browser
@pytest.mark.slow
def test_auto_follows_the_system_at_once(page: Page, product: Product, website: Website) -> None:
    product.branding = {"theme": "auto"}
    page.emulate_media(color_scheme="dark")
    page.goto(website.page(product.tag(TAG)))
    assert becomes(page, DARK)

    page.emulate_media(color_scheme="light")

    assert becomes(page, LIGHT)


@pytest.mark.browser
@pytest.mark.slow
def test_the_visitors_choice_stands_above_the_pages_and_that_above_the_companys(
    page: Page, product: Product, website: Website
) -> None:
    product.branding = {"theme": "dark"}
    page.goto(website.page(product.tag(TAG)))
    assert becomes(page, DARK)
    page.goto(website.page(product.tag(f'{TAG} data-theme="light"')))
    assert becomes(page, LIGHT)

    page.get_by_role("button", name="Menu").click()
    page.get_by_role("group", name="Theme").get_by_role("button", name="Dark").click()
    assert becomes(page, DARK)
    page.reload()

    assert becomes(page, DARK)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_whatever_colour_a_brand_has_everything_can_be_read(
    page: Page, product: Product, website: Website, theme: str
) -> None:
    page.goto(website.page(product.tag(f'{TAG} data-theme="{theme}"')))
    page.get_by_role("textbox").fill("How much?")
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("button", name="Good answer")).to_be_visible()
    page.get_by_role("textbox").fill("And then?")  # the button that sends is in the brand's colour now

    found = {}
    for brand in BRANDS:
        page.evaluate("brand => document.querySelector('ai-sdr').setAttribute('accent', brand)", brand)
        found[brand] = violations(page)
        assert panel_style(page, ".visitor", "backgroundColor") != surface(page), f"no bubble is seen in {brand}"

    assert [(brand, broken) for brand, broken in found.items() if broken] == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_sets_variables_and_styles_parts(page: Page, product: Product, website: Website) -> None:
    style = """<style>
      ai-sdr { --ai-sdr-accent: #c026d3; --ai-sdr-radius: 4px; --ai-sdr-font: Georgia;
               --ai-sdr-offset: 40px; --ai-sdr-z-index: 7; }
      ai-sdr::part(header) { background: rgb(1, 2, 3); }
    </style>"""
    page.goto(website.page(product.tag(TAG), head=style))
    expect(page.get_by_role("button", name="Send")).to_be_visible()

    assert panel_style(page, ".face", "backgroundColor") == "rgb(192, 38, 211)"
    assert panel_style(page, ".panel", "borderTopLeftRadius") == "4px"
    assert panel_style(page, ".panel", "fontFamily") == "Georgia"
    assert panel_style(page, ".frame", "zIndex") == "7"
    assert panel_style(page, ".header", "backgroundColor") == "rgb(1, 2, 3)"
    box = page.get_by_role("dialog").bounding_box()
    size = page.viewport_size
    assert box is not None
    assert size is not None
    assert size["width"] - (box["x"] + box["width"]) == 40


@pytest.mark.browser
@pytest.mark.slow
def test_on_a_phone_the_panel_is_a_sheet_that_stays_above_the_keyboard(
    chromium: Browser, product: Product, website: Website
) -> None:
    phone = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    phone.add_init_script(
        """const view = Object.assign(new EventTarget(), { height: 844, offsetTop: 0, scale: 1 });
        Object.defineProperty(window, 'visualViewport', { value: view });"""
    )
    page = phone.new_page()
    head = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    page.goto(website.page(product.tag(TAG), head=head))
    sheet = page.get_by_role("dialog")
    expect(page.get_by_role("textbox")).to_be_visible()
    assert sheet.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    assert sheet.get_attribute("aria-modal") == "true"

    page.evaluate("Object.assign(visualViewport, { height: 430, offsetTop: 60 }).dispatchEvent(new Event('resize'))")

    assert sheet.bounding_box() == {"x": 0, "y": 60, "width": 390, "height": 430}
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    assert panel_style(page, "textarea", "fontSize") == "16px"  # iOS zooms into anything smaller
    phone.close()


def test_every_variable_and_every_part_is_documented_and_no_other() -> None:
    source = ROOT / "widget" / "src"
    variables = {
        found
        for sheet in source.rglob("*.css")
        for found in re.findall(r"var\(\s*(--ai-sdr-[a-z-]+)", sheet.read_text("utf-8"))
    }
    parts = {found for view in source.rglob("*.tsx") for found in re.findall(r'\bpart="([a-z]+)"', view.read_text())}
    page = (ROOT / "docs" / "embedding.md").read_text("utf-8").partition("## Looks")[2].partition("\n## ")[0]

    assert variables | {"--ai-sdr-accent"} == set(re.findall(r"`(--ai-sdr-[a-z-]+)`", page))
    assert parts | {"launcher"} == set(re.findall(r"`::part\((\w+)\)`", page))
