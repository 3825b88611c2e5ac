"""docs/api.md tells the truth: each of its commands gets the answer that stands there."""

import pytest

from scripts.api_page import PAGE, replay, shape
from tests.product import Stack

pytestmark = pytest.mark.slow


def test_every_command_of_the_page_gets_the_answer_that_stands_there(stack: Stack) -> None:
    exchanges = list(replay(PAGE.read_text(encoding="utf-8"), stack.url))

    assert len(exchanges) >= 20
    for exchange in exchanges:
        assert shape(exchange.answer) == shape(exchange.written), exchange.command
