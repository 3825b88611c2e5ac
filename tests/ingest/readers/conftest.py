"""What every reader's tests need: a folder, and a way to have a file in it read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aisdr.ingest.kinds import reader_for
from aisdr.ingest.labels import labels_of
from aisdr.ingest.readers.base import Document, SourceFile

Read = Callable[..., Document]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a file of `tmp_path`; further arguments are those of its `SourceFile`."""

    def read_file(path: Path, **given: object) -> Document:
        reader = reader_for(path)
        assert reader
        return reader.read(SourceFile(tmp_path, path, "/media/acme", labels_of(tmp_path, path), **given))  # type: ignore[arg-type]

    return read_file
