"""A folder of files on this machine."""

from collections.abc import Mapping
from pathlib import Path

from aisdr.errors import InvalidInput
from aisdr.index.base import SourceRecord
from aisdr.ingest.kinds import links_in, sources_in
from aisdr.ingest.labels import META, labelled_and_missing
from aisdr.ingest.origins.base import Failed, Findings, Found, Gone
from aisdr.ingest.origins.keys import ETAGS

FEW = 5
"""So many sources may always be gone; more than half of all only when that is meant."""


class Folder:
    """Files by their paths below the folder.

    Args:
        forget: however many sources are gone, they are. Otherwise a folder in which most of what the company has cannot
            be found is taken for the wrong one.
    """

    def __init__(self, folder: Path, *, forget: bool = False) -> None:
        self._forget = forget
        self.name = str(folder)
        self._root = folder.absolute()
        self._files: list[Path] = []

    def owns(self, source_id: str) -> bool:
        return is_path(source_id)

    def expected(self) -> int | None:
        return len(self._files)

    @property
    def remarks(self) -> tuple[str, ...]:
        links = [path.relative_to(self._root).as_posix() for path in links_in(self._root)]
        missing = labelled_and_missing(self._root)
        told = {
            "links to elsewhere are not followed, copy what is meant": links,
            f"{META} speaks of files that are not there, so nothing is labelled": missing,
        }
        return tuple(f"{what}: {', '.join(names[:FEW])}" for what, names in told.items() if names)

    def discover(self, known: Mapping[str, SourceRecord], spool: Path) -> Findings:
        if not self._root.is_dir():
            raise InvalidInput(f"{self.name}: there is no such folder; put the company's files there")
        self._files = sources_in(self._root)
        present = {path.relative_to(self._root).as_posix(): path for path in self._files}
        # What a bucket has brought is the bucket's: only what came from a folder leaves with its file.
        ours = {source_id for source_id, record in known.items() if ETAGS not in record.extra}
        gone = sorted(ours - present.keys())
        if len(gone) > max(FEW, len(ours) // 2) and not self._forget:
            raise InvalidInput(
                f"{self.name} lacks {len(gone)} of the {len(ours)} files that the company has, such as '{gone[0]}': "
                "is it the right folder? To remove them, add --forget"
            )
        for source_id, path in present.items():
            if source_id.encode(errors="ignore").decode() == source_id:
                yield Found(source_id, self._root, path)
            else:
                shown = source_id.encode(errors="backslashreplace").decode()
                yield Failed(shown, "its name is not UTF-8, so it can have no address: rename it")
        for source_id in gone:
            yield Gone(source_id)


def is_path(source_id: str) -> bool:
    """Sources of folders and buckets are named by paths, those of websites by addresses."""
    return "://" not in source_id
