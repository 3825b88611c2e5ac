"""The operator's command, run in this very process."""

from collections.abc import Iterator

import pytest

from aisdr.observability import logger


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """The command is quiet for a person's screen; the tests after it are not."""
    before = logger.log_level
    yield
    logger.setLevel(before)
