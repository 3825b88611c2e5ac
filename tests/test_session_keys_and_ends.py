"""How long a session, its tokens and its keys are good."""

from typing import TYPE_CHECKING

import pytest

from aisdr.errors import NotConfigured, NotFound, Unauthorized
from aisdr.session import SESSION_SECONDS, Session, Sessions
from aisdr.table import Table
from aisdr.tokens import TICKET_SECONDS, TOKEN_SECONDS
from tests.conftest import CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock
from tests.sessions import session, sessions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["session", "sessions"]


def test_a_token_dies_when_it_says_so(sessions: Sessions, session: Session, clock: Clock) -> None:
    tokens = sessions.issue(session)
    assert tokens.expires_at == clock.now + TOKEN_SECONDS

    clock.advance(TOKEN_SECONDS - 1)
    sessions.authenticate(tokens.token, ORIGIN)
    clock.advance(1)

    with pytest.raises(Unauthorized):
        sessions.authenticate(tokens.token, ORIGIN)


def test_a_ticket_dies_within_a_minute(sessions: Sessions, session: Session, clock: Clock) -> None:
    ticket = sessions.issue(session).ticket

    clock.advance(TICKET_SECONDS)

    with pytest.raises(Unauthorized):
        sessions.redeem(ticket, ORIGIN)


def test_no_renewal_goes_beyond_the_sessions_end(sessions: Sessions, session: Session, clock: Clock) -> None:
    clock.advance(SESSION_SECONDS - 20)

    tokens = sessions.issue(session)
    clock.advance(20)

    assert tokens.expires_at == session.started_at + SESSION_SECONDS
    for use, text in ((sessions.authenticate, tokens.token), (sessions.redeem, tokens.ticket)):
        with pytest.raises(Unauthorized):
            use(text, ORIGIN)


def test_nothing_answers_after_the_sessions_end(sessions: Sessions, session: Session, clock: Clock) -> None:
    clock.advance(SESSION_SECONDS)

    with pytest.raises(NotFound):
        sessions.get(session.company_id, session.session_id)


def test_an_ended_session_revokes_every_token_at_once(sessions: Sessions, session: Session) -> None:
    tokens = sessions.issue(session)

    sessions.end(session)
    sessions.end(session)

    with pytest.raises(Unauthorized, match="has ended"):
        sessions.authenticate(tokens.token, ORIGIN)
    with pytest.raises(Unauthorized, match="has ended"):
        sessions.redeem(tokens.ticket, ORIGIN)


def test_ending_a_session_that_never_was_stores_nothing(
    sessions: Sessions, clock: Clock, aws: "DynamoDBClient"
) -> None:
    sessions.end(Session("never", "acme", ORIGIN, clock.now))

    assert aws.scan(TableName=CONVERSATIONS)["Count"] == 0


@pytest.mark.cell("F-SM-03")
def test_an_older_key_still_verifies_after_a_rotation(
    sessions: Sessions, session: Session, conversations_table: Table, clock: Clock
) -> None:
    token, capability = sessions.issue(session).token, sessions.capability("operation", "acme")

    rotated = Sessions(conversations_table, {"k3": "the key of tomorrow, 32 bytes or more"} | KEYS, clock)

    assert rotated.authenticate(token, ORIGIN) == session
    assert rotated.read_capability(capability) == ("acme", "operation")


def test_a_withdrawn_key_verifies_nothing(
    sessions: Sessions, session: Session, conversations_table: Table, clock: Clock
) -> None:
    token, capability = sessions.issue(session).token, sessions.capability("operation", "acme")

    withdrawn = Sessions(conversations_table, {"k1": KEYS["k1"]}, clock)

    with pytest.raises(Unauthorized):
        withdrawn.authenticate(token, ORIGIN)
    with pytest.raises(NotFound):
        withdrawn.read_capability(capability)


def test_a_short_secret_is_refused_and_not_shown(conversations_table: Table) -> None:
    with pytest.raises(NotConfigured) as caught:
        Sessions(conversations_table, {"k1": "too short"})

    assert "too short" not in caught.value.message


def test_without_a_key_nothing_is_signed(conversations_table: Table, session: Session) -> None:
    with pytest.raises(NotConfigured, match="AISDR_SIGNING_KEYS is not set"):
        Sessions(conversations_table, {}).issue(session)
