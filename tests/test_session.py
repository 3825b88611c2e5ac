"""Sessions: a token opens only what it was made for, and a ticket opens the relay once."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import jwt
import pytest

from aisdr.errors import NotFound, Unauthorized
from aisdr.session import Entry, Session, Sessions
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_company
from tests.origins import FOREIGN_ORIGINS
from tests.sessions import session, sessions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["session", "sessions"]


def test_a_token_speaks_for_its_session(sessions: Sessions, session: Session) -> None:
    token = sessions.issue(session).token

    assert sessions.authenticate(token, ORIGIN) == session


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_token_is_refused_on_another_website(sessions: Sessions, session: Session, origin: str) -> None:
    tokens = sessions.issue(session)

    with pytest.raises(Unauthorized):
        sessions.authenticate(tokens.token, origin)
    with pytest.raises(Unauthorized):
        sessions.redeem(tokens.ticket, origin)


def test_a_token_is_no_ticket_and_a_ticket_is_no_token(sessions: Sessions, session: Session) -> None:
    tokens = sessions.issue(session)

    with pytest.raises(Unauthorized):
        sessions.authenticate(tokens.ticket, ORIGIN)
    with pytest.raises(Unauthorized):
        sessions.redeem(tokens.token, ORIGIN)


def test_a_ticket_opens_once(sessions: Sessions, session: Session) -> None:
    ticket = sessions.issue(session).ticket

    assert sessions.redeem(ticket, ORIGIN) == Entry(session, "text")
    with pytest.raises(Unauthorized, match="used before"):
        sessions.redeem(ticket, ORIGIN)


def test_a_ticket_in_another_spelling_is_still_the_same_ticket(sessions: Sessions, session: Session) -> None:
    """The last character of a Base64 text has bits that no decoder reads, so one signature has several spellings."""
    ticket = sessions.issue(session).ticket
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = ticket[:-1] + alphabet[alphabet.index(ticket[-1]) ^ 1]
    sessions.redeem(ticket, ORIGIN)

    with pytest.raises(Unauthorized):
        sessions.redeem(other, ORIGIN)


def test_of_twenty_who_use_one_ticket_at_once_one_gets_in(
    one_at_a_time: "DynamoDBClient", clock: Clock, session: Session
) -> None:
    sessions = Sessions(Table(one_at_a_time, CONVERSATIONS, clock), KEYS, clock)
    ticket = sessions.issue(session).ticket

    def redeem(_: int) -> bool:
        try:
            sessions.redeem(ticket, ORIGIN)
        except Unauthorized:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        opened = list(threads.map(redeem, range(20)))

    assert opened.count(True) == 1


def test_two_tickets_of_one_session_are_two(sessions: Sessions, session: Session) -> None:
    first, second = sessions.issue(session).ticket, sessions.issue(session).ticket

    assert sessions.redeem(first, ORIGIN) == sessions.redeem(second, ORIGIN) == Entry(session, "text")


def test_consent_is_kept_with_its_version(sessions: Sessions) -> None:
    session = sessions.open(a_company(), ORIGIN, None)

    sessions.consent(session, "2026-11")

    assert sessions.get("acme", session.session_id).consent_version == "2026-11"


def test_another_companys_session_looks_like_an_absent_one(sessions: Sessions, session: Session) -> None:
    with pytest.raises(NotFound) as foreign:
        sessions.get("globex", session.session_id)
    with pytest.raises(NotFound) as absent:
        sessions.get("acme", "x" * len(session.session_id))

    assert foreign.value.message == f"Session '{session.session_id}' does not exist or has ended"
    assert absent.value.message == f"Session '{'x' * len(session.session_id)}' does not exist or has ended"


def test_a_capability_names_its_operation(sessions: Sessions) -> None:
    assert sessions.read_capability(sessions.capability("operation", "acme")) == ("acme", "operation")


def test_only_the_ticket_knows_which_call_a_socket_belongs_to(sessions: Sessions, session: Session) -> None:
    tokens = sessions.issue(session, "voice", "rtc_1")

    assert sessions.redeem(tokens.ticket, ORIGIN) == Entry(session, "voice", "rtc_1")
    told = jwt.decode(tokens.token, options={"verify_signature": False})
    assert "rtc_1" not in told.values()
