"""The start page and the playground of `make dev`: what is copied works, what is up is shown, every option is live."""

import json
import os
import subprocess

import pytest
from playwright.sync_api import Page, expect

from tests.product import ROOT, Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def printed(stack: Stack, *options: str) -> str:
    """What `aisdr snippet hypersonix` prints first."""
    environment = {"PATH": os.environ["PATH"], "AISDR_DATA": str(stack.data), "AISDR_LOCAL_FILE": os.devnull}
    command = [str(ROOT / "scripts" / "aisdr"), "snippet", "hypersonix", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def test_the_copied_tag_is_the_one_that_the_command_prints(stack: Stack, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=stack.url)
    page.goto(stack.url)
    copy = page.get_by_role("button", name="Copy the tag of Hypersonix")
    card = page.get_by_role("article").filter(has=copy)

    copy.click()
    pinned = page.evaluate("navigator.clipboard.readText()")
    card.get_by_role("radio", name="always the newest").check()
    copy.click()
    floating = page.evaluate("navigator.clipboard.readText()")

    assert pinned == printed(stack)
    assert floating == printed(stack, "--floating")
    card.get_by_text("What the website's policies must allow").click()
    expect(card.get_by_text("Permissions-Policy: microphone=(self)")).to_be_visible()


def test_the_look_alikes_are_up(stack: Stack, page: Page) -> None:
    page.goto(stack.url)

    vendors = page.get_by_role("table", name="Vendors")
    for vendor in ("Tavus", "Daily", "OpenAI", "Polly", "AWS"):
        expect(vendors.get_by_role("row").filter(has_text=vendor)).to_contain_text("look-alike, up")
    expect(vendors.get_by_role("row").filter(has_text="Tavus")).to_contain_text("s billed")


def test_every_option_is_live_in_the_playground(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/playground?company=hypersonix")
    page.get_by_role("button", name="open", exact=True).click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()

    page.get_by_label("position", exact=True).select_option("left")
    page.get_by_label("theme", exact=True).select_option("dark")
    page.get_by_label("language", exact=True).select_option("de")
    page.get_by_label("accent", exact=True).fill("#aa0000")

    expect(panel).to_have_js_property("lang", "de")
    dressed = page.evaluate("({ ...document.querySelector('ai-sdr').shadowRoot.querySelector('.frame').dataset })")
    assert dressed == {"theme": "dark", "position": "left"}
    tag = page.locator("#tag").inner_text()
    assert 'data-theme="dark" data-position="left" data-accent="#aa0000" data-language="de"' in tag
    assert 'integrity="sha384-' in tag


def test_verbs_and_events_meet_in_the_playground(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/playground?company=hypersonix")

    page.get_by_role("button", name="identify").click()
    page.get_by_role("button", name="send", exact=True).click()
    events = page.get_by_role("listitem")
    expect(events.filter(has_text='message {"role":"assistant"')).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="destroy").click()
    expect(page.locator("ai-sdr")).to_have_count(0)
    page.get_by_role("button", name="create").click()
    expect(page.locator("ai-sdr")).to_have_count(1)
    page.get_by_label("Context").fill("no JSON")
    page.get_by_role("button", name="setContext").click()

    expect(events.filter(has_text="SyntaxError")).to_be_visible()
    assert json.loads(page.get_by_label("Visitor").input_value())["name"] == "Dana Whitfield"
