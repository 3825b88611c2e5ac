"""What a socket missed the next one gets; what comes from outside the socket reaches the browser all the same."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from aisdr.answer import MeetingCard
from aisdr.arrival import (
    FRAMES_AT_ONCE,
    FRAMES_KEPT_BY_BROWSER,
    FRAMES_ON_OPENING,
    FRAMES_UNCOUNTED,
    REPLAYED_FOR_A_FRAME,
    RESENDING_SECONDS,
)
from aisdr.frames import EndFrame
from aisdr.kept_frames import MOST_REPLAYED
from aisdr.services import Services
from aisdr.session import Session
from tests.postbox import Postbox
from tests.sockets import CALL, Visitor, codes, visitor_of_acme

pytestmark = pytest.mark.slow

CARD = MeetingCard(title="Book", url="https://acme.example/book")


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "video")


def kinds(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["type"] for frame in frames]


@pytest.mark.cell("F-WS-09")
def test_a_reopened_socket_gets_what_it_missed_with_the_same_numbers(visitor: Visitor) -> None:
    before = visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})
    visitor.services.entrance.leave("c1")
    visitor.connect("c2", "video", CALL)

    ready, *missed = visitor.send({"action": "resume", "after": 0}, "c2")

    assert ready == {"type": "ready", "received": 1, "seq": before[-1]["seq"]}
    assert missed == before


def test_a_result_that_found_nobody_waits_for_the_next_socket(visitor: Visitor) -> None:
    visitor.postbox.gone.add("c1")
    assert visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"}) == []
    visitor.connect("c2", "video", CALL)

    _, *missed = visitor.send({"action": "resume", "after": 0}, "c2")

    assert kinds(missed) == ["send", "show"]


@pytest.mark.cell("F-WS-07")
def test_an_event_sent_again_after_a_reconnect_has_one_effect_and_the_same_answer(visitor: Visitor) -> None:
    first = visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"}, seq=1)
    visitor.services.entrance.leave("c1")
    visitor.connect("c2", "video", CALL)

    again = visitor.tool_call(
        "search_knowledge", {"query": "What does the Growth plan cost?"}, seq=1, connection_id="c2"
    )

    assert again == first  # with its number: the browser drops what it has seen
    assert len(visitor.services.transcripts.recent(visitor.session)) == 1


def test_an_event_that_could_not_be_written_down_comes_again_on_another_socket(visitor: Visitor) -> None:
    events = visitor.services.dynamodb.meta.events

    def nobody_there(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    visitor.send({"action": "ping"})
    events.register("before-call.dynamodb.TransactWriteItems", nobody_there, unique_id="outage")
    visitor.forward(visitor.utterance("user", "Hello there"), seq=1)
    events.unregister("before-call.dynamodb.TransactWriteItems", unique_id="outage")

    assert "c1" in visitor.postbox.gone, "hung up, so that the browser comes back"
    visitor.forward(visitor.utterance("user", "And again", part=2), seq=2)  # was on its way when the socket was closed
    visitor.services.entrance.leave("c1")
    visitor.connect("c2", "video", CALL)
    (ready,) = visitor.send({"action": "resume", "after": 0}, "c2")
    assert ready["received"] == 0
    visitor.forward(visitor.utterance("user", "Hello there"), seq=1, connection_id="c2")
    assert ("visitor", "Hello there") in visitor.said()


def test_a_question_that_the_store_did_not_take_is_answered_by_the_other_door_and_written_down_once(
    visitor: Visitor,
) -> None:
    events, question = visitor.services.dynamodb.meta.events, "What does the Growth plan cost?"

    def nobody_there(model: Any, params: Any, **_: Any) -> None:
        if "once#answer" in str(params["body"]):
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:9")

    events.register("before-call.dynamodb.TransactWriteItems", nobody_there, unique_id="outage")
    told = visitor.ask(question, "q1")
    events.unregister("before-call.dynamodb.TransactWriteItems", unique_id="outage")

    assert (told[-1]["type"], told[-1]["id"], told[-1]["error"]["code"]) == ("error", "q1", "store_busy")
    company = visitor.services.companies.get("acme")
    answer = visitor.services.replies.in_one_piece(company, visitor.session, question, "q1")
    assert "$149" in answer.text
    assert visitor.said() == [("visitor", question), ("assistant", answer.text)]


def too_fast(visitor: Visitor, connection_id: str = "c1") -> None:
    """The socket has sent as much as it may, long after it was opened."""
    now = visitor.services.connections._clock() + RESENDING_SECONDS
    visitor.services.connections._clock = lambda: now
    frames = (visitor.send({"action": "ping"}, connection_id) for _ in range(3 * FRAMES_AT_ONCE))
    assert any(codes(each) for each in frames if each[-1]["type"] == "error")


def test_an_event_that_came_too_fast_comes_again_on_another_socket(visitor: Visitor) -> None:
    too_fast(visitor)

    told = visitor.forward(visitor.utterance("user", "Hello there"), seq=1)

    assert codes(told) == ["rate_limited"]
    assert "id" not in told[0] or told[0]["id"] is None, "it is about the socket"
    assert "c1" in visitor.postbox.gone, "hung up, so that the browser comes back"
    another = Services(visitor.services.settings)  # an instance that does not know of it, and counts what came later
    another.connections._clock = lambda: visitor.services.connections._clock() + 60
    for number in range(2, FRAMES_UNCOUNTED + 4):
        another.connections.arrive("c1")
        another.connections.brought("c1", number)
    another.entrance.leave("c1")
    visitor.connect("c2", "video", CALL)
    (ready,) = visitor.send({"action": "resume", "after": 0}, "c2")
    assert ready["received"] == 0
    visitor.forward(visitor.utterance("user", "Hello there"), seq=1, connection_id="c2")
    assert visitor.said() == [("visitor", "Hello there")]


@pytest.mark.parametrize(
    "deed",
    [{"action": "say", "id": "s1", "text": "And yearly?"}, {"action": "ask", "id": "q1", "text": "And yearly?"}],
    ids=["say", "ask"],
)
def test_what_a_visitor_wrote_too_fast_costs_the_socket_and_not_the_words(visitor: Visitor, deed: Any) -> None:
    too_fast(visitor)

    assert codes(visitor.send(deed)) == ["rate_limited"]

    assert "c1" in visitor.postbox.gone
    visitor.connect("c2", "video", CALL)
    assert kinds(visitor.send(deed, "c2"))[-1] in ("send", "done")


def test_who_wants_everything_again_and_again_is_slowed_down(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = FRAMES_AT_ONCE - 10
    monkeypatch.setattr("aisdr.relay.REPLAYED_FOR_A_FRAME", 1)
    for number in range(kept):
        visitor.services.screen.show(visitor.session, (CARD,), channel="video", tool_call=f"call {number}")
    visitor.postbox.frames("c1")
    began = visitor.services.connections._clock()
    visitor.services.connections._clock = lambda: began + RESENDING_SECONDS + 1

    came = [visitor.send({"action": "resume", "after": 0}) for _ in range(3)]

    assert [len(frames) >= kept for frames in came] == [True, True, False]
    assert codes(came[-1]) == ["rate_limited"]
    assert "c1" in visitor.postbox.gone


def test_what_was_missed_leaves_room_for_all_that_the_browser_kept() -> None:
    assert 1 + MOST_REPLAYED // REPLAYED_FOR_A_FRAME + FRAMES_KEPT_BY_BROWSER <= FRAMES_ON_OPENING


def test_a_new_call_gets_no_commands_of_the_old_one(visitor: Visitor) -> None:
    visitor.tool_call("search_knowledge", {"query": "What does the Growth plan cost?"})
    visitor.connect("c2", "video", "another call")

    _, *missed = visitor.send({"action": "resume", "after": 0}, "c2")

    assert kinds(missed) == ["show"]


def test_an_answer_that_was_finished_while_nobody_listened_is_not_lost(visitor: Visitor) -> None:
    visitor.postbox.gone.add("c1")
    visitor.ask("What does the Growth plan cost?")
    visitor.connect("c2")

    _, *missed = visitor.send({"action": "resume", "after": 0}, "c2")

    assert kinds(missed) == ["done"]
    assert "$149" in missed[0]["answer"]["text"]


def show(visitor: Visitor, session: Session) -> None:
    visitor.services.screen.show(session, (CARD,), channel="video", tool_call="call 7")


def test_cards_from_outside_reach_every_open_socket_and_the_transcript_once(visitor: Visitor) -> None:
    visitor.connect("c2")
    for _ in range(2):
        visitor.services.screen.show(visitor.session, (CARD,), channel="video", tool_call="call 7")

    first, second = visitor.postbox.frames("c1"), visitor.postbox.frames("c2")
    assert kinds(first) == ["show", "show"]
    assert first[0] == first[1], "a browser drops the number that it knows"
    assert first == second
    assert [turn.text for turn in visitor.services.transcripts.recent(visitor.session)] == [""]


@pytest.mark.parametrize(
    ("tell", "kind"),
    [
        (lambda visitor: show(visitor, visitor.session), "show"),
        (lambda visitor: visitor.services.screen.end(visitor.session, "time", call_id=CALL), "end"),
    ],
    ids=["show", "end"],
)
def test_what_comes_from_outside_waits_when_no_socket_is_open(
    visitor: Visitor, tell: Callable[[Visitor], None], kind: str
) -> None:
    visitor.services.entrance.leave("c1")
    tell(visitor)
    visitor.connect("c2", "video", CALL)

    _, *missed = visitor.send({"action": "resume", "after": 0}, "c2")

    assert kinds(missed) == [kind]


def test_a_call_that_the_vendor_and_the_browser_both_end_ends_once(visitor: Visitor) -> None:
    visitor.services.screen.end(visitor.session, "time", call_id=CALL)
    told = visitor.postbox.frames()

    again = visitor.forward(visitor.in_room("system.shutdown", {"reason": "max_call_duration reached"}))

    assert kinds(told) == ["end"]
    assert again == told
    assert EndFrame(**told[0]).reason == "time"


def test_nothing_to_show_is_nothing(visitor: Visitor) -> None:
    visitor.services.screen.show(visitor.session, (), channel="video", tool_call="call 7")

    assert visitor.postbox.frames() == []
    assert visitor.said() == []


def test_a_card_of_another_conversation_is_never_seen(visitor: Visitor) -> None:
    company = visitor.services.companies.get("acme")
    other = visitor.services.sessions.open(company, visitor.session.origin, None)

    show(visitor, other)

    assert visitor.postbox.frames() == []
    assert kinds(visitor.send({"action": "resume", "after": 0})) == ["ready"]
    visitor.services.sessions.end(visitor.session)
    assert codes(visitor.send({"action": "resume", "after": 0})) == ["session_not_found"]
