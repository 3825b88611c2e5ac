"""Every search engine, empty and ready: an engine is added by one line in `ENGINES`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aisdr.index.base import SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.inference.base import VectorSpace
from tests.chunks import ACME, GLOBEX, LetterCounts

PICTURES = VectorSpace("pictures", 4, floor=0.2, ceiling=0.7)


def _embedded(request: pytest.FixtureRequest, folder: Path, letters: LetterCounts) -> SearchIndex:
    return EmbeddedIndex(folder / "index", letters.space, PICTURES)


def _opensearch(request: pytest.FixtureRequest, folder: Path, letters: LetterCounts) -> SearchIndex:
    url: str = request.getfixturevalue("node")
    index = OpenSearchIndex(client(url, "", None), letters.space, PICTURES)
    for scope in (ACME, GLOBEX):
        index.remove_company(scope)
    return index


ENGINES: dict[str, Callable[[pytest.FixtureRequest, Path, LetterCounts], SearchIndex]] = {
    "embedded": _embedded,
    "opensearch": _opensearch,
}
SLOW = {"opensearch"}
"""Engines that take a while to start."""


@pytest.fixture
def letters() -> LetterCounts:
    return LetterCounts()


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in ENGINES])
def any_index(request: pytest.FixtureRequest, tmp_path: Path, letters: LetterCounts) -> SearchIndex:
    return ENGINES[request.param](request, tmp_path, letters)
