"""S-22 in its short form: nobody is contacted and nothing is touched before the visitor agrees."""

import pytest
from playwright.sync_api import Browser

from benchmarks.scoreboard.privacy.before_consent import measure

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_nothing_is_contacted_before_consent(chromium: Browser) -> None:
    figure = measure("small", chromium)

    assert figure.met, figure
    assert "getUserMedia" in figure.facts["seen_after_consent"]
    assert len(figure.facts["refused"]) == 5
