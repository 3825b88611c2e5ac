"""Two engines, two embedders, and a company that moves between them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.home import Home, Homes
from aisdr.index.base import Place, SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.moving import MoveReport, Moving
from aisdr.table import Table
from tests.chunks import ACME, LetterCounts, ask, chunk, store, texts
from tests.colours import MeanColour

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

HERE, NODE = Home("embedded", "minilm"), Home("opensearch", "minilm")
MULTILINGUAL, SEEING = Home("embedded", "e5"), Home("embedded", "minilm", "bedrock:colours")
FASTER = 20.0
"""Seconds of memory and grace pass so many times faster than ours."""
QUESTIONS = [f"prices {number}" for number in range(6)]


class World:
    """Two engines, two embedders, and processes that know of each other by the table alone."""

    def __init__(self, table: Table, folder: Path, media: MediaLibrary) -> None:
        self.embedders = {"minilm": LetterCounts(), "e5": LetterCounts("other letters", dimension=20)}
        self.colours = MeanColour()
        self.url = "http://127.0.0.1:9"
        self.table, self.media = table, media
        self._folder = folder
        self._indices: dict[Home, SearchIndex] = {}
        self.homes = self.process()

    def process(self) -> Homes:
        return Homes(self.table, HERE, clock=lambda: FASTER * time.monotonic())

    def place_at(self, home: Home) -> Place:
        embedder, pictures = self.embedders[home.embedder], self.colours if home.pictures else None
        if home not in self._indices:
            spaces = (embedder.space, pictures.space if pictures else None)
            self._indices[home] = (
                EmbeddedIndex(self._folder, *spaces, label=home.label)
                if home.engine == "embedded"
                else OpenSearchIndex(client(self.url, "", None), *spaces, label=home.label)
            )
        return Place(self._indices[home], embedder, pictures, home.engine)

    def forget_what_is_known(self) -> None:
        """As if every process were begun anew."""
        self._indices.clear()

    def settle(self, home: Home) -> Place:
        self.homes.settle(ACME, home)
        return self.place_at(home)

    def move(
        self, target: Home, homes: Homes | None = None, pause: Callable[[float], None] | None = None, **options: Any
    ) -> MoveReport:
        wait = pause or (lambda seconds: time.sleep(seconds / FASTER))
        return Moving(homes or self.homes, self.place_at, self.media, pause=wait).run(ACME, target, **options)

    def found(self, question: str, homes: Homes | None = None) -> list[str]:
        """Where the company lives, as a process sees it."""
        place = self.place_at((homes or self.homes).of(ACME))
        return texts(place.index.search(ACME, ask(question, place.embedder)))


@pytest.fixture
def world(companies_table: Table, tmp_path: Path, clients: tuple["DynamoDBClient", "S3Client"]) -> World:
    return World(companies_table, tmp_path / "index", MediaLibrary(clients[1], "media"))


def fill(place: Place, sources: int = 6) -> None:
    for number in range(sources):
        source = f"{number}.md"
        store(place.index, place.embedder, ACME, chunk(QUESTIONS[number], source=source), chunk("and", source=source))
