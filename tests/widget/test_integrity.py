"""A file that is not what the build made is refused, whether the page names it or another file of ours does."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.widget.outside import DIST, Product, Website, build, sealed

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STOLEN = "document.documentElement.dataset.stolen"


def test_the_pinned_tag_works_with_its_integrity(page: Page, product: Product, website: Website) -> None:
    page.goto(website.page(product.tag(pinned=True)))

    page.get_by_role("button", name="Open chat").click()

    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_launcher_that_was_tampered_with_does_not_run(page: Page, product: Product, website: Website) -> None:
    product.tampered = "embed"
    with page.expect_console_message(lambda said: "integrity" in said.text):
        page.goto(website.page(product.tag(pinned=True)))

    assert page.locator("ai-sdr").count() == 0
    assert page.evaluate(STOLEN) is None
    assert page.evaluate("typeof aiSdr") == "undefined"


def test_a_panel_that_was_tampered_with_does_not_run_and_comes_when_it_is_mended(
    page: Page, product: Product, website: Website
) -> None:
    product.tampered = "panel"
    page.goto(
        website.page(
            "<script>addEventListener('ai-sdr:error', ({ detail }) => (window.code = detail.code))</script>"
            + product.tag()
        )
    )
    launcher = page.get_by_role("button", name="Open chat")

    launcher.click()
    page.wait_for_function("window.code")
    told = page.evaluate("code")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(launcher).to_have_attribute("title", "Not loaded, try again")
    stolen = page.evaluate(STOLEN)
    product.tampered = ""
    launcher.click()

    expect(page.get_by_role("dialog")).to_be_visible()
    assert (told, stolen) == ("load", None)


@pytest.mark.parametrize(("mode", "chunk"), [("Voice", "voice"), ("Video", "video"), ("Video", "daily")])
def test_code_of_a_call_that_was_tampered_with_does_not_run_and_text_goes_on(
    page: Page, product: Product, website: Website, mode: str, chunk: str
) -> None:
    product.tampered = chunk
    page.goto(website.page(product.tag()))
    page.get_by_role("button", name="Open chat").click()

    page.get_by_role("group", name="Mode").get_by_role("button", name=mode).click()
    with page.expect_event("requestfinished", lambda request: request.url.endswith(f"/widget/{sealed(chunk)}")):
        page.get_by_role("button", name="Agree and start the call").click()
    expect(page.get_by_role("button", name="Cancel call")).to_have_count(0)  # it is given up
    expect(page.get_by_role("textbox", name=re.compile("^Ask a "))).to_be_visible()

    assert page.evaluate(STOLEN) is None
    assert "/api/tavus/session" not in product.paths()


def test_every_file_but_the_floating_ones_is_named_by_its_content() -> None:
    floating = {name for name, file in build().items() if not file["immutable"]}

    assert floating == {"embed.js", "hosted.js"}
    assert build()["embed.js"]["integrity"] == build()[sealed("embed")]["integrity"]


def test_whatever_a_file_loads_it_knows_by_the_integrity_that_the_manifest_tells() -> None:
    known = build()
    told = [
        pair
        for name in known
        for pair in re.findall(r"([\w-]+\.js)#(sha384-[\w+/=]+)", (DIST / name).read_text("utf-8"))
    ]

    assert {integrity == known[name]["integrity"] for name, integrity in told} == {True}
    assert {sealed("panel"), sealed("voice"), sealed("video"), sealed("daily")} <= {name for name, _ in told}


def test_no_file_loads_another_unchecked() -> None:
    """What is imported statically has been loaded, and so checked, before."""
    for name in build():
        text = (DIST / name).read_text("utf-8")
        unchecked = re.findall(r"\bimport\((?![\w$]+\))[^)]*\)", text)
        assert unchecked == [], name
