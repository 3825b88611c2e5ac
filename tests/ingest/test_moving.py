"""A company moves to another engine or embedder: nobody notices, nothing is lost, and it may end anywhere."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aisdr.errors import Conflict, NotFound, VendorError
from aisdr.home import Home, Homes
from aisdr.index.base import Chunk, IndexQuery, Media, Place, SearchIndex, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.inference.base import Vectors
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.moving import MoveReport, Moving
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.readers.base import Publication
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusLegs
from aisdr.table import Table
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store, texts
from tests.colours import MeanColour, plain
from tests.ingest.material import write
from tests.legs import PATIENT, company
from tests.material import a_company

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


@pytest.fixture
def world_with_node(world: World, node: str) -> World:
    world.url = node
    for home in (NODE, Home("opensearch", "e5")):
        world.place_at(home).index.remove_company(ACME)
    return world


def fill(place: Place, sources: int = 6) -> None:
    for number in range(sources):
        source = f"{number}.md"
        store(place.index, place.embedder, ACME, chunk(QUESTIONS[number], source=source), chunk("and", source=source))


@contextmanager
def searching(world: World, processes: int = 3) -> Iterator[list[list[str]]]:
    """Questions are asked all the time, by threads of several processes; yields what they found."""
    found: list[list[str]] = []
    over = threading.Event()

    def ask_on(number: int) -> None:
        homes = world.process()
        knowledge = Knowledge(
            lambda scope: world.place_at(homes.of(scope)),
            OwnLeg(),
            TavusLegs(httpx.Client()),
            deadline=PATIENT,
            remember=0,
        )
        while not over.is_set():
            result = knowledge.search(company("own").operator_scope, company("own"), QUESTIONS[number])
            found.append([] if result.degraded else texts(result.hits))

    with ThreadPoolExecutor(processes) as pool:
        asking = [pool.submit(ask_on, number) for number in range(processes)]
        try:
            yield found
        finally:
            over.set()
            for each in asking:
                each.result()


MOVES = [
    pytest.param(HERE, NODE, id="embedded to opensearch"),
    pytest.param(NODE, HERE, id="opensearch to embedded"),
    pytest.param(HERE, MULTILINGUAL, id="another embedder"),
    pytest.param(NODE, Home("opensearch", "e5"), id="another embedder at opensearch"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), MOVES)
def test_no_search_comes_back_empty_while_a_company_moves(world_with_node: World, old: Home, new: Home) -> None:
    world = world_with_node
    before = world.settle(old)
    fill(before)
    sources = before.index.sources(ACME)
    copies = {source.source_id: before.index.chunks(ACME, source.source_id) for source in sources}

    with searching(world) as found:
        time.sleep(0.5)
        asked_before = len(found)
        report = world.move(new)
        asked_during = len(found)
        time.sleep(0.5)

    after = world.place_at(new)
    assert 0 < asked_before < asked_during < len(found)
    assert [] not in found
    assert {QUESTIONS[0] in each or QUESTIONS[1] in each or QUESTIONS[2] in each for each in found} == {True}
    assert (report.moved, report.sources, report.chunks, report.embedded) == (True, 6, 12, 12)
    assert world.process().of(ACME) == new
    assert after.index.sources(ACME) == sources
    assert {source_id: after.index.chunks(ACME, source_id) for source_id in copies} == copies
    world.forget_what_is_known()
    assert world.place_at(old).index.sources(ACME) == []


def test_what_is_ingested_meanwhile_moves_too(world: World) -> None:
    old = world.settle(HERE)
    fill(old)
    changed: list[str] = []

    def change(source: str, done: int, total: int) -> None:
        if not changed:
            changed.append(source)
            store(old.index, old.embedder, ACME, chunk("prices of today", source="0.md"))
            store(old.index, old.embedder, ACME, chunk("prices of tomorrow", source="new.md"))
            old.index.remove_source(ACME, "5.md")

    world.move(MULTILINGUAL, progress=change)

    assert set(world.found("prices")) == {"prices of today", "prices of tomorrow", *QUESTIONS[1:5], "and"}


def test_what_is_written_in_the_instant_of_the_move_is_carried_over_and_what_is_newer_stays(world: World) -> None:
    old, new = world.settle(HERE), world.place_at(MULTILINGUAL)
    fill(old)

    def write(seconds: float) -> None:
        """By somebody who had not noticed yet, and by somebody who had."""
        for source, text in (("0.md", "late prices"), ("1.md", "too late prices"), ("new.md", "new prices")):
            _record(old, source, text, "2")
        old.index.remove_source(ACME, "2.md")
        _record(new, "1.md", "newest prices", "3")

    world.move(MULTILINGUAL, pause=write)

    assert set(world.found("prices")) == {"late prices", "newest prices", "new prices", *QUESTIONS[3:], "and"}


def _record(place: Place, source: str, text: str, content_hash: str) -> None:
    one = chunk(text, source=source)
    vectors = place.embedder.embed_passages([one.searchable_text])
    place.index.replace_source(ACME, SourceRecord(source, content_hash, 1), [one], vectors)


class Hooked(LetterCounts):
    """Does something else the first time that it embeds."""

    def __init__(self, hook: Callable[[], object]) -> None:
        super().__init__()
        self._hooks = [hook]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self._hooks:
            self._hooks.pop()()
        return super().embed_passages(texts)


def test_an_ingestion_that_is_under_way_follows_the_company(world: World, tmp_path: Path) -> None:
    fill(world.settle(HERE), 1)
    for name in ("a", "b"):
        write(tmp_path / f"knowledge/{name}.md", f"# Terms\n\nThe terms of {name}.")
    write(tmp_path / "knowledge/0.md", "# Prices\n\nThe prices of 0.")
    world.embedders["minilm"] = Hooked(lambda: world.move(MULTILINGUAL))
    ingesting = world.process()

    report = Ingestion(
        lambda scope: world.place_at(ingesting.pin(scope)), world.media, public_url="https://sdr.example"
    ).run(a_company(), Folder(tmp_path / "knowledge"))

    new = world.place_at(MULTILINGUAL).index
    assert report.actions == {"added": 2, "changed": 1}
    assert [source.source_id for source in new.sources(ACME)] == ["0.md", "a.md", "b.md"]
    assert [each.text for each in new.chunks(ACME, "0.md")] == ["The prices of 0."]
    assert world.place_at(HERE).index.sources(ACME) == []
    assert {"a.html", "b.html", "0.html"} <= world.media.names(ACME)


class EndedError(Exception):
    """The run ended here, as if it had been killed."""


class Mortal:
    """Something that ends the run at its `last` step; steps of several are counted together."""

    def __init__(self, inner: Any, steps: list[str], last: int) -> None:
        self._inner, self._steps, self._last = inner, steps, last

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def step(*arguments: Any, **others: Any) -> Any:
            self._steps.append(name)
            if len(self._steps) == self._last:
                raise EndedError(name)
            return found(*arguments, **others)

        return step


@pytest.mark.slow
def test_a_move_may_end_at_any_step_and_the_next_run_completes_it(world: World) -> None:
    ended: list[str] = []
    for last in range(1, 200):
        old = world.settle(HERE)
        fill(old, 3)
        steps: list[str] = []

        def place_at(home: Home, steps: list[str] = steps, last: int = last) -> Place:
            place = world.place_at(home)
            return Place(Mortal(place.index, steps, last), place.embedder, None, home.engine)

        dying = Moving(Mortal(world.homes, steps, last), place_at, world.media, pause=lambda _: None)  # type: ignore[arg-type]
        try:
            dying.run(ACME, MULTILINGUAL)
        except EndedError as end:
            ended.append(str(end))
        else:
            break

        assert set(QUESTIONS[:3]) <= set(world.found("prices", world.process()))
        assert world.move(MULTILINGUAL, pause=lambda _: None).sources == 3
        assert set(world.found("prices")) == {*QUESTIONS[:3], "and"}
        residence = world.homes.residence(ACME)
        assert residence is not None
        assert (residence.home, residence.left, residence.next_home) == (MULTILINGUAL, (), None)
        assert old.index.sources(ACME) == []
        world.place_at(MULTILINGUAL).index.remove_company(ACME)

    assert {"begin", "replace_source", "check", "arrive", "remove_company", "removed"} <= set(ended)


def test_the_next_run_goes_on_with_what_is_there(world: World) -> None:
    fill(world.settle(HERE))

    def end(source: str, done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.move(MULTILINGUAL, progress=end)
    report = world.move(MULTILINGUAL)

    assert (report.sources, report.embedded) == (6, 4)
    assert set(QUESTIONS) <= set(world.found("prices"))


def test_a_half_copy_elsewhere_is_removed_when_the_company_moves_to_another_home(world: World) -> None:
    fill(world.settle(HERE))

    def end(source: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.move(SEEING, progress=end)
    assert len(world.place_at(SEEING).index.sources(ACME)) == 2
    world.move(MULTILINGUAL)

    assert world.place_at(SEEING).index.sources(ACME) == []
    assert set(QUESTIONS) <= set(world.found("prices"))


def test_chunks_that_half_a_run_left_in_the_new_home_are_not_moved_into(world: World) -> None:
    """They belong to no source, so no copying would ever meet them."""
    fill(world.settle(HERE))
    new = world.place_at(MULTILINGUAL)
    store(new.index, new.embedder, ACME, chunk("prices of nobody", source="stray.md"))
    every = new.index.sources
    new.index.sources = lambda scope: [  # type: ignore[method-assign]
        each for each in every(scope) if each.source_id != "stray.md"
    ]

    with pytest.raises(VendorError, match="13 chunks instead of 12"):
        world.move(MULTILINGUAL)
    stayed = world.found("prices")
    world.move(MULTILINGUAL)

    assert set(QUESTIONS) <= set(stayed)
    assert "prices of nobody" not in world.found("prices")
    assert set(QUESTIONS) <= set(world.found("prices"))


def test_a_run_that_is_taken_over_gives_up_and_harms_nothing(world: World) -> None:
    fill(world.settle(HERE))
    taken: list[MoveReport] = []

    def take_over(source: str, done: int, total: int) -> None:
        if done == 2 and not taken:
            taken.append(world.move(MULTILINGUAL, world.process()))

    with pytest.raises(Conflict, match="taken over"):
        world.move(MULTILINGUAL, progress=take_over)

    assert taken[0].moved
    assert set(QUESTIONS) <= set(world.found("prices", world.process()))
    assert len(world.place_at(MULTILINGUAL).index.sources(ACME)) == 6


def test_other_companies_stay_where_they_are(world: World) -> None:
    here = world.settle(HERE)
    fill(here)
    store(here.index, here.embedder, GLOBEX, chunk("prices of globex"))

    world.move(MULTILINGUAL)

    assert world.homes.of(GLOBEX) == HERE
    assert texts(here.index.search(GLOBEX, ask("prices", here.embedder))) == ["prices of globex"]
    assert world.place_at(MULTILINGUAL).index.sources(GLOBEX) == []


def test_who_lives_there_already_is_told_so_and_old_copies_are_swept(world: World) -> None:
    fill(world.settle(HERE))

    def end(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.move(MULTILINGUAL, pause=end)
    left = len(world.place_at(HERE).index.sources(ACME))
    report = world.move(MULTILINGUAL)

    assert (left, report.moved, report.embedded) == (6, False, 0)
    assert world.place_at(HERE).index.sources(ACME) == []
    assert set(QUESTIONS) <= set(world.found("prices"))


def test_a_dry_run_asks_both_sides_and_writes_nothing(world: World) -> None:
    world.homes.pin(ACME)
    fill(world.place_at(HERE))
    before = world.homes.residence(ACME)

    report = world.move(MULTILINGUAL, dry_run=True)

    assert (report.sources, report.chunks, report.moved, report.dry_run) == (6, 12, False, True)
    assert world.homes.residence(ACME) == before
    assert world.place_at(MULTILINGUAL).index.sources(ACME) == []


def test_a_company_without_chunks_and_an_engine_that_is_away_are_named(world: World) -> None:
    with pytest.raises(NotFound, match=r"no chunks at embedded \+ minilm: run `aisdr ingest`"):
        world.move(NODE)
    fill(world.settle(HERE))

    for dry_run in (True, False):
        with pytest.raises(VendorError, match="OpenSearch cannot be reached"):
            world.move(NODE, dry_run=dry_run)

    residence = world.homes.residence(ACME)
    assert residence is not None
    assert residence.next_home is None
    assert set(QUESTIONS) <= set(world.found("prices"))


def test_an_old_copy_that_cannot_be_removed_does_not_undo_the_move(world: World) -> None:
    fill(world.settle(HERE))
    old = world.place_at(HERE).index

    def away(scope: object) -> None:
        raise VendorError("the node is away", vendor="opensearch")

    old.remove_company = away  # type: ignore[method-assign]
    report = world.move(MULTILINGUAL)

    assert report.moved
    assert "not removed yet (the node is away)" in report.remarks[0]
    assert set(QUESTIONS) <= set(world.found("prices"))
    residence = world.homes.residence(ACME)
    assert residence is not None
    assert residence.left == (HERE,)


@pytest.mark.parametrize(
    "seeing", [SEEING, pytest.param(Home("opensearch", "minilm", "bedrock:colours"), marks=pytest.mark.slow)]
)
def test_pictures_get_vectors_when_a_company_moves_to_where_they_are_looked_at(
    world: World, request: pytest.FixtureRequest, seeing: Home
) -> None:
    if seeing.engine == "opensearch":
        world.url = request.getfixturevalue("node")
        world.place_at(seeing).index.remove_company(ACME)
    old = world.settle(HERE)
    for colour in ("red", "blue"):
        world.media.publish(ACME, Publication(f"{colour} one.png", "image/png", plain(colour)))
        shown = _shown(f"zzz {colour[0]}", f"/media/acme/{colour}%20one.png")
        store(old.index, old.embedder, ACME, shown, shown.model_copy(update={"chunk_id": f"again {colour}"}))
    store(
        old.index, old.embedder, ACME, _shown("gone", "/media/acme/gone.png"), _shown("far", "https://a.example/b.png")
    )

    report = world.move(seeing)

    place = world.place_at(seeing)
    vector = place.embedder.embed_question("unlike all of them")
    asked = IndexQuery("q", vector, 1, picture_vector=world.colours.embed_question("red"))
    (best,) = place.index.search(ACME, asked)
    assert best.chunk.text == "zzz r"
    assert best.meaning > 0.95
    assert report.pictures == 4
    assert world.colours.seen == 2
    assert report.remarks == ("gone.png is not in the media bucket, so it is found by its caption only",)


def _shown(text: str, url: str) -> Chunk:
    return picture(text, source=f"{text}.png").model_copy(update={"media": Media(kind="image", url=url)})
