"""A bundle as the archive that Lambda is given: the same bytes from the same files, on every machine and day."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

LARGEST_UNZIPPED = 250 * 2**20
"""Lambda's limit; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""
_BEGINNING = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Size:
    """In bytes."""

    unzipped: int
    zipped: int
    files: int


def archive(folder: Path) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _BEGINNING)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, path.read_bytes())
    return held.getvalue()


def size(folder: Path) -> Size:
    files = _files(folder)
    return Size(sum(path.stat().st_size for path in files), len(archive(folder)), len(files))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
