"""What is signed: it says what it must and no more, by the time that our own clock tells, and nobody guesses it."""

from typing import TYPE_CHECKING, Any

import jwt
import pytest

from aisdr.errors import NotConfigured, Unauthorized
from aisdr.limits import Retention
from aisdr.session import CALL_MARGIN_SECONDS, CLOSING_SECONDS, SESSION_SECONDS, Session, Sessions
from aisdr.table import Table
from aisdr.tokens import MOST_CHARACTERS, TICKET_SECONDS, TOKEN_SECONDS
from tests.conftest import CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def sessions(conversations_table: Table, clock: Clock) -> Sessions:
    return Sessions(conversations_table, KEYS, clock)


@pytest.fixture
def session(sessions: Sessions) -> Session:
    return sessions.open(a_company(), ORIGIN, "1")


def told(token: str) -> dict[str, Any]:
    """What it says, with its own name apart: sixteen characters that nobody guesses."""
    says: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    assert len(says.pop("jti")) == 16
    return says


def test_a_token_says_whose_it_is_and_how_long_and_nothing_else(
    sessions: Sessions, session: Session, clock: Clock
) -> None:
    tokens = sessions.issue(session, "video", "c1")
    whose = {"iss": "aisdr", "sub": session.session_id, "cid": "acme", "org": ORIGIN, "iat": clock.now}

    assert told(tokens.token) == whose | {"aud": "api", "exp": clock.now + TOKEN_SECONDS}
    assert told(tokens.ticket) == whose | {
        "aud": "ws",
        "exp": clock.now + TICKET_SECONDS,
        "mode": "video",
        "call": "c1",
    }
    assert jwt.get_unverified_header(tokens.token) == {"alg": "HS256", "kid": "k2", "typ": "sdr+session"}
    assert jwt.get_unverified_header(tokens.ticket) == {"alg": "HS256", "kid": "k2", "typ": "sdr+ticket"}


def test_a_ticket_without_a_call_names_none(sessions: Sessions, session: Session) -> None:
    says = told(sessions.issue(session).ticket)

    assert (says["mode"], "call" in says) == ("text", False)


def test_a_ticket_ends_with_its_session(sessions: Sessions, session: Session, clock: Clock) -> None:
    clock.advance(SESSION_SECONDS - 20)

    assert told(sessions.issue(session).ticket)["exp"] == session.ends_at == clock.now + 20


@pytest.mark.parametrize("now", [10**9, 2**32], ids=["long ago", "in the next century"])
def test_time_is_what_our_own_clock_says(conversations_table: Table, now: float) -> None:
    """One clock rules tokens, ledger and tables, whatever the library would look at."""
    clock = Clock(float(now))
    sessions = Sessions(Table(conversations_table.client, CONVERSATIONS, clock), KEYS, clock)
    session = sessions.open(a_company(), ORIGIN, "1")
    tokens = sessions.issue(session)

    assert sessions.authenticate(tokens.token, ORIGIN) == session
    assert sessions.redeem(tokens.ticket, ORIGIN).session == session

    clock.advance(TOKEN_SECONDS)
    with pytest.raises(Unauthorized):
        sessions.authenticate(tokens.token, ORIGIN)


@pytest.mark.parametrize("characters", [MOST_CHARACTERS - 1, MOST_CHARACTERS])
def test_a_token_that_is_as_long_as_it_may_be_is_read(sessions: Sessions, session: Session, characters: int) -> None:
    says = jwt.decode(sessions.issue(session).token, options={"verify_signature": False})
    made = (
        jwt.encode(says | {"more": "x" * each}, KEYS["k2"], headers={"kid": "k2", "typ": "sdr+session", "x": extra})
        for each in range(800, 1300)
        for extra in ("", "-")
    )
    token = next(each for each in made if len(each) == characters)

    assert sessions.authenticate(token, ORIGIN) == session


def test_a_used_ticket_is_remembered_for_as_long_as_it_could_be_used_and_not_for_ever(
    sessions: Sessions, session: Session, clock: Clock, aws: "DynamoDBClient"
) -> None:
    sessions.redeem(sessions.issue(session).ticket, ORIGIN)

    (used,) = [each for each in items(aws, CONVERSATIONS) if each["sk"]["S"].startswith("ticket#")]
    assert used["pk"]["S"] == session.key
    assert TICKET_SECONDS < int(used["expires_at"]["N"]) - clock.now <= 2 * TICKET_SECONDS


def test_a_secret_of_thirty_two_bytes_is_long_enough_and_each_must_be(conversations_table: Table) -> None:
    short, enough = "ü" * 15 + "x", "ü" * 16

    assert Sessions(conversations_table, {"k1": enough, "k2": enough}).capability("operation", "acme")
    for keys in ({"k1": short, "k2": enough}, {"k1": enough, "k2": short}):
        with pytest.raises(NotConfigured):
            Sessions(conversations_table, keys)


def test_a_conversation_that_begins_has_a_name_that_nobody_guesses(sessions: Sessions, clock: Clock) -> None:
    company = a_company(retention=Retention(conversation_days=3))

    first, second = (sessions.draft(company, ORIGIN, each) for each in ("1", None))

    assert len(bytes.fromhex(first.session_id)) == len(bytes.fromhex(second.session_id)) == 16
    assert first.session_id != second.session_id
    assert (first.company_id, first.origin, first.started_at) == ("acme", ORIGIN, clock.now)
    assert (first.consent_version, second.consent_version) == ("1", None)
    assert first.ends_at == clock.now + SESSION_SECONDS
    assert first.kept_until(clock.now) == clock.now + 3 * 24 * 3600


def test_a_session_that_is_ended_says_when_and_waits_for_its_last_words(
    sessions: Sessions, session: Session, clock: Clock
) -> None:
    clock.advance(100)
    ended = clock.now
    sessions.end(session)
    clock.advance(CLOSING_SECONDS - 1)
    sessions.end(session)
    assert list(sessions.over()) == []

    clock.advance(1)

    assert list(sessions.over()) == [(session, ended)]


def test_a_call_is_over_before_its_conversation_is(sessions: Sessions, session: Session, clock: Clock) -> None:
    assert sessions.seconds_for_a_call(session) == SESSION_SECONDS - CALL_MARGIN_SECONDS

    clock.advance(SESSION_SECONDS - CALL_MARGIN_SECONDS - 2)
    assert sessions.seconds_for_a_call(session) == 2
    clock.advance(2)
    assert sessions.seconds_for_a_call(session) == 0
    clock.advance(1)
    assert sessions.seconds_for_a_call(session) == 0


def test_a_capability_cannot_be_guessed(sessions: Sessions) -> None:
    """And none tells of another: not of the same operation elsewhere, not of another one here."""
    made = [sessions.capability(*each) for each in (("one", "acme"), ("two", "acme"), ("one", "globex"))]
    digests = {each.rpartition(".")[2] for each in made}

    assert len(digests) == 3
    assert {len(bytes.fromhex(each)) for each in digests} == {32}
