"""Open sockets: known while they are open, posted to through AWS's own client, forgotten when they are gone."""

from typing import TYPE_CHECKING

import boto3
import pytest

from aisdr.connections import CONNECTION_SECONDS, Connections, RelayConnection
from aisdr.session import Session
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock, items
from tests.postbox import Postbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def connections(conversations_table: Table, postbox: Postbox, clock: Clock) -> Connections:
    return Connections(conversations_table, boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url), clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now)


def test_a_connection_is_known_by_its_id(connections: Connections, session: Session) -> None:
    connections.add("c1", session)

    assert connections.get("c1") == RelayConnection("c1", "acme", "s1")
    assert connections.get("c2") is None


def test_two_tabs_of_one_conversation_are_two_connections(connections: Connections, session: Session) -> None:
    for connection_id in ("c1", "c2"):
        connections.add(connection_id, session)

    assert [connections.get(each) for each in ("c1", "c2")] == [
        RelayConnection("c1", "acme", "s1"),
        RelayConnection("c2", "acme", "s1"),
    ]


def test_a_removed_connection_leaves_nothing(connections: Connections, session: Session, aws: "DynamoDBClient") -> None:
    connections.add("c1", session)

    connections.remove("c1")
    connections.remove("c1")

    assert items(aws, CONVERSATIONS) == []


def test_a_connection_whose_end_was_never_told_dies_with_its_socket(
    connections: Connections, session: Session, clock: Clock
) -> None:
    connections.add("c1", session)

    clock.advance(CONNECTION_SECONDS)

    assert connections.get("c1") is None


def test_a_frame_arrives_as_it_was_posted(connections: Connections, session: Session, postbox: Postbox) -> None:
    connections.add("c1", session)

    assert connections.post("c1", {"type": "delta", "text": "Grüße 👋 </script>\n"})

    assert postbox.frames("c1") == [{"type": "delta", "text": "Grüße 👋 </script>\n"}]


def test_a_socket_that_is_gone_is_removed_and_nobody_is_told_an_error(
    connections: Connections, session: Session, postbox: Postbox, aws: "DynamoDBClient"
) -> None:
    connections.add("c1", session)
    postbox.gone.add("c1")

    assert connections.post("c1", {"type": "pong"}) is False
    assert items(aws, CONVERSATIONS) == []
