"""Kept frames: numbered upwards, kept once, given again to the one who asks, and small enough to be posted."""

import json

import pytest

from aisdr.answer import Answer, Citation, MeetingCard
from aisdr.errors import InvalidInput
from aisdr.frames import MOST_BYTES_IN, DoneFrame, EndFrame, SendFrame, ShowFrame, read
from aisdr.kept_frames import KEPT_SECONDS, MOST_BYTES_OUT, MOST_WRITTEN, OVERLAP_MICROSECONDS, Frames
from aisdr.session import Session
from aisdr.table import Table
from tests.material import ORIGIN, Clock


@pytest.fixture
def frames(conversations_table: Table, clock: Clock) -> Frames:
    return Frames(conversations_table, clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now)


def show(title: str) -> ShowFrame:
    return ShowFrame(card=MeetingCard(title=title, url="https://acme.example/book"))


def titles(kept: list[dict[str, dict[str, str]]]) -> list[str]:
    return [frame["card"]["title"] for frame in kept]


def test_frames_are_numbered_upwards_by_the_microsecond(frames: Frames, session: Session, clock: Clock) -> None:
    first = frames.keep(session, [show("one"), show("two")]).frames
    second = frames.keep(session, [show("three")]).frames

    numbers = [frame["seq"] for frame in (*first, *second)]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == int(clock.now * 1e6)
    assert frames.newest(session) == numbers[-1]


def test_what_was_kept_later_is_given_again_in_order(frames: Frames, session: Session, clock: Clock) -> None:
    frames.keep(session, [show("long ago")])
    clock.advance(OVERLAP_MICROSECONDS / 1e6 + 1)
    known = frames.keep(session, [show("known")]).frames[0]["seq"]
    clock.advance(1)
    frames.keep(session, [show("missed"), show("missed too")])

    assert titles(frames.after(session, known, None)) == ["known", "missed", "missed too"]
    assert titles(frames.after(session, 0, None)) == ["long ago", "known", "missed", "missed too"]


def test_frames_of_another_conversation_are_never_given(frames: Frames, session: Session, clock: Clock) -> None:
    frames.keep(session, [show("mine")])

    other = Session("s2", "acme", ORIGIN, clock.now)
    assert frames.after(other, 0, None) == []
    assert frames.newest(other) == 0


def test_frames_are_forgotten_after_two_hours(frames: Frames, session: Session, clock: Clock) -> None:
    frames.keep(session, [show("old")])

    clock.advance(KEPT_SECONDS)

    assert frames.after(session, 0, None) == []


def test_commands_of_another_call_are_not_given_again(frames: Frames, session: Session) -> None:
    frames.keep(
        session,
        [SendFrame(message={"a": 1}), show("card"), EndFrame(reason="time", call_id="first")],
        call_id="first",
        once="x",
    )

    assert [frame["type"] for frame in frames.after(session, 0, "first")] == ["send", "show", "end"]
    assert [frame["type"] for frame in frames.after(session, 0, "second")] == ["show"]
    assert [frame["type"] for frame in frames.after(session, 0, None)] == ["show"]


def test_the_same_thing_is_kept_once_and_given_back(frames: Frames, session: Session) -> None:
    first = frames.keep(session, [show("one"), show("two")], once="tool call 1")
    again = frames.keep(session, [show("other")], once="tool call 1")

    assert (first.first, again.first) == (True, False)
    assert again.frames == first.frames
    assert frames.under(session, "tool call 1") == list(first.frames)
    assert frames.under(session, "tool call 2") is None
    assert titles(frames.after(session, 0, None)) == ["one", "two"]


@pytest.mark.cell("F-WS-03")
def test_an_answer_that_no_socket_would_carry_is_shortened(frames: Frames, session: Session) -> None:
    citations = tuple(
        Citation(number=n + 1, title="t", url="/u", snippet="ü" * 20_000, chunk_id=str(n)) for n in range(8)
    )

    (kept,) = frames.keep(session, [DoneFrame(id="q1", answer=Answer(text="short [1]", citations=citations))]).frames

    assert len(json.dumps(kept, ensure_ascii=False).encode()) <= MOST_BYTES_OUT
    assert kept["answer"]["text"] == "short [1]"
    assert len(kept["answer"]["citations"]) == 8


def test_a_confirmation_names_the_field_that_is_wrong() -> None:
    with pytest.raises(InvalidInput) as refused:
        read(json.dumps({"action": "confirm", "id": "c", "accept": True, "values": {"email": 7}}))

    assert "values.email" in refused.value.message
    assert "7" not in refused.value.message


@pytest.mark.parametrize(
    "frame",
    [
        '{"action": "ping", "action": "hello"}',
        '{"action": "resume", "after": "5"}',
        '{"action": "resume", "after": true}',
        '{"action": "resume", "after": 5.5}',
        '{"action": "confirm", "id": "c", "accept": "yes"}',
        '{"action": "event", "seq": 1, "event": {"a": 1e999}}',
        '{"action": "event", "seq": 1, "event": {"a": NaN}}',
        '{"action": "event", "seq": 1, "event": {"a": "\\udc00"}}',
        '{"action": "event", "seq": 1, "event": {"a": ' + "[" * 40 + "]" * 40 + "}}",
        '{"action": "ping", "padding": "' + "ü" * (MOST_BYTES_IN // 2) + '"}',
        '{"action": "<b>canary</b>"}',
        '{"action": "ping", "<b>canary</b>": 1}',
    ],
    ids=lambda frame: frame[:60],
)
def test_a_frame_that_two_readers_could_read_in_two_ways_is_not_read_and_not_repeated(frame: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(frame)

    assert refused.value.code == "invalid_frame"
    assert "canary" not in refused.value.message


def test_a_frame_may_have_sixteen_kilobytes() -> None:
    frame = '{"action": "event", "seq": 1, "event": {"a": "%s"}}'

    read(frame % ("x" * (MOST_BYTES_IN - len(frame) + 2)))
    with pytest.raises(InvalidInput, match="at most 16384 bytes"):
        read(frame % ("x" * (MOST_BYTES_IN - len(frame) + 3)))


@pytest.mark.slow
def test_more_frames_than_one_transaction_takes_are_all_kept_under_their_mark(frames: Frames, session: Session) -> None:
    wanted = [SendFrame(message={"number": number}) for number in range(2 * MOST_WRITTEN + 3)]

    first = frames.keep(session, wanted, once="tool calls", call_id="call")
    again = frames.keep(session, wanted, once="tool calls", call_id="call")

    assert [frame["message"]["number"] for frame in first.frames] == list(range(len(wanted)))
    assert (again.frames, again.first) == (first.frames, False)
    assert frames.under(session, "tool calls") == list(first.frames)


@pytest.mark.slow
def test_whoever_repeats_what_was_half_kept_completes_it_with_the_same_numbers(
    frames: Frames, session: Session, conversations_table: Table
) -> None:
    wanted = [SendFrame(message={"number": number}) for number in range(MOST_WRITTEN + 5)]
    first = frames.keep(session, wanted, once="tool calls", call_id="call")
    for frame in first.frames[MOST_WRITTEN:]:  # as when its process was killed between two transactions
        conversations_table.delete(session.key, f"frame#{frame['seq']:020d}")

    again = frames.keep(session, wanted, once="tool calls", call_id="call")

    assert again.frames == first.frames
