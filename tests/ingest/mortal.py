"""`python -m tests.ingest.mortal`: ingestions, each a process of its own that somebody outside may kill.

A line `{"folder": …, "index": …, "bucket": …}` is one ingestion of the company Acme. It is forked from this process,
which has read all code and the model before and opened nothing. Out come its process id, and how it ended: 0, 1 after
a fault, -9 when it was killed.
"""

import json
import os
import sys
import traceback
from pathlib import Path

import boto3

from aisdr.company import Company
from aisdr.index.base import Place
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.minilm import MiniLM
from aisdr.ingest.lease import Leases
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.table import Table
from tests.ingest.pipeline import COMPANY

TABLE = "aisdr-conversations"


def live(life: dict[str, str], embedder: MiniLM, company: Company) -> None:
    place = Place(EmbeddedIndex(Path(life["index"]), embedder.space), embedder)
    media = MediaLibrary(boto3.client("s3"), life["bucket"])
    leases = Leases(Table(boto3.client("dynamodb"), TABLE))
    ingestion = Ingestion(lambda _: place, media, public_url="https://sdr.example", leases=leases)
    report = ingestion.run(company, Folder(Path(life["folder"])))
    assert not report.failed, report.failed


def main() -> None:
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    embedder = MiniLM()
    embedder.embed_passages(["loaded before anybody is born"])
    print("ready", file=told)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                live(json.loads(line), embedder, COMPANY)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(pid, file=told)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=told)


if __name__ == "__main__":
    main()
