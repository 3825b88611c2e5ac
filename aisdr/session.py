"""A visitor's conversation with one company: who may go on with it, and what proves that they are who they were."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aisdr.errors import NotFound, Unauthorized
from aisdr.table import Item, Table, Transaction
from aisdr.tenant import TenantScope
from aisdr.tokens import TICKET_SECONDS, TOKEN_SECONDS, Signer

if TYPE_CHECKING:
    from aisdr.company import Company
    from aisdr.configuration import Mode

SESSION_SECONDS = 3600
"""The absolute end of a conversation, whatever goes on in it: after it nothing that was given out for it answers."""
SHORTEST_CALL_SECONDS = 60
CALL_MARGIN_SECONDS = 30
"""A call is over so long before the conversation is, so that its last words still find it."""
CLOSING_SECONDS = 60
"""How long after its end a conversation is closed: the last words may still be on their way."""
RETENTION_SECONDS = 30 * 24 * 3600
"""How long a conversation's records are kept before they expire, where a company says nothing else."""

_OPEN_GROUP = "conversation"


@dataclass(frozen=True)
class Session:
    """One conversation. Its transcript, tool calls and live calls hang on it."""

    session_id: str
    company_id: str
    origin: str
    started_at: float
    consent_version: str | None = None
    ends_at: float = 0.0
    """Epoch second of the absolute end: no renewal goes beyond it."""
    introduction: str = ""
    """What the website says of its visitor and page, as JSON; `introduction.introduced` reads it."""
    retention_seconds: int = RETENTION_SECONDS
    """How long what is written about this conversation is kept, by the company's `retention` when it began."""

    def kept_until(self, now: float) -> int:
        """Epoch second at which what is written now expires."""
        return int(now + self.retention_seconds)

    @property
    def key(self) -> str:
        return session_key(self.company_id, self.session_id)

    @property
    def scope(self) -> TenantScope:
        return TenantScope.of_session(self.company_id)


def session_key(company_id: str, session_id: str) -> str:
    """Partition key of everything that belongs to one conversation; it begins with its owner."""
    return f"{company_id}#session#{session_id}"


def _session(item: Item) -> Session:
    return Session(
        item["session_id"],
        item["company_id"],
        item["origin"],
        item["started_at"],
        item.get("consent_version"),
        item["ends_at"],
        item.get("introduction", ""),
        item.get("retention_seconds", RETENTION_SECONDS),
    )


@dataclass(frozen=True)
class Tokens:
    """What a visitor's browser holds: a token for the HTTP doors and a ticket for the relay."""

    token: str
    ticket: str
    expires_at: float
    """Epoch seconds at which the token dies."""


@dataclass(frozen=True)
class Entry:
    """What a ticket opens the relay for: a conversation, and the live call that this socket belongs to, if any."""

    session: Session
    mode: "Mode"
    call_id: str | None = None


