"""What a frame costs: calls to AWS for each kind, counted where the SDK makes them, and apart from them the posts."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from aisdr.arrival import FRAMES_AT_ONCE, REFUSALS_UNCOUNTED, RESENDING_SECONDS
from aisdr.services import Services
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme

pytestmark = pytest.mark.slow

MOST_CALLS = 4


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    visitor = visitor_of_acme(services, postbox, "video")
    # As in a function instance that has never seen this conversation.
    visitor.relay._known.clear()
    return visitor


def forget(visitor: Visitor) -> None:
    """Another instance serves the next frame, a minute later."""
    visitor.relay._known.clear()
    visitor.services.connections._memories.clear()
    later = visitor.services.connections._clock() + 60
    visitor.services.connections._clock = lambda: later


@contextmanager
def counted(visitor: Visitor) -> Iterator["Counter[str]"]:
    """Every request that leaves the process, by the name of its operation."""
    calls: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    clients = (visitor.services.dynamodb, visitor.services.connections._gateway)
    for client in clients:
        client.meta.events.register("before-call", count, unique_id="cost")
    yield calls
    for client in clients:
        client.meta.events.unregister("before-call", unique_id="cost")


def cost(calls: "Counter[str]") -> tuple[int, int]:
    """Calls, and posts to recipients."""
    posts = calls.pop("PostToConnection", 0)
    return calls.total(), posts


@pytest.mark.parametrize(
    ("frame", "posts"),
    [
        ({"action": "ping"}, 1),
        ({"action": "event", "seq": 1, "event": {"event_type": "conversation.user.started_speaking"}}, 0),
    ],
    ids=["ping", "event that is not for us"],
)
def test_what_changes_nothing_costs_one_call_and_none_on_a_known_socket(
    visitor: Visitor, frame: dict[str, Any], posts: int
) -> None:
    with counted(visitor) as first:
        visitor.send(frame)
    with counted(visitor) as second:
        visitor.send(frame)

    assert cost(first) == (1, posts)
    assert cost(second) == (0, posts)


def test_an_utterance_costs_three_calls_and_one_in_a_known_conversation(visitor: Visitor) -> None:
    with counted(visitor) as first:
        visitor.forward(visitor.utterance("user", "Hi"))
    with counted(visitor) as second:
        visitor.forward(visitor.utterance("replica", "Hello", part=2))

    assert cost(first) == (3, 0)
    assert cost(second) == (1, 0)


@pytest.mark.parametrize("known", [False, True], ids=["as a new instance", "in a known conversation"])
def test_words_that_take_the_place_of_others_cost_at_most_four_calls(visitor: Visitor, known: bool) -> None:
    meant = {"role": "replica", "speech": "It costs $149 and more."}
    said = {"role": "replica", "speech": "It costs $149", "final": True, "is_interrupted": True}
    visitor.forward(visitor.in_room("conversation.utterance", meant, inference_id="i1"))
    if not known:
        forget(visitor)

    with counted(visitor) as calls:
        visitor.forward(visitor.in_room("conversation.utterance.streaming", said, inference_id="i1"))

    assert cost(calls) == ((2, 0) if known else (4, 0))
    assert visitor.said() == [("assistant", "It costs $149")]


def test_words_of_a_voice_cost_at_most_four_calls_and_their_beginnings_three(visitor: Visitor) -> None:
    visitor.connect("c2", "voice", "another call")
    begun = {"type": "input_audio_buffer.committed", "item_id": "i1"}
    said = {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i1", "transcript": "Hi"}

    with counted(visitor) as beginning:
        visitor.forward(begun, connection_id="c2")
    forget(visitor)
    with counted(visitor) as words:
        visitor.forward(said, connection_id="c2")

    assert cost(beginning) == (3, 0)
    assert cost(words) == (4, 0)


def test_a_saying_costs_at_most_four_calls_and_two_fewer_in_a_known_conversation(visitor: Visitor) -> None:
    with counted(visitor) as first:
        sent = visitor.send({"action": "say", "id": "s1", "text": "Hi"})
    with counted(visitor) as second:
        visitor.send({"action": "say", "id": "s2", "text": "Hi"})

    (calls, posts), (calls_later, _) = cost(first), cost(second)
    assert calls <= MOST_CALLS
    assert posts == len(sent)
    assert calls_later == calls - 2


@pytest.mark.parametrize(
    "frame", [{"action": "hello"}, {"action": "resume", "after": 0}, {"action": "stop", "id": "q1"}, "junk"], ids=str
)
def test_what_begins_or_stops_costs_at_most_four_calls(visitor: Visitor, frame: Any) -> None:
    with counted(visitor) as calls:
        visitor.send(frame)

    assert cost(calls)[0] <= MOST_CALLS


def test_a_frame_that_comes_too_fast_costs_no_call_but_for_one_in_twenty(visitor: Visitor) -> None:
    now = visitor.services.connections._clock() + RESENDING_SECONDS
    visitor.services.connections._clock = lambda: now
    for _ in range(2 * FRAMES_AT_ONCE):
        visitor.relay.receive("c1", "junk")

    with counted(visitor) as calls:
        for _ in range(2 * REFUSALS_UNCOUNTED):
            visitor.relay.receive("c1", "junk")

    assert cost(calls) == (2, 2)
