"""How fast a socket may speak, and which of its events are known already."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import pytest

from aisdr.arrival import (
    FRAMES_AT_ONCE,
    FRAMES_ON_OPENING,
    FRAMES_PER_SECOND,
    FRAMES_UNCOUNTED,
    REFUSALS_UNCOUNTED,
    RESENDING_SECONDS,
)
from aisdr.connections import Arrival, Connections
from aisdr.session import Entry
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.material import Clock
from tests.open_sockets import connections, entry, session
from tests.postbox import Postbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["connections", "entry", "session"]


def bring(connections: Connections, connection_id: str, event: int) -> Arrival | None:
    """A frame with a live event comes, and the event has its effect."""
    arrival = connections.arrive(connection_id)
    connections.brought(connection_id, event)
    return arrival


@pytest.mark.slow
def test_a_burst_is_welcome_and_a_flood_is_not(connections: Connections, entry: Entry, clock: Clock) -> None:
    connections.add("c1", entry)
    clock.advance(RESENDING_SECONDS)

    flood = [connections.arrive("c1") for _ in range(3 * FRAMES_AT_ONCE)]
    clock.advance(1)
    later = [connections.arrive("c1") for _ in range(3 * FRAMES_AT_ONCE)]

    verdicts = [each.verdict for each in flood if each]
    # An instance writes several frames down together, and so it may take as many too many.
    assert FRAMES_AT_ONCE <= verdicts.count("welcome") <= FRAMES_AT_ONCE + 2 * FRAMES_UNCOUNTED
    assert verdicts[:FRAMES_AT_ONCE] == ["welcome"] * FRAMES_AT_ONCE
    refusals = [each.refusals for each in flood if each and each.verdict == "too_fast"]
    assert [each for each in refusals if each] == list(range(1, len(refusals) + 1, REFUSALS_UNCOUNTED))
    assert 0 < [each.verdict for each in later if each].count("welcome") <= FRAMES_PER_SECOND + 2 * FRAMES_UNCOUNTED


@pytest.mark.slow
def test_a_flood_is_forgiven_when_the_socket_was_calm_again(
    connections: Connections, entry: Entry, clock: Clock
) -> None:
    connections.add("c1", entry)
    clock.advance(RESENDING_SECONDS)
    for _ in range(2 * FRAMES_AT_ONCE):
        connections.arrive("c1")

    clock.advance(3 * FRAMES_AT_ONCE / FRAMES_PER_SECOND)
    calm = connections.arrive("c1")
    flood = [connections.arrive("c1") for _ in range(2 * FRAMES_AT_ONCE)]

    assert calm is not None
    assert calm.verdict == "welcome"
    assert next(each for each in flood if each and each.verdict == "too_fast").refusals == 1


def test_what_a_browser_kept_while_its_socket_was_away_is_welcome_all_at_once(
    connections: Connections, entry: Entry, clock: Clock
) -> None:
    connections.add("c1", entry)

    resent = [bring(connections, "c1", number) for number in range(1, FRAMES_ON_OPENING + 1)]
    clock.advance(RESENDING_SECONDS)
    calm = connections.arrive("c1")

    assert {each and each.verdict for each in resent} == {"welcome"}
    assert calm is not None
    assert (calm.verdict, calm.connection.received) == ("welcome", FRAMES_ON_OPENING)


def test_instances_that_serve_one_socket_share_its_bucket(
    one_at_a_time: "DynamoDBClient", postbox: Postbox, entry: Entry, clock: Clock
) -> None:
    gateway = boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url)
    instances = [Connections(Table(one_at_a_time, CONVERSATIONS, clock), gateway, clock) for _ in range(4)]
    instances[0].add("c1", entry)
    clock.advance(RESENDING_SECONDS)

    def flood(instance: Connections) -> int:
        arrivals = [instance.arrive("c1") for _ in range(FRAMES_AT_ONCE)]
        return sum(each is not None and each.verdict == "welcome" for each in arrivals)

    with ThreadPoolExecutor(4) as threads:
        welcome = sum(threads.map(flood, instances))

    assert welcome <= FRAMES_AT_ONCE + 4 * 2 * FRAMES_UNCOUNTED


def test_a_known_socket_is_asked_about_only_now_and_then(
    connections: Connections, entry: Entry, aws: "DynamoDBClient", clock: Clock
) -> None:
    calls: list[str] = []
    connections.add("c1", entry)
    aws.meta.events.register("before-call", lambda model, **_: calls.append(model.name), unique_id="counted")

    for _ in range(2 * FRAMES_UNCOUNTED + 2):
        clock.advance(2)
        assert connections.arrive("c1") is not None
    aws.meta.events.unregister("before-call", unique_id="counted")

    assert calls == ["UpdateItem"] * 2


@pytest.mark.parametrize("told", [True, False], ids=["closed", "cut"])
def test_a_new_socket_knows_which_events_the_old_one_has_brought(
    connections: Connections, entry: Entry, clock: Clock, told: bool
) -> None:
    connections.add("c1", entry)
    for event in range(1, FRAMES_UNCOUNTED + 3):
        clock.advance(1)
        bring(connections, "c1", event)
    if told:
        connections.remove("c1")

    connections.add("c2", entry)
    arrival = connections.arrive("c2")

    assert arrival is not None
    # Of a socket that was cut the last frames are not written down yet: their events come again.
    assert arrival.connection.received == (FRAMES_UNCOUNTED + 2 if told else FRAMES_UNCOUNTED + 1)


def test_a_late_event_does_not_turn_the_count_back(
    conversations_table: Table, connections: Connections, entry: Entry, postbox: Postbox, clock: Clock
) -> None:
    gateway = boto3.client("apigatewaymanagementapi", endpoint_url=postbox.url)
    connections.add("c1", entry)
    another = Connections(conversations_table, gateway, clock)
    for instance, event in ((connections, 7), (another, 6)):
        bring(instance, "c1", event)
        clock.advance(FRAMES_UNCOUNTED)
        assert instance.arrive("c1", FRAMES_UNCOUNTED + 1) is not None, "so many are written down at once"

    later = Connections(conversations_table, gateway, clock).arrive("c1")

    assert later is not None
    assert (later.verdict, later.connection.received) == ("welcome", 7)


def test_a_frame_that_asks_for_much_takes_as_many_tokens(connections: Connections, entry: Entry, clock: Clock) -> None:
    connections.add("c1", entry)
    clock.advance(RESENDING_SECONDS)

    first, _, third = (connections.arrive("c1", frames=FRAMES_AT_ONCE - 1) for _ in range(3))
    clock.advance(FRAMES_AT_ONCE / FRAMES_PER_SECOND)
    later = connections.arrive("c1", frames=FRAMES_AT_ONCE - 1)

    assert [each and each.verdict for each in (first, third, later)] == ["welcome", "too_fast", "welcome"]


@pytest.mark.parametrize("fraction", [0.5676062, 0.1234567, 0.9999999, 0.3333333])
def test_a_bucket_that_is_full_this_very_moment_is_full_for_the_table_too(
    connections: Connections, entry: Entry, clock: Clock, fraction: float
) -> None:
    clock.advance(fraction)
    connections.add("c1", entry)
    assert connections.arrive("c1", frames=3) is not None
    clock.advance(3 / FRAMES_PER_SECOND)

    arrivals = [connections.arrive("c1", frames=FRAMES_AT_ONCE // 2) for _ in range(2)]

    assert [arrival.verdict for arrival in arrivals if arrival] == ["welcome", "welcome"]
