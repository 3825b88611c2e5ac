"""`python -m tests.ingest.mortal`: ingestions, each a process of its own that somebody outside may kill.

A line `{"folder": …, "index": …, "bucket": …}` is one ingestion of the company Acme, born (`tests/births.py`) of a
process that has read all code and the model before and opened nothing.
"""

from collections.abc import Callable
from pathlib import Path

import boto3

from aisdr.index.base import Place
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.minilm import MiniLM
from aisdr.ingest.lease import Leases
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.table import Table
from tests.births import bear
from tests.ingest.pipeline import COMPANY

TABLE = "aisdr-conversations"


def prepare() -> Callable[[dict[str, str]], None]:
    embedder = MiniLM()
    embedder.embed_passages(["loaded before anybody is born"])

    def live(life: dict[str, str]) -> None:
        place = Place(EmbeddedIndex(Path(life["index"]), embedder.space), embedder)
        media = MediaLibrary(boto3.client("s3"), life["bucket"])
        leases = Leases(Table(boto3.client("dynamodb"), TABLE))
        ingestion = Ingestion(lambda _: place, media, public_url="https://sdr.example", leases=leases)
        report = ingestion.run(COMPANY, Folder(Path(life["folder"])))
        assert not report.failed, report.failed

    return live


if __name__ == "__main__":
    bear(prepare)
