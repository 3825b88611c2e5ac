"""Transcripts: what was said, once, in order, and only of this conversation."""

import pytest

from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table
from aisdr.transcript import MAX_TURN_CHARACTERS, Transcripts, Turn
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


def test_nobody_reads_another_conversation(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    transcripts.append(session, "visitor", "my secret", channel="text")

    for other in (Session("s2", "acme", ORIGIN, clock.now), Session("s1", "globex", ORIGIN, clock.now)):
        assert transcripts.recent(other) == []


def test_a_flood_of_words_is_cut(transcripts: Transcripts, session: Session) -> None:
    transcripts.append(session, "visitor", "x" * 100_000, channel="video")

    assert len(transcripts.recent(session)[0].text) == MAX_TURN_CHARACTERS


def test_what_was_said_is_forgotten_in_time(transcripts: Transcripts, session: Session, clock: Clock) -> None:
    transcripts.append(session, "visitor", "Hello", channel="text")

    clock.advance(RETENTION_SECONDS)

    assert transcripts.recent(session) == []
