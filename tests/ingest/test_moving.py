"""A company moves to another engine or embedder: nobody notices, and nothing is lost."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from aisdr.home import Home
from aisdr.index.base import Chunk, IndexQuery, Media, Place, SourceRecord
from aisdr.inference.base import Vectors
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.readers.base import Publication
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusLegs
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store, texts
from tests.colours import plain
from tests.ingest.material import write
from tests.ingest.world import HERE, MULTILINGUAL, NODE, QUESTIONS, SEEING, World, fill, world
from tests.legs import PATIENT, company
from tests.material import a_company

__all__ = ["world"]


@pytest.fixture
def world_with_node(world: World, node: str) -> World:
    world.url = node
    for home in (NODE, Home("opensearch", "e5")):
        world.place_at(home).index.remove_company(ACME)
    return world


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


@pytest.mark.slow
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


def test_other_companies_stay_where_they_are(world: World) -> None:
    here = world.settle(HERE)
    fill(here)
    store(here.index, here.embedder, GLOBEX, chunk("prices of globex"))

    world.move(MULTILINGUAL)

    assert world.homes.of(GLOBEX) == HERE
    assert texts(here.index.search(GLOBEX, ask("prices", here.embedder))) == ["prices of globex"]
    assert world.place_at(MULTILINGUAL).index.sources(GLOBEX) == []


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
