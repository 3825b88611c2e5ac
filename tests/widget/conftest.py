"""The outside of the product alone, on somebody's website: what it takes to see the tag at work on a foreign page."""

from collections.abc import Iterator

import pytest

from tests.widget.outside import Product, Website, running


@pytest.fixture
def product() -> Iterator[Product]:
    """Where the widget is served, in a few lines."""
    with running(Product()) as place:
        yield place


@pytest.fixture
def website() -> Iterator[Website]:
    """Somebody's website, at another address."""
    with running(Website()) as place:
        yield place
