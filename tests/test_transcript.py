"""Transcripts: what was said, once, in order, and only of this conversation."""

import pytest

from aisdr.answer import Answer, Citation, LeadCard
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table
from aisdr.transcript import MAX_TURN_CHARACTERS, Transcripts, Turn, place_of
from tests.material import ORIGIN, Clock


@pytest.fixture
def transcripts(conversations_table: Table, clock: Clock) -> Transcripts:
    return Transcripts(conversations_table, clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now)


def test_turns_come_back_in_the_order_they_were_said(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    transcripts.append(session, "visitor", "What does it cost?", channel="text")
    clock.advance(0.5)
    transcripts.append(session, "assistant", "€49 a month.", channel="video")

    assert transcripts.recent(session) == [
        Turn("visitor", "What does it cost?", clock.now - 0.5, "text"),
        Turn("assistant", "€49 a month.", clock.now, "video"),
    ]


def test_what_has_a_place_was_said_before_what_stands_behind_it(
    transcripts: Transcripts, session: Session, clock: Clock
) -> None:
    first = clock.now
    for number, text in ((2, "It costs $149."), (None, "(typed)"), (1, "What does it cost?"), (3, "Thank you.")):
        place = None if number is None else place_of(first, number)
        transcripts.append(session, "visitor", text, channel="voice", place=place)
        clock.advance(1)

    assert [(turn.text, turn.said_at - first) for turn in transcripts.all(session)] == [
        ("What does it cost?", 0),
        ("It costs $149.", 0),
        ("(typed)", 1),
        ("Thank you.", 3),
    ]


def test_events_of_a_later_socket_stand_behind_whatever_their_numbers(
    transcripts: Transcripts, session: Session, clock: Clock
) -> None:
    early, late = clock.now, clock.now + 60
    for opened_at, number in ((late, 2), (early, 900), (late, 1)):
        place = place_of(opened_at, number)
        transcripts.append(session, "visitor", f"{opened_at - early:.0f}.{number}", channel="voice", place=place)

    assert [turn.text for turn in transcripts.all(session)] == ["0.900", "60.1", "60.2"]


def test_a_part_of_an_item_stands_where_the_item_began(transcripts: Transcripts, session: Session) -> None:
    transcripts.begin(session, "i1", place_of(0, 1))
    transcripts.append(session, "visitor", "Two", channel="voice", key="i2", place=place_of(0, 5), begun="i2")
    for key, number in (("i1", 7), ("i1.1", 8)):
        transcripts.append(session, "assistant", key, channel="voice", key=key, place=place_of(0, number), begun="i1")

    assert [turn.text for turn in transcripts.all(session)] == ["i1", "i1.1", "Two"]


def test_a_correction_of_somebody_elses_words_is_none(transcripts: Transcripts, session: Session) -> None:
    transcripts.append(session, "visitor", "Hello there", channel="voice", key="k", place=place_of(0, 1))

    transcripts.correct(session, "assistant", "Hello", channel="voice", key="k", place=place_of(0, 2), cut=True)

    assert [(turn.role, turn.text, turn.cut) for turn in transcripts.all(session)] == [
        ("visitor", "Hello there", False)
    ]


def test_conversations_of_a_company_come_one_after_another_each_in_order(
    transcripts: Transcripts, clock: Clock
) -> None:
    visits = [Session(name, "acme", ORIGIN, clock.now) for name in ("s1", "s2")]
    for number in (3, 1, 2):
        for visit in visits:
            transcripts.append(visit, "visitor", f"{number}", channel="video", place=place_of(0, number))

    told = [(name, turn.text) for name, turn in transcripts.each(visits[0].scope)]

    assert sorted(told) == [(name, text) for name in ("s1", "s2") for text in ("1", "2", "3")]
    assert told in (sorted(told), [*sorted(told)[3:], *sorted(told)[:3]])


def test_only_the_newest_turns_are_recent(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    for number in range(5):
        transcripts.append(session, "visitor", f"{number}", channel="text")
        clock.advance(1)

    assert [turn.text for turn in transcripts.recent(session, 2)] == ["3", "4"]


def test_an_utterance_that_is_repeated_is_stored_once(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    first = transcripts.append(session, "visitor", "Hello", channel="video", key="turn-1")
    clock.advance(1)
    again = transcripts.append(session, "visitor", "Hello", channel="video", key="turn-1")

    assert (first, again) == (True, False)
    assert [turn.text for turn in transcripts.recent(session)] == ["Hello"]


def test_what_was_said_is_never_marked_as_said_without_its_turn(
    transcripts: Transcripts, conversations_table: Table, session: Session
) -> None:
    transcripts.append(session, "visitor", "Hello", channel="video", key="turn-1")

    kinds = {item["sk"].split("#")[0] for item in conversations_table.query(session.key)}

    assert kinds == {"said", "turn"}


def test_turns_of_one_instant_keep_the_order_in_which_they_were_appended(
    transcripts: Transcripts, session: Session
) -> None:
    for number in range(12):
        transcripts.append(session, "visitor" if number % 2 else "assistant", f"{number}", channel="text")

    assert [turn.text for turn in transcripts.all(session)] == [f"{number}" for number in range(12)]


def test_two_processes_that_write_in_one_instant_lose_nothing(
    conversations_table: Table, session: Session, clock: Clock
) -> None:
    for text in ("from the one", "from the other"):
        Transcripts(conversations_table, clock).append(session, "visitor", text, channel="text")

    texts = {turn.text for turn in Transcripts(conversations_table, clock).all(session)}

    assert texts == {"from the one", "from the other"}


def test_what_the_visitor_saw_with_a_turn_comes_back_with_it(transcripts: Transcripts, session: Session) -> None:
    answer = Answer(
        text="€49 a month [1].",
        citations=(Citation(number=1, title="Pricing", url="https://acme.example/pricing", chunk_id="c1"),),
        actions=(LeadCard(email="jane@acme.com"),),
    )

    transcripts.append(session, "assistant", answer.text, channel="text", answer=answer)
    transcripts.append(session, "assistant", "", channel="video", answer=answer)

    assert [(turn.text, turn.answer) for turn in transcripts.all(session)] == [(answer.text, answer), ("", answer)]


def test_all_turns_are_read_however_many_there_are(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    for number in range(30):
        transcripts.append(session, "visitor", f"{number}", channel="text")
        clock.advance(1)

    assert [turn.text for turn in transcripts.all(session)] == [f"{number}" for number in range(30)]


def test_nobody_reads_another_conversation(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    transcripts.append(session, "visitor", "my secret", channel="text")

    for other in (Session("s2", "acme", ORIGIN, clock.now), Session("s1", "globex", ORIGIN, clock.now)):
        assert transcripts.recent(other) == transcripts.all(other) == []


def test_a_flood_of_words_is_cut(transcripts: Transcripts, session: Session) -> None:
    transcripts.append(session, "visitor", "x" * 100_000, channel="video")

    assert len(transcripts.recent(session)[0].text) == MAX_TURN_CHARACTERS


def test_what_was_said_is_forgotten_in_time(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    transcripts.append(session, "visitor", "Hello", channel="text")

    clock.advance(RETENTION_SECONDS)

    assert transcripts.recent(session) == []
