"""S-20 in its short form: the widget on a website that trusts nobody."""

import pytest
from playwright.sync_api import Browser

from benchmarks.scoreboard.page.strict_page import measure

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_strict_page_has_nothing_to_complain_of(chromium: Browser) -> None:
    figure = measure("small", chromium)

    assert figure.met, figure
    assert figure.facts["in_force"]
    assert figure.facts["loader"] > 500
