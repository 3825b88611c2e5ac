"""Open sockets: known while they are open, counted, and forgotten when they are gone."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import pytest

from aisdr.connections import CONNECTION_SECONDS, SOCKETS_OF_ONE, Connections, OpenSocket, RelayConnection
from aisdr.crowd import SOCKET_SECONDS, Crowd
from aisdr.errors import LimitReached
from aisdr.session import Entry, Session
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock
from tests.open_sockets import connections, entry, session
from tests.postbox import Postbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["connections", "entry", "session"]


def test_a_connection_knows_its_conversation_and_its_call(connections: Connections, entry: Entry) -> None:
    connections.add("c1", entry)

    arrival = connections.arrive("c1")

    assert arrival is not None
    assert arrival.connection == RelayConnection("c1", "acme", "s1", "video", "call-1")
    assert connections.arrive("c2") is None


def test_two_tabs_of_one_conversation_are_two_connections(
    connections: Connections, entry: Entry, session: Session, clock: Clock
) -> None:
    connections.add("c1", entry)
    clock.advance(1)
    connections.add("c2", Entry(session, "text"))

    assert connections.of_session(session) == ["c2", "c1"]
    assert connections.of_session(Session("s2", "acme", ORIGIN, clock.now)) == []


def test_a_removed_connection_is_unknown_and_nobodys_socket(
    connections: Connections, entry: Entry, session: Session
) -> None:
    connections.add("c1", entry)

    connections.remove("c1")
    connections.remove("c1")

    assert connections.arrive("c1") is None
    assert connections.of_session(session) == []


def test_a_connection_whose_end_was_never_told_dies_with_its_socket(
    connections: Connections, entry: Entry, session: Session, clock: Clock
) -> None:
    connections.add("c1", entry)

    clock.advance(CONNECTION_SECONDS)

    assert connections.arrive("c1") is None
    assert connections.of_session(session) == []


def test_the_sockets_of_a_conversation_are_known_with_their_calls(
    connections: Connections, entry: Entry, session: Session, clock: Clock
) -> None:
    connections.add("c1", entry)
    clock.advance(1)
    connections.add("c2", Entry(session, "text"))

    assert connections.sockets(session) == [OpenSocket("c2"), OpenSocket("c1", "call-1")]


def test_a_company_has_so_many_sockets_at_once_and_a_place_for_each_that_leaves(
    conversations_table: Table, postbox: Postbox, clock: Clock, entry: Entry
) -> None:
    gateway = boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url)
    crowd = Crowd(conversations_table, 2, clock)
    connections = Connections(conversations_table, gateway, clock, crowd=crowd)
    other = Entry(Session("s9", "globex", ORIGIN, clock.now, ends_at=float("inf")), "text")
    for name in ("c1", "c2"):
        connections.add(name, entry)

    with pytest.raises(LimitReached) as refused:
        connections.add("c3", entry)
    connections.add("c4", other)
    for _ in range(2):
        connections.remove("c1")
    connections.add("c5", entry)

    assert refused.value.code == "sockets_busy"
    assert (crowd.size("acme"), crowd.size("globex")) == (2, 1)


def test_a_network_has_so_many_of_a_companys_sockets_and_a_place_for_each_that_leaves(
    conversations_table: Table, postbox: Postbox, clock: Clock, entry: Entry
) -> None:
    gateway = boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url)
    crowd = Crowd(conversations_table, 4, clock, most_of_a_network=2)
    connections = Connections(conversations_table, gateway, clock, crowd=crowd)
    for name in ("c1", "c2"):
        connections.add(name, entry, "office")

    with pytest.raises(LimitReached) as refused:
        connections.add("c3", entry, "office")
    connections.add("c4", entry, "home")
    connections.add("c5", entry)
    with pytest.raises(LimitReached) as full:
        connections.add("c6", entry, "home")
    for _ in range(2):
        connections.remove("c1")
    connections.add("c7", entry, "office")

    assert (refused.value.code, refused.value.status) == ("network_sockets_busy", 429)
    assert full.value.code == "sockets_busy"
    assert [crowd.size("acme", network) for network in (None, "office", "home")] == [4, 2, 1]


def test_sockets_whose_end_nobody_told_are_not_counted_for_ever(conversations_table: Table, clock: Clock) -> None:
    crowd = Crowd(conversations_table, 2, clock)
    for _ in range(2):
        crowd.enter("acme", clock.now)

    clock.advance(SOCKET_SECONDS)
    assert crowd.size("acme") == 2, "API Gateway may still have them"
    clock.advance(600)

    assert crowd.size("acme") == 0
    crowd.enter("acme", clock.now)
    row = conversations_table.get("acme#sockets", "sockets") or {}
    assert sum(each.startswith("opened_") for each in row) == 1, "and what is over leaves the row"


def test_of_many_who_come_at_once_no_more_get_in_than_fit(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    crowd = Crowd(Table(one_at_a_time, CONVERSATIONS, clock), 5, clock)

    def enter(_: int) -> bool:
        try:
            crowd.enter("acme", clock.now)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        entered = sum(threads.map(enter, range(40)))

    assert 0 < entered <= 5
    assert crowd.size("acme") == entered


def test_who_opens_ever_more_tabs_loses_the_oldest(
    connections: Connections, entry: Entry, session: Session, clock: Clock, postbox: Postbox
) -> None:
    for number in range(SOCKETS_OF_ONE + 2):
        connections.add(f"c{number}", entry)
        clock.advance(1)

    assert postbox.gone == {"c0", "c1"}
    assert len(connections.of_session(session)) == SOCKETS_OF_ONE
