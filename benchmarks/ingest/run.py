"""Runs an ingestion beside an S3 emulator, and watches its memory from outside."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from benchmarks.ingest.job import BUCKET, Told
from benchmarks.ingest.memory import watched
from benchmarks.relay.stack import free_port
from dev import aws


class JobFailed(Exception):
    """The message is the end of what the job said."""


@dataclass(frozen=True)
class Run:
    told: Told
    megabytes: float
    """The most that the process and its readers held."""


@contextmanager
def media_store(folder: Path) -> Iterator[str]:
    """The endpoint of an S3 with the bucket."""
    with aws.running(free_port(), folder) as endpoint:
        s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulator knows no other
        )
        s3.create_bucket(Bucket=BUCKET)
        yield endpoint


def ingested(index: Path, endpoint: str, origin: str, *, pages: int = 500, show: bool = False) -> Run:
    """Raises: JobFailed."""
    command = [sys.executable, "-m", "benchmarks.ingest.job", str(index), endpoint, origin, "--pages", str(pages)]
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=None if show else subprocess.DEVNULL, text=True
    ) as process:
        with watched(process.pid) as peak:
            output = process.communicate()[0]
        if process.returncode:
            raise JobFailed(output[-2000:])
    return Run(Told(**json.loads(output.splitlines()[-1])), peak.megabytes)
