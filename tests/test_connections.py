"""Open sockets: known while they are open, heard at a bearable rate, posted to, forgotten when they are gone."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from aisdr.answer import MeetingCard
from aisdr.arrival import (
    FRAMES_AT_ONCE,
    FRAMES_ON_OPENING,
    FRAMES_PER_SECOND,
    FRAMES_UNCOUNTED,
    REFUSALS_UNCOUNTED,
    RESENDING_SECONDS,
)
from aisdr.connections import (
    CONNECTION_SECONDS,
    OPENING_SECONDS,
    SOCKETS_OF_ONE,
    Arrival,
    Connections,
    OpenSocket,
    RelayConnection,
)
from aisdr.crowd import SOCKET_SECONDS, Crowd
from aisdr.errors import LimitReached
from aisdr.frames import ShowFrame
from aisdr.services import Services
from aisdr.session import Entry, Session
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
    return Session("s1", "acme", ORIGIN, clock.now, ends_at=float("inf"))


@pytest.fixture
def entry(session: Session) -> Entry:
    return Entry(session, "video", "call-1")


def bring(connections: Connections, connection_id: str, event: int) -> Arrival | None:
    """A frame with a live event comes, and the event has its effect."""
    arrival = connections.arrive(connection_id)
    connections.brought(connection_id, event)
    return arrival


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


def test_sockets_whose_end_nobody_told_are_not_counted_for_ever(conversations_table: Table, clock: Clock) -> None:
    crowd = Crowd(conversations_table, 2, clock)
    for _ in range(2):
        crowd.enter("acme", clock.now)

    clock.advance(SOCKET_SECONDS)
    assert crowd.size("acme") == 2, "API Gateway may still have them"
    clock.advance(600)

    assert crowd.size("acme") == 0


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
