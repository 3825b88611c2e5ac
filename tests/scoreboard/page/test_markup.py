"""S-11 in its short form: hostile text through every surface of the widget, in Chromium."""

import pytest
from playwright.sync_api import Browser

from benchmarks.scoreboard.page.markup import measure

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_no_payload_runs_is_left_over_or_fetches(chromium: Browser) -> None:
    figure = measure("small", chromium)

    assert figure.met, figure
    assert figure.facts["control"] == ["alert(1)"]
    assert figure.facts["cells"] > 2000
