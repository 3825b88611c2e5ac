"""Answers on their way: in order and whole, each question once, stopped when wished, and followed to a new socket."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from botocore.config import Config

from aisdr import reply
from aisdr.agent import Agent, AnswerEvent, Done
from aisdr.answer import Answer, MeetingCard
from aisdr.company import Company
from aisdr.errors import VendorError
from aisdr.reply import LOOK_SECONDS, RUNNING_SECONDS, Replies
from aisdr.services import Services
from aisdr.session import Session
from aisdr.table import Table
from aisdr.turn import Delta, Show
from dev.store_faults import StoreFaults
from tests.conftest import CONVERSATIONS
from tests.material import Clock
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme

PATIENCE_SECONDS = 20
CARD = MeetingCard(title="Book", url="https://acme.example/book")


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox)


class Talker:
    """Stands where the agent stands and says what a test wants, at the test's pace."""

    def __init__(self, *events: AnswerEvent, then: Exception | None = None) -> None:
        self.events, self.then = events, then
        self.asked: list[tuple[str, str]] = []

    def answer(
        self,
        company: Company,
        session: Session,
        question: str,
        *,
        channel: str = "text",
        question_id: str | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[AnswerEvent]:
        self.asked.append((channel, question))
        yield from self.speak(stopped)

    def speak(self, stopped: Callable[[], bool]) -> Iterator[AnswerEvent]:
        yield from self.events
        if self.then:
            raise self.then
        yield Done(Answer(text="All of it."))


class Chatterbox(Talker):
    """Talks until it is stopped; `spoke` is set when it has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.spoke = threading.Event()

    def speak(self, stopped: Callable[[], bool]) -> Iterator[AnswerEvent]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not stopped():
            assert time.monotonic() < deadline, "nobody stopped it"
            yield Delta("and more ")
            self.spoke.set()
            time.sleep(0.005)  # a model's pace
        yield Done(Answer(text="As far as I came."))


def use(visitor: Visitor, talker: Talker, clock: Callable[[], float] = time.time) -> Visitor:
    services = visitor.services
    agent = cast("Agent", talker)
    visitor.relay._replies = Replies(
        services.conversations, services.connections, services.frames, lambda: agent, clock
    )
    return visitor


def test_a_question_is_answered_by_deltas_in_order_and_then_the_whole(visitor: Visitor) -> None:
    frames = visitor.ask("What does the Growth plan cost?")

    deltas, done = frames[:-1], frames[-1]
    assert [frame["type"] for frame in frames] == ["delta"] * len(deltas) + ["done"]
    assert [frame["index"] for frame in deltas] == list(range(len(deltas)))
    assert {frame["id"] for frame in frames} == {"q1"}
    answer = Answer.model_validate(done["answer"])
    assert "$149" in answer.text
    assert answer.citations[0].title == "Pricing"
    assert visitor.said() == [("visitor", "What does the Growth plan cost?"), ("assistant", answer.text)]


def test_a_spoken_answer_is_a_turn_of_that_mode(visitor: Visitor) -> None:
    talker = Talker()
    use(visitor, talker).send({"action": "ask", "id": "q1", "text": "Hello?", "mode": "tts"})

    assert talker.asked == [("tts", "Hello?")]


def test_cards_come_while_the_answer_is_written_and_carry_its_id(visitor: Visitor) -> None:
    delta, shown, done = use(visitor, Talker(Delta("Here: "), Show(CARD))).ask("Can we meet?")

    assert (delta["text"], delta["index"]) == ("Here: ", 0)
    assert (shown["type"], shown["id"], shown["card"]["kind"]) == ("show", "q1", "meeting")
    assert done["seq"] > shown["seq"]


def test_a_question_sent_again_gets_its_answer_again_and_is_not_answered_twice(visitor: Visitor) -> None:
    talker = Talker(Delta("One. "), Show(CARD))
    first = use(visitor, talker).ask("?")
    again = visitor.ask("?")

    assert len(talker.asked) == 1
    assert again == [frame for frame in first if frame["type"] == "done"]


def test_another_question_is_another_answer(visitor: Visitor) -> None:
    talker = Talker()
    use(visitor, talker)

    assert visitor.ask("?", "q1")[-1]["id"] == "q1"
    assert visitor.ask("?", "q2")[-1]["id"] == "q2"
    assert len(talker.asked) == 2


def test_an_answer_that_breaks_off_ends_in_an_error_and_may_be_asked_for_again(visitor: Visitor) -> None:
    talker = Talker(Delta("Growth costs"), then=VendorError("The model is down", vendor="openai"))
    use(visitor, talker)

    frames = visitor.ask("What does it cost?")
    visitor.ask("What does it cost?")

    assert frames[-1] == {
        "type": "error",
        "id": "q1",
        "error": {"code": "vendor_failed", "message": "The model is down"},
    }
    assert len(talker.asked) == 2


def test_a_question_whose_function_died_may_be_asked_again_later(visitor: Visitor, clock: Clock) -> None:
    talker = Talker()
    clock.now = time.time()
    use(visitor, talker, clock)
    visitor.services.conversations._clock = clock
    visitor.relay._replies._begin(visitor.session, "q1")

    assert visitor.ask("?") == []
    clock.advance(RUNNING_SECONDS)

    assert visitor.ask("?")[-1]["type"] == "done"


def test_a_question_that_is_thought_about_for_long_stays_with_the_one_who_thinks(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "RENEWED_SECONDS", 0.01)
    replies, renewed = visitor.relay._replies, list[int]()
    key = (visitor.session.key, "asked#q1")

    def until() -> int:
        return int((visitor.services.conversations.get(*key) or {"expires_at": 0})["expires_at"])

    assert replies._begin(visitor.session, "q1")
    visitor.services.conversations.update(*key, "SET expires_at = :soon", values={":soon": int(time.time()) + 2})
    with replies._running(visitor.session, "q1"):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not renewed and time.monotonic() < deadline:
            renewed += [until()] if until() > time.time() + RUNNING_SECONDS / 2 else []

    assert renewed
    assert not replies._begin(visitor.session, "q1")


def test_a_long_piece_is_cut_into_frames_and_nothing_is_lost(visitor: Visitor) -> None:
    text = "".join(f"word{n} " for n in range(4000))
    frames = use(visitor, Talker(*[Delta(text)] * 3)).ask("?")

    deltas = [frame for frame in frames if frame["type"] == "delta"]
    assert max(len(frame["text"]) for frame in deltas) <= 8000
    assert (text * 3).startswith("".join(frame["text"] for frame in deltas))


def test_a_stop_from_another_function_instance_ends_the_answer(visitor: Visitor) -> None:
    talker = Chatterbox()
    use(visitor, talker)
    with ThreadPoolExecutor(1) as instance:
        running = instance.submit(visitor.relay.receive, "c1", '{"action": "ask", "id": "q1", "text": "?"}')
        assert talker.spoke.wait(PATIENCE_SECONDS)
        services = visitor.services
        another = Replies(services.conversations, services.connections, services.frames, lambda: services.agent)
        another.stop(visitor.session, "q1")
        running.result(PATIENCE_SECONDS)

    frames = visitor.postbox.frames()
    assert frames[-1]["type"] == "done"
    assert frames[-1]["answer"]["text"] == "As far as I came."


def test_a_question_that_is_being_answered_is_left_to_the_one_who_answers_it(visitor: Visitor) -> None:
    talker = Chatterbox()
    use(visitor, talker)
    with ThreadPoolExecutor(1) as instance:
        running = instance.submit(visitor.relay.receive, "c1", '{"action": "ask", "id": "q1", "text": "?"}')
        assert talker.spoke.wait(PATIENCE_SECONDS)
        visitor.connect("c2")

        assert visitor.ask("?", connection_id="c2") == []
        visitor.send({"action": "stop", "id": "q1"}, "c2")
        running.result(PATIENCE_SECONDS)


def test_an_answer_follows_its_visitor_to_a_new_socket_without_a_gap(visitor: Visitor) -> None:
    talker = Chatterbox()
    use(visitor, talker)
    with ThreadPoolExecutor(1) as instance:
        running = instance.submit(visitor.relay.receive, "c1", '{"action": "ask", "id": "q1", "text": "?"}')
        assert talker.spoke.wait(PATIENCE_SECONDS)
        visitor.connect("c2")
        visitor.postbox.gone.add("c1")
        visitor.postbox.wait_for("c2", PATIENCE_SECONDS)
        visitor.relay.receive("c2", '{"action": "stop", "id": "q1"}')
        running.result(PATIENCE_SECONDS)

    before, after = visitor.postbox.frames("c1"), visitor.postbox.frames("c2")
    indexes = [frame["index"] for frame in (*before, *after) if frame["type"] == "delta"]
    assert indexes == list(range(len(indexes)))
    assert after[-1]["type"] == "done"


class Unwatched(Talker):
    """While it speaks the database turns away whoever looks whether it was stopped."""

    def __init__(self, faults: StoreFaults) -> None:
        super().__init__(Delta("All of it."))
        self.faults = faults

    def speak(self, stopped: Callable[[], bool]) -> Iterator[AnswerEvent]:
        with self.faults.trouble("throttled"):
            assert not stopped()
        yield from super().speak(stopped)


def test_an_answer_goes_on_while_nobody_can_tell_whether_it_was_stopped(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "LOOK_SECONDS", 0.0)
    services = visitor.services
    client = services.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
    faults = StoreFaults(client)
    talker = cast("Agent", Unwatched(faults))
    table = Table(client, CONVERSATIONS)
    visitor.relay._replies = Replies(table, services.connections, services.frames, lambda: talker)

    frames = visitor.ask("?")

    assert faults.happened == 1, "it was looked"
    assert [frame["type"] for frame in frames] == ["delta", "done"]


def test_an_answer_that_nobody_hears_ends_by_itself(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisdr.reply.UNHEARD_SECONDS", 2 * LOOK_SECONDS)
    use(visitor, Chatterbox())
    visitor.postbox.gone.add("c1")

    assert visitor.ask("?") == []

    assert [frame["type"] for frame in visitor.services.frames.after(visitor.session, 0, None)] == ["done"]


def test_without_a_socket_the_same_question_gets_the_answer_that_the_socket_got(visitor: Visitor) -> None:
    talker = Talker()
    use(visitor, talker).ask("?")
    company = visitor.services.companies.get("acme")
    replies = visitor.relay._replies

    answers = [replies.in_one_piece(company, visitor.session, "?", "q1") for _ in range(2)]

    assert [answer.text for answer in answers] == ["All of it."] * 2
    assert len(talker.asked) == 1


def test_an_answer_in_one_piece_is_bought_once_and_comes_to_the_socket_as_well(visitor: Visitor) -> None:
    talker = Talker()
    use(visitor, talker)
    company = visitor.services.companies.get("acme")

    answer = visitor.relay._replies.in_one_piece(company, visitor.session, "?", "q1")
    frames = visitor.ask("?")

    assert answer.text == "All of it."
    assert [frame["type"] for frame in frames] == ["done"]
    assert len(talker.asked) == 1


def test_a_question_that_was_answered_long_ago_is_not_bought_again(visitor: Visitor, clock: Clock) -> None:
    talker = Talker()
    use(visitor, talker).ask("?")

    clock.advance(RUNNING_SECONDS + 1)
    frames = visitor.ask("?")

    assert [frame["type"] for frame in frames] == ["done"]
    assert len(talker.asked) == 1
