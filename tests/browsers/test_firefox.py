"""The four modes in Firefox."""

import pytest

from tests.browsers.tab import Tab
from tests.product import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"
FACT = "$31"
SOURCE = "Plans and prices"
PLAYING = "return document.querySelector('ai-sdr').shadowRoot.querySelector('video')?.videoWidth > 0"


@pytest.fixture
def visitor(stack: Stack, firefox: Tab) -> Tab:
    firefox.open(f"{stack.url}/widget/hypersonix")
    return firefox


def test_a_typed_question_is_answered_with_its_source(visitor: Tab) -> None:
    visitor.ask(QUESTION)

    visitor.sees(FACT)
    visitor.sees(SOURCE)


def test_an_answer_is_read_aloud(stack: Stack, visitor: Tab) -> None:
    spoken = visitor.driver.execute_script
    spoken(
        "window.heard = 0; const play = HTMLMediaElement.prototype.play;"
        "HTMLMediaElement.prototype.play = function () { window.heard++; return play.call(this); }"
    )
    visitor.press("Listen")
    visitor.ask(QUESTION)

    visitor.sees(FACT)
    visitor.wait(lambda: spoken("return window.heard") > 0, "begun to speak")


def test_a_voice_call_stands_greets_and_is_hung_up(visitor: Tab) -> None:
    visitor.press("Voice")
    visitor.press("Agree and start the call")

    visitor.sees("Voice call · ")
    visitor.press("End call")
    visitor.wait(lambda: not visitor.has("button", "End call"), "hung up")


def test_in_a_video_call_the_avatar_is_seen_and_answers(visitor: Tab) -> None:
    visitor.press("Video")
    visitor.press("Agree and start the call")
    visitor.wait(lambda: visitor.driver.execute_script(PLAYING), "shown the avatar")
    visitor.ask("How long does onboarding take?")

    visitor.sees("weeks")
    visitor.press("End call")
    visitor.wait(lambda: not visitor.has("button", "End call"), "hung up")
