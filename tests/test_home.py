"""Where a company lives: pinned by its first ingestion, moved in one write, noticed by every process in seconds."""

from collections.abc import Callable
from typing import Any

import pytest

from aisdr.errors import Conflict, InvalidInput, NotFound
from aisdr.home import FIRST, REMEMBERED_SECONDS, Home, Homes
from aisdr.services import Services
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope
from tests.chunks import ACME, GLOBEX
from tests.material import Clock

NODE, MULTILINGUAL = Home("opensearch", "minilm"), Home("embedded", "e5")


@pytest.fixture
def process(companies_table: Table, clock: Clock) -> Callable[..., Homes]:
    """The store as one more process has it, with a memory and settings of its own."""

    def begun(new: Home = FIRST, *old: TenantScope) -> Homes:
        return Homes(companies_table, new, lambda scope: scope in old, clock=clock)

    return begun


def test_a_company_without_a_record_lives_where_the_settings_say(process: Callable[..., Homes]) -> None:
    homes = process(NODE)

    assert homes.of(ACME) == NODE
    assert homes.residence(ACME) is None


def test_who_was_ingested_is_not_moved_by_another_setting(process: Callable[..., Homes]) -> None:
    process(FIRST).pin(ACME)

    later = process(NODE)

    assert (later.of(ACME), later.pin(ACME)) == (FIRST, FIRST)
    assert later.of(GLOBEX) == NODE


def test_chunks_from_before_there_were_records_are_not_lost_by_a_setting(process: Callable[..., Homes]) -> None:
    homes = process(NODE, ACME)

    assert homes.of(ACME) == FIRST
    assert homes.pin(ACME) == FIRST
    assert homes.of(GLOBEX) == NODE


def test_two_who_ingest_first_agree(process: Callable[..., Homes]) -> None:
    here, there = process(FIRST), process(NODE)

    assert here.pin(ACME) == there.pin(ACME) == FIRST


def test_a_move_is_one_write_and_noticed_within_seconds(process: Callable[..., Homes], clock: Clock) -> None:
    mover, searching = process(), process()
    mover.pin(ACME)
    searching.of(ACME)

    begun = mover.begin(ACME, NODE)
    during = (mover.of(ACME), process().of(ACME))
    arrived = mover.arrive(ACME, begun.mover)
    at_once = (mover.of(ACME), searching.of(ACME))
    clock.now += REMEMBERED_SECONDS

    assert during == (FIRST, FIRST)
    assert (arrived.home, arrived.generation, arrived.next_home, arrived.left) == (NODE, 1, None, (FIRST,))
    assert at_once == (NODE, FIRST)
    assert searching.of(ACME) == NODE


def test_within_those_seconds_the_table_is_not_asked(companies_table: Table, clock: Clock) -> None:
    asked = []

    class Counted(Table):
        def get(self, pk: str, sk: str) -> dict[str, object] | None:
            asked.append(pk)
            return super().get(pk, sk)

    homes = Homes(Counted(companies_table._client, companies_table.name, clock), FIRST, clock=clock)

    for _ in range(50):
        homes.of(ACME)
        clock.now += REMEMBERED_SECONDS / 10

    assert len(asked) == 5


def test_a_run_that_takes_over_stops_the_one_before_it(process: Callable[..., Homes]) -> None:
    homes = process()
    homes.pin(ACME)
    first, second = homes.begin(ACME, NODE), process().begin(ACME, NODE)

    with pytest.raises(Conflict, match="taken over"):
        homes.check(ACME, first.mover)
    with pytest.raises(Conflict, match="taken over"):
        homes.arrive(ACME, first.mover)

    homes.check(ACME, second.mover)
    homes.arrive(ACME, second.mover)
    with pytest.raises(Conflict):
        homes.arrive(ACME, second.mover)


class Raced(Table):
    """A table in which somebody else does something in the middle of one of our calls, once."""

    def __init__(self, like: Table, clock: Clock, call: str, meanwhile: Callable[[], object]) -> None:
        super().__init__(like._client, like.name, clock)
        self._call = call
        self._meanwhile = meanwhile

    def get(self, pk: str, sk: str) -> Item | None:
        found = super().get(pk, sk)
        self._once("get")
        return found

    def update(self, pk: str, sk: str, expression: str, **others: Any) -> Item | None:
        self._once("update")
        return super().update(pk, sk, expression, **others)

    def _once(self, call: str) -> None:
        if call == self._call:
            self._call = ""
            self._meanwhile()


