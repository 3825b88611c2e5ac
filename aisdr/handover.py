"""A handover: a visitor asked for a person, and the company is told whom to call and why."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from aisdr.audit import by_session, decided
from aisdr.company import Company
from aisdr.errors import Conflict
from aisdr.outbox import enqueue
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.wire import Wire, iso_time


class HandoverRequest(Wire):
    """Why a visitor wants a person, and how to reach the visitor if they said so."""

    reason: str = Field(max_length=1000)
    email: str | None = Field(None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$")
    name: str | None = Field(None, max_length=120)
    phone: str | None = Field(None, max_length=40)


class StoredHandover(Wire):
    """A request as the company receives it. `created_at` is epoch seconds."""

    handover_id: str
    session_id: str
    origin: str
    consent_version: str | None
    created_at: float
    request: HandoverRequest

    def as_message(self) -> dict[str, Any]:
        """What a company's webhook is told."""
        return self.model_dump(mode="json", exclude={"created_at"}) | {"createdAt": iso_time(self.created_at)}


class Handovers:
    """The store of requests for a person, kept as long as leads are."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def add(
        self, company: Company, session: Session, request: HandoverRequest, *, key: str | None = None
    ) -> StoredHandover:
        """Stores a request and what the company's webhook is told of it, together or not at all.

        With a `key` a repeated wish of the same conversation stores nothing and returns what the first one returned.
        """
        assert company.company_id == session.company_id
        now = self._clock()
        stored = StoredHandover(
            handover_id=secrets.token_hex(9),
            session_id=session.session_id,
            origin=session.origin,
            consent_version=session.consent_version,
            created_at=now,
            request=request,
        )
        record = stored.model_dump(mode="json")
        effect = f"handover#{hashlib.sha256((key or stored.handover_id).encode()).hexdigest()[:32]}"
        done = Conflict("This request was stored before")
        try:
            with self._table.transaction(done) as writes:
                writes.put(
                    {
                        "pk": session.key,
                        "sk": effect,
                        "handover_id": stored.handover_id,
                        "record": record,
                        "expires_at": session.kept_until(now),
                    },
                    condition="attribute_not_exists(pk)",
                )
                own_key = f"handover#{now:017.6f}#{stored.handover_id}"
                expires_at = int(now + company.retention.lead_seconds)
                writes.put(
                    {"pk": _partition(company.company_id), "sk": own_key, "record": record, "expires_at": expires_at}
                )
                enqueue(writes, company, "handover.requested", stored.as_message(), now)
        except Conflict:
            first = self._table.get(session.key, effect)
            if first is None:
                raise
            stored = StoredHandover.model_validate(first["record"])
            _decided(session, stored, "repeated")
            return stored
        _decided(session, stored, "new")
        return stored

    def of_session(self, session: Session) -> list[str]:
        """Ids of what was asked for in a conversation."""
        return [item["handover_id"] for item in self._table.query(session.key, prefix="handover#")]

    def each(self, scope: TenantScope) -> Iterator[StoredHandover]:
        """All requests of a company, oldest first, read page by page."""
        for item in self._table.pages(_partition(scope.company_id), prefix="handover#"):
            yield StoredHandover.model_validate(item["record"])


def _decided(session: Session, stored: StoredHandover, reason: str) -> None:
    who = by_session(session.session_id)
    decided(
        "handover.store", "allow", company_id=session.company_id, who=who, reason=reason, handover=stored.handover_id
    )


def _partition(company_id: str) -> str:
    return f"{company_id}#handovers"
