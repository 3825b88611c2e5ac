"""An ingestion is killed (SIGKILL) at random points and begun again: the end is that of one that nobody disturbed."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from aisdr.index.base import SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.minilm import MiniLM
from aisdr.table.schema import create_tables
from dev.aws import running
from tests.chunks import ACME
from tests.dev.ports import free_port
from tests.ingest.material import GUIDE, draw, print_pdf, write
from tests.ingest.mortal import TABLE

pytestmark = pytest.mark.slow

KILLS = 50


class World:
    """A bucket, a table and folders that outlive every ingestion."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.environment = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        options: dict[str, Any] = {
            "endpoint_url": endpoint,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            "region_name": "us-east-1",
        }
        self.s3 = boto3.client("s3", **options)
        create_tables(boto3.client("dynamodb", **options), "aisdr-companies", TABLE)
        self.folder = folder
        self.knowledge = folder / "knowledge"
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.ingest.mortal"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | self.environment,
        )
        self._say()

    def life(self, name: str, kill_after: float | None = None) -> int:
        """One ingestion into the index and the bucket `name`. Returns how it ended."""
        assert self._mother.stdin
        places = {"folder": str(self.knowledge), "index": str(self.folder / name), "bucket": name}
        self._mother.stdin.write(json.dumps(places) + "\n")
        pid = int(self._say())
        timer = threading.Timer(kill_after or 0, _kill, [pid]) if kill_after is not None else None
        if timer:
            timer.start()
        code = int(self._say())
        if timer:
            timer.cancel()
        return code

    def found(self, name: str, space: Any) -> tuple[list[SourceRecord], list[str], list[str]]:
        """Sources, chunks and published files, each as they are stored."""
        index = EmbeddedIndex(self.folder / name, space)
        sources = index.sources(ACME)
        chunks = [chunk.model_dump_json() for source in sources for chunk in index.chunks(ACME, source.source_id)]
        objects = self.s3.list_objects_v2(Bucket=name).get("Contents", [])
        return sources, chunks, sorted(f"{each['Key']} {each['ETag']}" for each in objects)

    def end(self) -> None:
        self._mother.kill()
        self._mother.wait()

    def _say(self) -> str:
        assert self._mother.stdout
        return self._mother.stdout.readline().strip()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it was done before
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("killed")
    knowledge = folder / "knowledge"
    write(knowledge / "guide.md", GUIDE)
    draw(knowledge / "pictures/board.png")
    for number in range(6):
        write(knowledge / f"terms-{number}.md", f"# Terms {number}\n\n## Notice\n\nNotice is {number + 3} months.")
    print_pdf(knowledge / "deck.pdf", "Why Acme", "What it costs", "Who uses it", wide=True)
    print_pdf(knowledge / "handbook.pdf", *(f"Page {number} says how to pick {number} orders." for number in range(9)))
    write(
        knowledge / "prices.csv",
        "plan,price\n" + "".join(f"Plan {number},{number * 7} euros\n" for number in range(40)),
    )
    with running(free_port(), folder / "aws") as endpoint:
        world = World(folder, endpoint)
        yield world
        world.end()


@pytest.mark.cell("F-LM-06/ingest/every-step")
def test_whoever_is_killed_anywhere_goes_on_where_it_was(world: World) -> None:
    space = MiniLM().space
    world.s3.create_bucket(Bucket="undisturbed")
    began = time.monotonic()
    assert world.life("undisturbed") == 0
    whole = time.monotonic() - began
    wanted = world.found("undisturbed", space)
    assert len(wanted[1]) > 20
    chance, killed, unlike = random.Random(8), 0, []  # noqa: S311

    for number in range(4 * KILLS):
        name = f"disturbed-{number}"
        world.s3.create_bucket(Bucket=name)
        while (ended := world.life(name, kill_after=chance.uniform(0.02, whole))) == -signal.SIGKILL:
            killed += 1
            if killed >= KILLS:
                ended = world.life(name)
                break
        assert ended == 0
        if world.found(name, space) != wanted:
            unlike.append(name)
        if killed >= KILLS:
            break

    assert unlike == []
    assert killed >= KILLS
