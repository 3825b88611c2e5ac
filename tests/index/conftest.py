"""Every search engine, empty and ready: an engine is added by one line in `ENGINES`."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from aisdr.index.base import SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.inference.base import VectorSpace
from tests.chunks import ACME, GLOBEX, LetterCounts

PICTURES = VectorSpace("pictures", 4, floor=0.2, ceiling=0.7)


class Calendar:
    """Which day it is for an index."""

    def __init__(self) -> None:
        self.day = date(2027, 1, 31)

    def __call__(self) -> date:
        return self.day


Make = Callable[[pytest.FixtureRequest, Path, LetterCounts, Calendar], SearchIndex]


def _embedded(request: pytest.FixtureRequest, folder: Path, letters: LetterCounts, calendar: Calendar) -> SearchIndex:
    return EmbeddedIndex(folder / "index", letters.space, PICTURES, today=calendar)


def _opensearch(request: pytest.FixtureRequest, folder: Path, letters: LetterCounts, calendar: Calendar) -> SearchIndex:
    url: str = request.getfixturevalue("node")
    index = OpenSearchIndex(client(url, "", None), letters.space, PICTURES, today=calendar)
    for scope in (ACME, GLOBEX):
        index.remove_company(scope)
    return index


ENGINES: dict[str, Make] = {
    "embedded": _embedded,
    "opensearch": _opensearch,
}
SLOW = {"opensearch"}
"""Engines that take a while to start."""


@pytest.fixture
def letters() -> LetterCounts:
    return LetterCounts()


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in ENGINES])
def any_index(request: pytest.FixtureRequest, tmp_path: Path, letters: LetterCounts, calendar: Calendar) -> SearchIndex:
    return ENGINES[request.param](request, tmp_path, letters, calendar)


@pytest.fixture
def index(any_index: SearchIndex) -> SearchIndex:
    return any_index
