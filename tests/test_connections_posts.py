"""What is posted to sockets: to those that are there, too slow, gone, or not answering."""

from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from aisdr.answer import MeetingCard
from aisdr.connections import OPENING_SECONDS, Connections
from aisdr.frames import ShowFrame
from aisdr.observability import begin
from aisdr.services import Services
from aisdr.session import Entry, Session
from aisdr.table import Table
from dev.store_faults import StoreFaults
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock, items
from tests.observed import observed
from tests.open_sockets import connections, entry, session
from tests.postbox import Postbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["connections", "entry", "session"]


def test_a_frame_arrives_as_it_was_posted(connections: Connections, entry: Entry, postbox: Postbox) -> None:
    connections.add("c1", entry)

    assert connections.post("c1", {"type": "delta", "text": "Grüße 👋 </script>\n"})

    assert postbox.frames("c1") == [{"type": "delta", "text": "Grüße 👋 </script>\n"}]


@pytest.mark.cell("F-WS-01")
def test_a_socket_that_is_gone_is_removed_and_nobody_is_told_an_error(
    connections: Connections, entry: Entry, session: Session, postbox: Postbox, aws: "DynamoDBClient", clock: Clock
) -> None:
    connections.add("c1", entry)
    clock.advance(OPENING_SECONDS)
    postbox.gone.add("c1")

    assert connections.post("c1", {"type": "pong"}) is False

    assert connections.of_session(session) == []
    assert not any(item["pk"]["S"].startswith("connection#") for item in items(aws, CONVERSATIONS))


def test_a_socket_that_is_only_just_being_opened_is_not_taken_for_gone(
    connections: Connections, entry: Entry, session: Session, postbox: Postbox
) -> None:
    connections.add("c1", entry)
    postbox.gone.add("c1")  # API Gateway says so until `$connect` has been answered

    assert connections.post("c1", {"type": "show", "seq": 7}) is False

    assert connections.arrive("c1") is not None
    assert connections.of_session(session) == ["c1"]


@pytest.mark.cell("F-WS-02")
def test_a_reader_who_is_too_slow_keeps_the_socket_unless_it_misses_what_is_kept(
    conversations_table: Table, entry: Entry, postbox: Postbox, clock: Clock
) -> None:
    gateway = boto3.client(
        "apigatewaymanagementapi", endpoint_url=postbox.url, config=Config(retries={"max_attempts": 0})
    )
    connections = Connections(conversations_table, gateway, clock)
    connections.add("c1", entry)
    postbox.full.add("c1")

    assert connections.post("c1", {"type": "pong"}) is True
    assert "c1" not in postbox.gone
    assert connections.post("c1", {"type": "send", "seq": 7}) is False
    assert "c1" in postbox.gone, "closed, so that the browser opens another one and asks for it"

    assert connections.arrive("c1") is not None, "until `$disconnect` comes"


def test_a_closed_socket_is_gone_at_the_gateway_too(
    connections: Connections, entry: Entry, session: Session, postbox: Postbox
) -> None:
    connections.add("c1", entry)

    connections.close("c1")
    connections.close("c1")

    assert "c1" in postbox.gone
    assert connections.of_session(session) == []


def test_a_socket_that_cannot_be_forgotten_just_now_undoes_nothing(
    services: Services, entry: Entry, session: Session, postbox: Postbox, clock: Clock
) -> None:
    """An answer that is paid for must not end because its reader has left while the database is busy."""
    client = services.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
    gateway = boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url)
    connections = Connections(Table(client, CONVERSATIONS, clock), gateway, clock)
    connections.add("c1", entry)
    clock.advance(OPENING_SECONDS)
    postbox.gone.add("c1")

    with StoreFaults(client).trouble("throttled"):
        assert connections.post("c1", {"type": "delta", "text": "x"}) is False

    assert connections.of_session(session) == ["c1"]
    assert connections.post("c1", {"type": "delta", "text": "x"}) is False
    assert connections.of_session(session) == []


