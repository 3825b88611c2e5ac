"""Answers read aloud: stopped, heard again, faster, and quiet for a while."""

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack
from tests.walks.loudspeaker import Loudspeaker
from tests.walks.visitor import ask, choose, log, open_panel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"
PLAYER = "window.Audio = new Proxy(Audio, { construct: (Sound, given) => (window.player = new Sound(...given)) })"
"""The element that plays the answers is `window.player`."""


@pytest.fixture
def listener(stack: Stack, page: Page) -> Page:
    page.add_init_script(PLAYER)
    open_panel(page, stack)
    choose(page, "Listen")
    return page


def test_an_answer_is_stopped_and_heard_again(stack: Stack, page: Page) -> None:
    loudspeaker = Loudspeaker(page)
    open_panel(page, stack)
    choose(page, "Listen")
    expect(page.get_by_text("Answers are read aloud")).to_be_visible()
    ask(page, QUESTION)
    page.get_by_role("button", name="Stop reading").click(timeout=15_000)
    expect(page.get_by_text("Answers are read aloud")).to_be_visible()

    page.get_by_role("button", name="Read the last answer again").click()

    expect(page.get_by_text("Reading aloud")).to_be_visible()
    loudspeaker.expect_speech(15)


def test_speed_is_chosen_at_once_and_kept_for_the_tab(listener: Page) -> None:
    speed = listener.get_by_role("combobox", name="Speed")
    ask(listener, QUESTION)
    expect(listener.get_by_text("Reading aloud")).to_be_visible(timeout=15_000)

    speed.select_option("1.5×")

    listener.wait_for_function("player.playbackRate === 1.5")
    listener.reload()
    choose(listener, "Listen")
    expect(speed).to_have_value("1.5")


def test_who_wants_quiet_reads_and_hears_one_answer_on_request(listener: Page) -> None:
    listener.get_by_role("button", name="Mute").click()
    expect(listener.get_by_text("Answers are not read aloud")).to_be_visible()
    ask(listener, QUESTION)
    aloud = log(listener).get_by_role("button", name="Read aloud")
    expect(aloud).to_be_visible(timeout=15_000)
    expect(listener.get_by_text("Reading aloud")).to_have_count(0)

    aloud.click()

    expect(listener.get_by_text("Reading aloud")).to_be_visible()