def test_what_somebody_else_writes_in_between_is_not_overwritten(
    companies_table: Table, process: Callable[..., Homes], clock: Clock
) -> None:
    other = process()
    other.settle(ACME, NODE)
    table = Raced(companies_table, clock, "update", lambda: other.begin(ACME, MULTILINGUAL))

    Homes(table, FIRST, clock=clock).removed(ACME, FIRST)

    residence = other.residence(ACME)
    assert residence is not None
    assert (residence.home, residence.next_home) == (NODE, MULTILINGUAL)
    other.check(ACME, residence.mover)


def test_of_two_looks_that_overlap_the_later_one_is_remembered(
    companies_table: Table, process: Callable[..., Homes], clock: Clock
) -> None:
    process().settle(ACME, FIRST)

    def moves_and_looks() -> None:
        clock.now += 0.1
        process().settle(ACME, NODE)
        assert homes.of(ACME) == NODE

    homes = Homes(Raced(companies_table, clock, "get", moves_and_looks), FIRST, clock=clock)

    assert homes.of(ACME) == NODE  # though this look saw FIRST
    assert homes.of(ACME) == NODE


def test_half_a_move_to_elsewhere_is_remembered_until_it_is_removed(process: Callable[..., Homes]) -> None:
    homes = process()
    homes.pin(ACME)
    homes.begin(ACME, NODE)

    elsewhere = homes.begin(ACME, MULTILINGUAL)
    back = homes.begin(ACME, NODE)
    homes.arrive(ACME, back.mover)
    homes.removed(ACME, MULTILINGUAL)

    assert elsewhere.left == (NODE,)
    assert back.left == (MULTILINGUAL,)
    residence = homes.residence(ACME)
    assert residence is not None
    assert residence.left == (FIRST,)


def test_settling_elsewhere_gives_up_what_was_there_but_a_move_under_way_does_not_go_on(
    process: Callable[..., Homes],
) -> None:
    homes = process()
    settled = homes.settle(ACME, NODE)
    begun = homes.begin(ACME, FIRST)

    homes.settle(ACME, MULTILINGUAL)

    assert settled.generation == 0
    assert homes.of(ACME) == process().of(ACME) == MULTILINGUAL
    with pytest.raises(Conflict):
        homes.arrive(ACME, begun.mover)


def test_who_was_never_ingested_cannot_move(process: Callable[..., Homes]) -> None:
    with pytest.raises(NotFound, match="run `aisdr ingest`"):
        process().begin(ACME, NODE)


def test_copies_of_one_company_have_different_labels_that_any_engine_can_use() -> None:
    homes = [
        FIRST,
        MULTILINGUAL,
        Home("embedded", "minilm", "bedrock:amazon.titan-embed-image-v1"),
        Home("embedded", "bedrock:amazon.titan-embed-text-v2:0"),
        Home("embedded", "bedrock:amazon.titan-embed-text-v2:1"),
        Home("embedded", "openai:BAAI/bge-m3 é"),
    ]

    labels = [home.label for home in homes]

    assert labels[0] == ""
    assert len(set(labels)) == len(labels)
    assert all(set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and len(label) <= 33 for label in labels)


def test_services_share_one_index_among_the_companies_of_a_home(services: Services) -> None:
    services.homes.settle(ACME, Home("opensearch", "minilm"))
    services.__dict__["_opensearch"] = object()  # nobody is asked

    acme, globex, other = (services.place(scope) for scope in (ACME, GLOBEX, TenantScope.for_operator("other")))

    assert (acme.engine, globex.engine) == ("opensearch", "embedded")
    assert globex.index is other.index
    assert acme.index is not globex.index
    assert acme.embedder is globex.embedder


@pytest.mark.parametrize(
    "home", [Home("lucene", "minilm"), Home("embedded", "word2vec"), Home("embedded", "minilm", "x")]
)
def test_an_unknown_name_is_refused_with_those_that_there_are(services: Services, home: Home) -> None:
    with pytest.raises(InvalidInput, match=r"There is no .*'(lucene|word2vec|x)': "):
        services.place_at(home)
