"""The pictures of docs/gallery.md: every state that a visitor meets. `make pictures` keeps them, to be looked at."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product import Stack
from tests.walks.pictures import shot_of_panel, side_by_side
from tests.walks.visitor import ask, call, choose, log, open_panel
from tests.widget.browser import MICROPHONES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PRICES = "How does the price per store change as we grow?"
SETTLED = 700
"""Milliseconds until what faded in stands still."""
Shot = Callable[[Page], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chosen = Path(os.environ.get("AISDR_PICTURES", tmp_path))
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


@contextmanager
def visitor(chromium: Browser, stack: Stack, *, dark: bool = False, phone: bool = False) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1000, "height": 700},
        color_scheme="dark" if dark else "light",
        device_scale_factor=1.5,
        permissions=["camera", "microphone"],
    )
    page = context.new_page()
    page.add_init_script(MICROPHONES)
    open_panel(page, stack)
    yield page
    context.close()  # which ends a call, too


def sheet(chromium: Browser, stack: Stack, path: Path, *shots: Shot, dark: bool = False) -> None:
    """One picture of several states, each reached by a new visitor."""
    taken: list[bytes] = []
    for shot in shots:
        with visitor(chromium, stack, dark=dark) as page:
            shot(page)
            page.wait_for_timeout(SETTLED)
            taken.append(shot_of_panel(page))
    picture = side_by_side(taken)
    picture.save(path, quality=82)
    assert picture.width == sum(side_by_side([each]).width for each in taken)


def empty(page: Page) -> None:
    expect(page.get_by_role("list", name="Suggested questions")).to_be_visible()


def looking_up(page: Page) -> None:
    page.route_web_socket("**/ws*", lambda socket: None)
    ask(page, PRICES)
    expect(page.get_by_text("Looking it up…")).to_be_visible()


def asked(question: str, sign: str) -> Shot:
    def shot(page: Page) -> None:
        ask(page, question)
        expect(log(page).get_by_text(sign).last).to_be_visible(timeout=15_000)
        expect(page.get_by_role("button", name="Copy answer").last).to_be_attached(timeout=15_000)

    return shot


picture = asked(PRICES, "Price per store on the Growth plan")
clip = asked("Show me the clip where scenarios are compared", "Price simulator demo")
meeting = asked("I would like to book a meeting", "Choose a time")
person = asked("I would like to talk to a real person", "Talk to the Hypersonix sales desk")
confirmation = asked("My name is Ada Miller, please write to ada@gallery.example", "Send your details to Hypersonix?")
unknown = asked("What is the airspeed of an unladen swallow?", "I don't have that in my material.")


def saved(page: Page) -> None:
    confirmation(page)
    page.get_by_role("button", name="Confirm").click()
    expect(log(page).get_by_text("Your details are saved")).to_be_visible(timeout=15_000)


def reading(page: Page) -> None:
    choose(page, "Listen")
    ask(page, PRICES)
    expect(page.get_by_text("Reading aloud")).to_be_visible(timeout=15_000)
    expect(log(page).get_by_text("Price per store on the Growth plan").last).to_be_visible(timeout=15_000)


def consent(page: Page) -> None:
    choose(page, "Video")
    expect(page.get_by_role("button", name="Agree and start the call")).to_be_visible()


def voice(page: Page) -> None:
    call(page, "Voice")
    expect(page.get_by_text(re.compile("pricing, onboarding"))).to_be_visible(timeout=15_000)


def connecting(page: Page) -> None:
    page.route("**/api/tavus/session", lambda route: None)
    choose(page, "Video")
    page.get_by_role("button", name="Agree and start the call").click()
    expect(page.get_by_text("Preparing the call…")).to_be_visible()


def video(page: Page) -> None:
    call(page, "Video")
    expect(page.get_by_text(re.compile("What would you like|pricing, onboarding"))).to_be_visible(timeout=15_000)


def video_with_sources(page: Page) -> None:
    call(page, "Video")
    ask(page, "How long does onboarding take?")
    expect(page.get_by_role("list", name="Sources")).to_be_visible(timeout=30_000)


def camera_and_devices(page: Page) -> None:
    call(page, "Video")
    page.get_by_role("button", name="Camera", exact=True).click()
    page.get_by_role("button", name="Microphone and speaker").click()
    expect(page.get_by_role("combobox", name="Camera")).to_be_visible()


def menu(page: Page) -> None:
    picture(page)
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("dialog", name="Menu")).to_be_visible()


def deleting(page: Page) -> None:
    menu(page)
    page.get_by_role("button", name="Delete my conversation").click()


def refused(page: Page) -> None:
    busy = json.dumps({"error": {"code": "avatar_busy", "message": "for operators", "requestId": "r-1"}})
    page.route("**/api/tavus/session", lambda route: route.fulfill(status=429, body=busy))
    page.evaluate("window.refusal = 'NotAllowedError'")
    for mode in ("Video", "Voice"):
        choose(page, mode)
        agree = page.get_by_role("button", name="Agree and start the call")
        expect(agree.or_(page.get_by_text("The microphone is blocked.")).first).to_be_visible()
        if agree.is_visible():
            agree.click()
        expect(page.get_by_role("group", name="Error").last).to_be_visible()


def nothing_answers(page: Page) -> None:
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/**", lambda route: route.abort())
    ask(page, "Do you deliver to Iceland?")
    expect(page.get_by_role("form", name="Leave a message")).to_be_visible(timeout=15_000)


def offline(page: Page) -> None:
    page.context.set_offline(True)
    ask(page, PRICES)
    expect(log(page).get_by_text("Your question goes out when it is back.")).to_be_visible()


def troubled_call(page: Page) -> None:
    call(page, "Video")
    page.evaluate("dispatchEvent(new CustomEvent('daily:network', { detail: 'bad' }))")
    expect(page.get_by_text("Your connection is weak.")).to_be_visible()


def arabic(page: Page) -> None:
    picture(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("combobox", name="Language").select_option("ar")
    page.keyboard.press("Escape")
    expect(page.locator("[dir=rtl]").first).to_be_visible()


@pytest.mark.parametrize(
    ("name", "shots", "dark"),
    [
        ("text", (empty, looking_up, picture, clip), False),
        ("cards", (meeting, person, confirmation, saved), False),
        ("modes", (reading, consent, voice, video), False),
        ("calls", (connecting, video_with_sources, camera_and_devices, troubled_call), False),
        ("trouble", (unknown, refused, nothing_answers, offline), False),
        ("menu", (menu, deleting, arabic), False),
        ("dark", (picture, confirmation, voice, video_with_sources), True),
    ],
)
def test_every_state_can_be_looked_at(
    stack: Stack, chromium: Browser, folder: Path, name: str, shots: tuple[Shot, ...], dark: bool
) -> None:
    sheet(chromium, stack, folder / f"gallery-{name}.webp", *shots, dark=dark)


def test_on_a_phone_every_mode_fills_the_screen(stack: Stack, chromium: Browser, folder: Path) -> None:
    taken: list[bytes] = []
    for shot in (empty, picture, voice, video):
        with visitor(chromium, stack, phone=True) as page:
            shot(page)
            page.wait_for_timeout(SETTLED)
            box = page.get_by_role("dialog", name="Chat with Hypersonix").bounding_box()
            assert box is not None
            assert (round(box["width"]), round(box["height"])) == (390, 844)
            taken.append(page.screenshot())

    side_by_side(taken).save(folder / "gallery-phone.webp", quality=82)
