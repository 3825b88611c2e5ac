"""Every search engine, empty and ready: an engine is added by one line in `ENGINES`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aisdr.index.base import SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import VectorSpace
from tests.chunks import LetterCounts

PICTURES = VectorSpace("pictures", 4, floor=0.2, ceiling=0.7)


def _embedded(request: pytest.FixtureRequest, folder: Path, letters: LetterCounts) -> SearchIndex:
    return EmbeddedIndex(folder / "index", letters.space, PICTURES)


ENGINES: dict[str, Callable[[pytest.FixtureRequest, Path, LetterCounts], SearchIndex]] = {"embedded": _embedded}


@pytest.fixture
def letters() -> LetterCounts:
    return LetterCounts()


@pytest.fixture(params=ENGINES)
def any_index(request: pytest.FixtureRequest, tmp_path: Path, letters: LetterCounts) -> SearchIndex:
    return ENGINES[request.param](request, tmp_path, letters)