class Sessions:
    """The store of conversations, and who gives out and takes back what opens them."""

    def __init__(self, table: Table, signing_keys: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._signer = Signer(signing_keys)
        self._clock = clock

    def open(self, company: "Company", origin: str, consent_version: str | None) -> Session:
        """Starts a conversation of this company's website `origin`."""
        session = self.draft(company, origin, consent_version)
        self.save(session)
        return session

    def draft(self, company: "Company", origin: str, consent_version: str | None) -> Session:
        """A conversation that is not stored yet: what it is wanted for may still be refused."""
        now = self._clock()
        identity = secrets.token_hex(16)
        retention = company.retention.conversation_seconds
        return Session(
            identity,
            company.company_id,
            origin,
            now,
            consent_version,
            now + SESSION_SECONDS,
            retention_seconds=retention,
        )

    def save(self, session: Session) -> None:
        """Stores a new conversation; a repeat does not open it again."""
        self._table.put_new(
            {
                "pk": session.key,
                "sk": "session",
                "company_id": session.company_id,
                "session_id": session.session_id,
                "origin": session.origin,
                "started_at": session.started_at,
                "ends_at": session.ends_at,
                "consent_version": session.consent_version,
                "session_state": "open",
                "open_group": _OPEN_GROUP,
                "open_until": int(session.ends_at + CLOSING_SECONDS),
                "retention_seconds": session.retention_seconds,
                "expires_at": session.kept_until(session.started_at),
            }
        )

    def seconds_for_a_call(self, session: Session) -> int:
        """How long a call that begins now may last at most; below `SHORTEST_CALL_SECONDS` none is worth beginning."""
        return max(0, int(session.ends_at - self._clock()) - CALL_MARGIN_SECONDS)

    def consent(self, session: Session, version: str) -> None:
        """Records which text the visitor agreed to, and when."""
        self._table.update(
            session.key,
            "session",
            "SET consent_version = :version, consented_at = :now",
            values={":version": version, ":now": self._clock()},
            condition="attribute_exists(pk)",
        )

    def introduce(self, session: Session, introduction: str) -> None:
        """Keeps what the website says, in the place of what it said before."""
        self._table.update(
            session.key,
            "session",
            "SET introduction = :introduction",
            values={":introduction": introduction},
            condition="attribute_exists(pk)",
        )

    def issue(self, session: Session, mode: "Mode" = "text", call_id: str | None = None) -> Tokens:
        """Signs a fresh token and a fresh ticket; neither outlives the session's absolute end.

        The ticket alone knows mode and call: the relay believes no browser about them.
        """
        now = self._clock()
        whose = {"sub": session.session_id, "cid": session.company_id, "org": session.origin}
        call = {"call": call_id} if call_id else {}
        expires_at = min(now + TOKEN_SECONDS, session.ends_at)
        ticket_ends = min(now + TICKET_SECONDS, session.ends_at)
        return Tokens(
            token=self._signer.sign("api", whose, now, expires_at),
            ticket=self._signer.sign("ws", whose | {"mode": mode} | call, now, ticket_ends),
            expires_at=expires_at,
        )

    def authenticate(self, token: str, origin: str | None) -> Session:
        """The open session a token speaks for.

        Raises:
            Unauthorized: the token is forged, expired, for another audience or another website, or its session ended.
        """
        return self._open_session(self._signer.verify(token, "api", self._clock()), origin)

    def believed(self, token: str, origin: str | None) -> Session:
        """What a token says by itself, while nobody can look the session up: enough for text, and never for money.

        A session that was ended meanwhile is believed as well, for the ten minutes that a token lives at most.

        Raises:
            Unauthorized: the token is forged, expired, for another audience or another website.
        """
        claims = self._signer.verify(token, "api", self._clock())
        _check_website(claims, origin)
        return Session(claims["sub"], claims["cid"], claims["org"], claims["iat"], ends_at=claims["exp"])

    def redeem(self, ticket: str, origin: str | None) -> Entry:
        """Uses a ticket up: the conditional write lets exactly one caller through, however many ask at once.

        Raises:
            Unauthorized: as `authenticate`, or the ticket was used before.
        """
        claims = self._signer.verify(ticket, "ws", self._clock())
        session = self._open_session(claims, origin)
        # Keyed by the ticket's own id, never by its text: several spellings of one token verify alike.
        first = self._table.put_new(
            {
                "pk": session.key,
                "sk": f"ticket#{claims['jti']}",
                "expires_at": int(self._clock() + 2 * TICKET_SECONDS),
            }
        )
        if not first:
            raise Unauthorized("The ticket was used before; ask POST /api/session/{id}/renew for a new one")
        return Entry(session, claims["mode"], claims.get("call"))

    def get(self, company_id: str, session_id: str) -> Session:
        """Raises: NotFound."""
        item = self._table.get(session_key(company_id, session_id), "session")
        if (
            item is None
            or item["session_state"] != "open"
            or item["ends_at"] <= self._clock()  # also for a socket that outlived every token
        ):
            raise NotFound(f"Session '{session_id[:40]}' does not exist or has ended", code="session_not_found")
        return _session(item)

    def kept(self, company_id: str, session_id: str) -> Session | None:
        """The conversation as long as its records are kept, over or not; None when they expired or were erased."""
        item = self._table.get(session_key(company_id, session_id), "session")
        return _session(item) if item else None

    def end(self, session: Session) -> None:
        """Revokes every token of the session at once. Safe to repeat."""
        now = self._clock()
        self._table.update(
            session.key,
            "session",
            "SET session_state = :ended, ended_at = :now, open_until = :until",
            values={":ended": "ended", ":now": now, ":until": int(now + CLOSING_SECONDS), ":open": "open"},
            condition="session_state = :open",
        )

    def over(self) -> Iterator[tuple[Session, float | None]]:
        """Conversations that nobody has closed yet, with when they were ended if they were. For the reconciler."""
        for item in self._table.query_open(_OPEN_GROUP, until=self._clock()):
            yield _session(item), item.get("ended_at")

    def close(self, session: Session, writes: Transaction) -> None:
        """Adds to a transaction that the conversation is closed: the one that commits is the only one."""
        writes.update(
            session.key,
            "session",
            "SET session_state = :ended, closed_at = :now REMOVE open_group, open_until",
            condition="open_group = :group AND open_until <= :now",
            values={":ended": "ended", ":group": _OPEN_GROUP, ":now": self._clock()},
        )

    def capability(self, operation_id: str, company_id: str) -> str:
        """An unguessable path for a vendor's unsigned webhook, made for one operation."""
        return self._signer.capability(operation_id, company_id)

    def read_capability(self, capability: str) -> tuple[str, str]:
        """Returns (company_id, operation_id). Raises: NotFound, for anything that we did not make."""
        return self._signer.read_capability(capability)

    def _open_session(self, claims: Mapping[str, Any], origin: str | None) -> Session:
        _check_website(claims, origin)
        try:
            session = self.get(claims["cid"], claims["sub"])
        except NotFound:
            raise Unauthorized("The session has ended; open a new one with POST /api/session") from None
        _check_website(claims, session.origin)
        return session


def _check_website(claims: Mapping[str, Any], origin: str | None) -> None:
    """A request that names no website comes from a program, or from our own pages, which ask without one.

    Raises:
        Unauthorized: it names another one than the token's, in whatever spelling.
    """
    if origin is not None and origin != claims["org"]:
        raise Unauthorized("The session token belongs to another website")
