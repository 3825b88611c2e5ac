"""The pictures of the README, taken of the running product: `make pictures` keeps them, a test run only takes them."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.product import Stack
from tests.walks.test_video_call import start_call

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GAP = 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("AISDR_PICTURES", tmp_path))


def open_page(chromium: Browser, stack: Stack, *, dark: bool = False, phone: bool = False) -> Page:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 760},
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


def shot_of_panel(page: Page) -> bytes:
    """The panel with the air that its shadow needs."""
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    air = 20
    clip = {
        "x": box["x"] - air,
        "y": box["y"] - air,
        "width": box["width"] + 2 * air,
        "height": box["height"] + 2 * air,
    }
    return page.screenshot(clip=clip)  # type: ignore[arg-type]


def side_by_side(shots: list[bytes]) -> Image.Image:
    pictures = [Image.open(BytesIO(shot)).convert("RGB") for shot in shots]
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    joined = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        joined.paste(picture, (left, 0))
        left += picture.width + GAP
    return joined


def test_the_readmes_picture_shows_an_answer_and_a_call(stack: Stack, chromium: Browser, folder: Path) -> None:
    text, video = open_page(chromium, stack), open_page(chromium, stack, dark=True)

    ask_for_the_picture(text)
    ask_in_the_call(video, stack)
    picture = side_by_side([shot_of_panel(text), shot_of_panel(video)])
    video.get_by_role("button", name="End").first.click()
    video.wait_for_timeout(500)

    folder.mkdir(parents=True, exist_ok=True)
    picture.save(folder / "widget.png", optimize=True)
    assert picture.width > picture.height
    for page in (text, video):
        page.context.close()


def test_on_a_phone_the_panel_fills_the_screen(stack: Stack, chromium: Browser, folder: Path) -> None:
    light, dark = (open_page(chromium, stack, dark=dark, phone=True) for dark in (False, True))

    for page in (light, dark):
        ask_for_the_picture(page)
        box = page.get_by_role("dialog").bounding_box()
        assert box is not None
        assert (round(box["width"]), round(box["height"])) == (390, 844)

    folder.mkdir(parents=True, exist_ok=True)
    side_by_side([light.screenshot(), dark.screenshot()]).save(folder / "phone.png", optimize=True)
    for page in (light, dark):
        page.context.close()
