"""The files of each kind in a folder of their own, so that each can be timed."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.ingest.content import KNOWLEDGE

KINDS: Mapping[str, Sequence[str]] = {
    "Markdown": ("products/*.md", "guides/*.md"),
    "HTML": ("web/*",),
    "text": ("notes/*",),
    "PDF, text": ("documents/*.pdf",),
    "PDF, scanned": ("scans/*",),
    "PDF, slides": ("slides/*",),
    "Word": ("documents/*.docx",),
    "PowerPoint": ("decks/*",),
    "spreadsheets": ("tables/*.xlsx",),
    "CSV": ("tables/*.csv",),
    "FAQ": ("faq/*",),
    "pictures": ("pictures/*",),
    "sound": ("recordings/*",),
    "clips": ("clips/*",),
}


def folders(target: Path) -> Iterator[tuple[str, Path]]:
    for kind, patterns in KINDS.items():
        folder = target / kind.replace(", ", "-").lower()
        folder.mkdir(parents=True)
        for pattern in patterns:
            for path in KNOWLEDGE.glob(pattern):
                shutil.copyfile(path, folder / path.name)
        yield kind, folder