@pytest.mark.parametrize("action", ["post", "close"])
@pytest.mark.parametrize("reachable", [True, False], ids=["it fails", "it is not there"])
def test_an_address_that_fails_is_nobodys_failure(
    conversations_table: Table, entry: Entry, postbox: Postbox, clock: Clock, reachable: bool, action: str
) -> None:
    postbox.broken.add("c1")
    address = postbox.url if reachable else "http://127.0.0.1:9"
    gateway = boto3.client("apigatewaymanagementapi", endpoint_url=address, config=Config(retries={"max_attempts": 0}))
    connections = Connections(conversations_table, gateway, clock)
    connections.add("c1", entry)

    if action == "close":
        connections.close("c1")
        return

    assert connections.post("c1", {"type": "done", "seq": 7}) is False, "it has to come by resume"
    assert connections.post("c1", {"type": "delta", "text": "x"}) is True, "it cannot come again"
    assert connections.arrive("c1") is not None, "the socket may be well"


def test_a_post_that_fails_beside_others_is_told_as_its_requests(conversations_table: Table, postbox: Postbox) -> None:
    postbox.broken |= {"c1", "c2"}
    gateway = boto3.client(
        "apigatewaymanagementapi", endpoint_url=postbox.url, config=Config(retries={"max_attempts": 0})
    )
    with observed() as written:
        begin({"requestContext": {"requestId": "r1"}}, None)
        Connections(conversations_table, gateway).post_to_each({each: [{"type": "delta"}] for each in ("c1", "c2")})

    failed = [line for line in written.lines if line["message"] == "frame not posted"]
    assert [line.get("request_id") for line in failed] == ["r1", "r1"]


@pytest.fixture
def as_deployed(services: Services, postbox: Postbox, entry: Entry, clock: Clock) -> Connections:
    """With the SDK's client as the functions have it, and its patience."""
    services.settings = replace(services.settings, connections_endpoint=postbox.url)
    connections = services.connections
    connections._clock = clock
    connections.add("c1", entry)
    return connections


@pytest.mark.cell("F-WS-02")
@pytest.mark.slow
def test_a_post_that_is_throttled_is_tried_again_and_not_for_ever(as_deployed: Connections, postbox: Postbox) -> None:
    postbox.crowded["c1"] = 1
    assert as_deployed.post("c1", {"type": "show", "seq": 1}) is True
    assert (postbox.attempts["c1"], postbox.frames("c1")) == (2, [{"type": "show", "seq": 1}])

    postbox.crowded["c1"] = 100
    assert as_deployed.post("c1", {"type": "show", "seq": 2}) is False

    assert postbox.attempts["c1"] == 4
    assert "c1" in postbox.gone, "its browser comes back and asks for it"


@pytest.mark.cell("F-WS-03")
def test_a_frame_that_no_socket_takes_costs_nobody_the_socket(as_deployed: Connections, postbox: Postbox) -> None:
    assert as_deployed.post("c1", {"type": "done", "seq": 1, "text": "x" * 140_000}) is True

    assert postbox.attempts["c1"] == 1, "it would be as large the next time"
    assert as_deployed.post("c1", {"type": "pong"}) is True
    assert postbox.frames("c1") == [{"type": "pong"}]


@pytest.mark.slow
@pytest.mark.cell("F-WS-01")
def test_t_ws_05_one_pass_reaches_the_living_and_finds_out_the_dead(
    services: Services, as_deployed: Connections, postbox: Postbox, clock: Clock
) -> None:
    sessions = [Session(f"visitor-{number}", "acme", ORIGIN, clock.now, ends_at=float("inf")) for number in range(50)]
    for number, each in enumerate(sessions):
        as_deployed.add(f"live-{number}", Entry(each, "text"))
        if number % 5 == 0:
            as_deployed.add(f"dead-{number}", Entry(each, "text"))
            postbox.gone.add(f"dead-{number}")
    clock.advance(OPENING_SECONDS)
    card = MeetingCard(title="Book", url="https://acme.example/book")

    for each in sessions:
        services.screen.tell(each, [ShowFrame(card=card)], "once")

    assert [len(postbox.frames(f"live-{number}")) for number in range(50)] == [1] * 50
    assert [as_deployed.of_session(each) for each in sessions] == [[f"live-{number}"] for number in range(50)]
    assert as_deployed._crowd.size("acme") == 50 + 1, "and nobody counts them any more"
    assert {postbox.attempts[f"dead-{number}"] for number in range(0, 50, 5)} == {1}
