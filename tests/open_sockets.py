"""One conversation's open sockets, and the gateway that they hang on."""

import boto3
import pytest

from aisdr.connections import Connections
from aisdr.session import Entry, Session
from aisdr.table import Table
from tests.material import ORIGIN, Clock
from tests.postbox import Postbox


@pytest.fixture
def connections(conversations_table: Table, postbox: Postbox, clock: Clock) -> Connections:
    return Connections(conversations_table, boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url), clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now, ends_at=float("inf"))


@pytest.fixture
def entry(session: Session) -> Entry:
    return Entry(session, "video", "call-1")
