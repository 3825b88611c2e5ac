"""Text and reading aloud in WebKit. Debian's build has no RTCPeerConnection, so it offers no calls."""

import pytest

from tests.browsers.tab import Tab
from tests.product import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_questions_are_answered_read_aloud_on_demand_and_calls_that_cannot_be_made_are_not_offered(
    stack: Stack, webkit: Tab
) -> None:
    webkit.open(f"{stack.url}/widget/hypersonix")
    webkit.ask("What does it cost for 200 stores?")
    webkit.sees("$31")
    webkit.sees("Plans and prices")

    assert webkit.driver.execute_script("return typeof RTCPeerConnection") == "undefined"
    assert webkit.has("button", "Listen")
    assert not webkit.has("button", "Video")
    assert not webkit.has("button", "Voice")
    webkit.press("Listen")
    webkit.ask("How long does onboarding take?")
    webkit.sees("weeks")
