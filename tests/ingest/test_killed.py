"""An ingestion is killed (SIGKILL) at random points and begun again: the end is that of one that nobody disturbed."""

import contextlib
import os
import random
import signal
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
from tests.births import Mother, mother
from tests.chunks import ACME
from tests.dev.ports import free_port
from tests.fate import KILLED
from tests.ingest.material import GUIDE, draw, print_pdf, write
from tests.ingest.mortal import TABLE

pytestmark = pytest.mark.slow

KILLS = 50
ACCOUNT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


class World:
    """A bucket, a table and folders that outlive every ingestion."""

    def __init__(self, folder: Path, endpoint: str, mortals: Mother) -> None:
        options: dict[str, Any] = {
            "endpoint_url": endpoint,
            "aws_access_key_id": ACCOUNT["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": ACCOUNT["AWS_SECRET_ACCESS_KEY"],
            "region_name": ACCOUNT["AWS_DEFAULT_REGION"],
        }
        self.s3 = boto3.client("s3", **options)
        create_tables(boto3.client("dynamodb", **options), "aisdr-companies", TABLE)
        self.folder = folder
        self.knowledge = folder / "knowledge"
        self._mortals = mortals

    def life(self, name: str, kill_after: float | None = None) -> int:
        """One ingestion into the index and the bucket `name`. Returns how it ended."""
        places = {"folder": str(self.knowledge), "index": str(self.folder / name), "bucket": name}
        if kill_after is None:
            return self._mortals.live(places)
        timers: list[threading.Timer] = []

        def born(pid: int) -> None:
            timers.append(threading.Timer(kill_after, _kill, [pid]))
            timers[0].start()

        ended = self._mortals.live(places, born)
        timers[0].cancel()
        return ended

    def found(self, name: str, space: Any) -> tuple[list[SourceRecord], list[str], list[str]]:
        """Sources, chunks and published files, each as they are stored."""
        index = EmbeddedIndex(self.folder / name, space)
        sources = index.sources(ACME)
        chunks = [chunk.model_dump_json() for source in sources for chunk in index.chunks(ACME, source.source_id)]
        objects = self.s3.list_objects_v2(Bucket=name).get("Contents", [])
        return sources, chunks, sorted(f"{each['Key']} {each['ETag']}" for each in objects)


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
    with (
        running(free_port(), folder / "aws") as endpoint,
        mother("tests.ingest.mortal", os.environ | ACCOUNT | {"AWS_ENDPOINT_URL": endpoint}) as mortals,
    ):
        yield World(folder, endpoint, mortals)


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
        while (ended := world.life(name, kill_after=chance.uniform(0.02, whole))) == KILLED:
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
