"""The pictures of the README, taken of the running product: `make pictures` keeps them, a test run only takes them."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product import Stack
from tests.walks.pictures import shot_of_panel, side_by_side
from tests.walks.test_video_call import start_call

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("AISDR_PICTURES", tmp_path))


def open_page(chromium: Browser, stack: Stack, *, dark: bool = False) -> Page:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 760},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2,
    )
    page = context.new_page()
    page.goto(f"{stack.url}/widget/hypersonix")
    return page


def ask_for_the_picture(page: Page) -> None:
    page.get_by_role("button", name="How does the price per store change as we grow?").last.click()
    expect(page.locator("ai-sdr img[src*='price-per-store']").first).to_be_visible(timeout=15_000)
    page.wait_for_timeout(1500)


def ask_in_the_call(page: Page, stack: Stack) -> None:
    start_call(page, stack)
    box = page.get_by_role("textbox")
    box.fill("How long does onboarding take?")
    box.press("Enter")
    expect(page.locator("ai-sdr a[href*='/media/hypersonix/onboarding']").first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(4000)  # in the middle of what it says


def test_the_readmes_picture_shows_an_answer_and_a_call(stack: Stack, chromium: Browser, folder: Path) -> None:
    text, video = open_page(chromium, stack), open_page(chromium, stack, dark=True)

    ask_for_the_picture(text)
    ask_in_the_call(video, stack)
    picture = side_by_side([shot_of_panel(text), shot_of_panel(video)])
    video.get_by_role("button", name="End").first.click()
    video.wait_for_timeout(500)

    folder.mkdir(parents=True, exist_ok=True)
    picture.save(folder / "widget.webp", quality=88)
    assert picture.width > picture.height
    for page in (text, video):
        page.context.close()
