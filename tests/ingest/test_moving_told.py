"""What a move tells whoever started it, and what it leaves of the company's old home."""

import pytest

from aisdr.errors import NotFound, VendorError
from tests.chunks import ACME
from tests.ingest.world import HERE, MULTILINGUAL, NODE, QUESTIONS, World, fill, world

__all__ = ["world"]


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
