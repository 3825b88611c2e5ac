"""A move may end at any step: the next one completes it, and nothing is lost or stands in its way."""

from typing import Any

import pytest

from aisdr.errors import Conflict, VendorError
from aisdr.home import Home
from aisdr.index.base import Place
from aisdr.ingest.moving import MoveReport, Moving
from tests.chunks import ACME, chunk, store
from tests.ingest.world import HERE, MULTILINGUAL, QUESTIONS, SEEING, World, fill, world

__all__ = ["world"]
pytestmark = pytest.mark.slow


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
