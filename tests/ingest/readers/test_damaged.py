"""Files that were cut off or scribbled on: each is read, holds nothing, or is unreadable; no reader is surprised."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aisdr.ingest.readers.base import NothingToRead, Unreadable
from tests.ingest.material import print_pdf
from tests.ingest.readers.conftest import Read
from tests.ingest.recordings import drawn, record, spoken

DAMAGES = 12


def whole(path: Path) -> Path:
    match path.suffix:
        case ".pdf":
            return print_pdf(path, "Why Acme\nPop-up stores", "", wide=True)
        case ".webm" | ".mp4":
            return record(path, [(drawn("Open the board now", size=(160, 90), height=14), 1.0)], spoken("Hello there."))
        case ".mp3" | ".wav" | ".ogg" | ".flac":
            return record(path, sound=spoken("Hello there."))
        case _:
            drawn("Out of stock", size=(160, 90), height=14).save(path)
            return path


def damaged(content: bytes, chance: random.Random) -> Iterator[bytes]:
    """Cut off, or with bytes changed: anywhere, or in the head that says what the file is."""
    for _ in range(DAMAGES):
        if chance.random() < 0.2:
            yield content[: chance.randrange(len(content))]
            continue
        scribbled = bytearray(content)
        end = len(content) if chance.random() < 0.5 else min(600, len(content))
        for _ in range(chance.choice((1, 3, 10, 50))):
            scribbled[chance.randrange(end)] = chance.choice((0, 127, 128, 255, chance.randrange(256)))
        yield bytes(scribbled)


@pytest.mark.slow
@pytest.mark.parametrize(
    "ending",
    [".pdf", ".png", ".jpg", ".gif", ".webp", ".tiff", ".bmp", ".webm", ".mp4", ".mp3", ".wav", ".ogg", ".flac"],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks about broken tags
def test_a_damaged_file_surprises_no_reader(tmp_path: Path, read: Read, ending: str) -> None:
    content = whole(tmp_path / f"whole{ending}").read_bytes()
    ends: set[str] = set()
    chance = random.Random(ending)  # noqa: S311  (the same every time)
    for damage in damaged(content, chance):
        path = tmp_path / f"damaged{ending}"
        path.write_bytes(damage)
        ends.add(_end_of(lambda path=path: read(path)))  # type: ignore[misc]

    assert ends <= {"read", "NothingToRead", "Unreadable"}
    assert ends != {"read"}


def _end_of(reading: Callable[[], object]) -> str:
    try:
        reading()
    except (NothingToRead, Unreadable) as ended:
        return type(ended).__name__
    return "read"
