"""One ingestion in a process of its own, so that its memory is nobody else's:

    python -m benchmarks.ingest.job INDEX_FOLDER S3_ENDPOINT ORIGIN [--pages N]

ORIGIN is a folder or the address of a website. While it works it writes how far it is to the standard error; the last
line of its output is one JSON object, a `Told`.
"""

import argparse
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import boto3

from aisdr.index.base import Place
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.minilm import MiniLM
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.base import Origin
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.origins.site import Site
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.run import Progress
from aisdr.ingest.site.rules import CrawlRules
from benchmarks.ingest.asking import COMPANY
from scripts.ingest.bar import speed

BUCKET = "media"
LOOK_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Told:
    """What one run did."""

    seconds: float
    """Of the run alone, without the start of Python and the embedder."""
    sources: int
    chunks: int
    embedded: int
    failed: list[str]
    pages: int
    """Different pages of documents that have a chunk, in the whole index."""
    spoken_until: float
    """The last second of a clip that has a chunk."""
    looks: int
    """How often progress was shown, and was another one than before."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("endpoint")
    parser.add_argument("origin")
    parser.add_argument("--pages", type=int, default=CrawlRules.max_pages)
    given = parser.parse_args()
    place = place_in(given.index)
    s3 = boto3.client(
        "s3",
        endpoint_url=given.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator knows no other
    )
    ingestion = Ingestion(lambda _: place, MediaLibrary(s3, BUCKET), public_url="http://localhost:3000")
    began = time.monotonic()
    with _shown() as (progress, looks):
        report = ingestion.run(COMPANY, _origin(given.origin, given.pages), progress=progress)
    seconds = time.monotonic() - began
    chunks = [
        chunk
        for source in place.index.sources(COMPANY.operator_scope)
        for chunk in place.index.chunks(COMPANY.operator_scope, source.source_id)
    ]
    told = Told(
        seconds,
        len(report.outcomes),
        sum(report.chunks.values()),
        report.embedded,
        [f"{each.source_id}: {each.reason}" for each in report.failed],
        len({(chunk.source_id, chunk.locator.page) for chunk in chunks if chunk.locator.page}),
        max((chunk.locator.end or 0 for chunk in chunks), default=0),
        len(looks),
    )
    print(json.dumps(asdict(told)), flush=True)
    return 0


def place_in(folder: Path) -> Place:
    embedder = MiniLM()
    return Place(EmbeddedIndex(folder, embedder.space), embedder)


def _origin(origin: str, pages: int) -> Origin:
    if "://" not in origin:
        return Folder(Path(origin))
    host = origin.removeprefix("http://").rstrip("/")
    return Site(origin, CrawlRules(rate=0, max_pages=pages), allowed_private=(host,))


@contextmanager
def _shown() -> Iterator[tuple[Progress, Counter[str]]]:
    """Writes every five seconds what the operator's display would show."""
    progress, looks, over, began = Progress(), Counter[str](), threading.Event(), time.monotonic()

    def show() -> None:
        while not over.wait(LOOK_EVERY_SECONDS):
            reading = ", ".join(f"{done:,}/{total:,}" for done, total in list(progress.reading.values()))
            total = f" of {progress.expected:,}" if progress.expected else ""
            line = f"{progress.done:,}{total}, {speed(progress, time.monotonic() - began)}; reading {reading or 'none'}"
            looks[line] += 1
            print(line, file=sys.stderr, flush=True)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield progress, looks
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
