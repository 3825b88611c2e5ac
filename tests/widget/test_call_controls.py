"""What a visitor does in a call: mute, captions, devices, camera, picture in picture; how time and network are told."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Stack
from tests.walks.visitor import CONNECTED, call, choose, hang_up, log, open_panel, standing
from tests.widget.browser import MICROPHONES

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ORB = "document.querySelector('ai-sdr').shadowRoot.querySelector('.orb')"
GREETING = re.compile("pricing, onboarding")


@pytest.fixture
def visitor(stack: Stack, page: Page) -> Page:
    page.add_init_script(MICROPHONES)
    open_panel(page, stack)
    return page


def controls(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Call").get_by_role("button", name=name, exact=True)


def picture_stands(page: Page) -> None:
    expect(page.locator(".stage")).to_have_attribute("data-picture", "true", timeout=CONNECTED)


def test_a_voice_call_shows_whose_turn_it_is_how_loud_and_what_is_said(visitor: Page) -> None:
    call(visitor, "Voice")

    expect(visitor.get_by_role("status").filter(has_text="Speaking")).to_be_visible(timeout=15_000)
    visitor.wait_for_function(f"Number({ORB}.style.getPropertyValue('--level')) > 0.1")
    said = visitor.get_by_text(GREETING)
    expect(said).to_be_visible()
    controls(visitor, "Captions").click()
    expect(said).to_have_count(0)
    controls(visitor, "Transcript").click()
    expect(log(visitor).get_by_text(GREETING).first).to_be_visible(timeout=15_000)
    hang_up(visitor)
    expect(log(visitor).get_by_text(re.compile(r"Voice call ended · \d"))).to_be_visible()


def test_who_is_muted_sends_no_sound_and_another_microphone_stays_muted(visitor: Page) -> None:
    call(visitor, "Voice")
    controls(visitor, "Mute").click()
    expect(controls(visitor, "Unmute")).to_be_visible()
    assert visitor.evaluate("given.map((track) => track.enabled)") == [False]

    controls(visitor, "Microphone and speaker").click()
    visitor.get_by_role("combobox", name="Microphone").select_option("Fake Audio Input 1")

    visitor.wait_for_function("given.length === 2 && given[0].readyState === 'ended'")
    assert visitor.evaluate("[given[1].label, given[1].enabled]") == ["Fake Audio Input 1", False]
    controls(visitor, "Unmute").click()
    assert visitor.evaluate("given[1].enabled") is True
    hang_up(visitor)
    assert visitor.evaluate("given.map((track) => track.readyState)") == ["ended", "ended"]


def test_the_camera_is_off_until_it_is_asked_for_and_off_again_on_a_press(visitor: Page) -> None:
    visitor.context.grant_permissions(["camera", "microphone"])
    call(visitor, "Video")
    own = visitor.get_by_label("Your camera")
    expect(own).to_be_hidden()
    assert visitor.evaluate("given.map((track) => track.kind)") == ["audio"]

    controls(visitor, "Camera").click()
    expect(own).to_be_visible()
    controls(visitor, "Microphone and speaker").click()
    expect(visitor.get_by_role("combobox", name="Camera")).to_be_visible()
    controls(visitor, "Camera").click()

    expect(own).to_be_hidden()
    assert visitor.evaluate("given.map((track) => [track.kind, track.readyState])") == [
        ["audio", "live"],
        ["video", "ended"],
    ]
    hang_up(visitor)


def test_a_refused_camera_is_told_and_the_call_goes_on(visitor: Page) -> None:
    call(visitor, "Video")
    visitor.evaluate("window.refusal = 'NotAllowedError'")

    controls(visitor, "Camera").click()

    expect(visitor.get_by_text("The camera is blocked. The call goes on without it.")).to_be_visible()
    expect(standing(visitor, "Video")).to_be_visible()
    hang_up(visitor)


def test_the_picture_goes_into_a_window_of_its_own_and_back(visitor: Page) -> None:
    call(visitor, "Video")
    apart = visitor.get_by_role("button", name="Picture in picture")
    apart.click(timeout=30_000)
    expect(apart).to_have_attribute("aria-pressed", "true")

    apart.click()

    expect(apart).to_have_attribute("aria-pressed", "false")
    hang_up(visitor)


def test_before_the_picture_there_is_a_silhouette_with_what_is_waited_for(visitor: Page) -> None:
    choose(visitor, "Video")
    visitor.get_by_role("button", name="Agree and start the call").click()

    expect(visitor.get_by_role("status").filter(has_text=re.compile("(Preparing|Joining|Waiting)"))).to_be_visible()
    expect(visitor.get_by_label("Hypersonix, video")).to_be_visible(timeout=CONNECTED)
    visitor.get_by_role("button", name=re.compile("End call|Cancel call")).click()


def test_a_weak_network_is_told_as_long_as_it_is_weak(visitor: Page) -> None:
    call(visitor, "Video")
    weak = visitor.get_by_text("Your connection is weak.")

    visitor.evaluate("dispatchEvent(new CustomEvent('daily:network', { detail: 'bad' }))")
    expect(weak).to_be_visible()
    visitor.evaluate("dispatchEvent(new CustomEvent('daily:network', { detail: 'good' }))")

    expect(weak).to_have_count(0)
    hang_up(visitor)


def test_the_time_that_is_left_is_told_with_a_warning_before_the_cut(stack: Stack, page: Page) -> None:
    page.clock.install()
    open_panel(page, stack)
    call(page, "Video")
    picture_stands(page)  # or the leap ends the call for want of one
    left = page.get_by_text(re.compile(r"^9:\d\d left$"))
    expect(left).to_be_visible()
    warning = page.get_by_role("status").filter(has_text="This call ends in")
    expect(warning).to_have_count(0)

    # Counted from what is left: on a busy machine the call took its time to stand.
    minutes, seconds = left.inner_text().removesuffix(" left").split(":")
    page.clock.fast_forward((int(minutes) * 60 + int(seconds) - 28) * 1000)
    expect(warning).to_have_count(1)
    expect(page.get_by_text(re.compile(r"^0:[012]\d left$"))).to_be_visible()
    page.clock.fast_forward("00:30")

    expect(log(page).get_by_text(re.compile("Video call ended"))).to_be_visible()
