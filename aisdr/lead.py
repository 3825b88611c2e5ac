"""A lead: a visitor who left contact data, with the consent text that was shown."""

import secrets
import time
from collections.abc import Callable

from pydantic import Field

from aisdr.company import TenantScope
from aisdr.session import Session
from aisdr.table import Table
from aisdr.wire import Wire


class Lead(Wire):
    """What a visitor told us about themselves. `email` is the one thing that makes a lead."""

    email: str = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$")
    name: str | None = Field(None, max_length=120)
    company: str | None = Field(None, max_length=120)
    phone: str | None = Field(None, max_length=40)
    message: str | None = Field(None, max_length=2000)


class StoredLead(Wire):
    """A lead as the company receives it. `created_at` is epoch seconds."""

    lead_id: str
    session_id: str
    origin: str
    consent_version: str | None
    created_at: float
    lead: Lead


class Leads:
    """The store of leads. They do not expire: they belong to the company until it erases them."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def add(self, session: Session, lead: Lead) -> StoredLead:
        stored = StoredLead(
            lead_id=secrets.token_urlsafe(9),
            session_id=session.session_id,
            origin=session.origin,
            consent_version=session.consent_version,
            created_at=self._clock(),
            lead=lead,
        )
        item = {"pk": f"{session.company_id}#leads", "sk": f"lead#{stored.created_at:017.6f}#{stored.lead_id}"}
        self._table.put(item | {"record": stored.model_dump(mode="json")})
        return stored

    def list(self, scope: TenantScope) -> list[StoredLead]:
        """All leads of a company, oldest first."""
        items = self._table.query(f"{scope.company_id}#leads", prefix="lead#")
        return [StoredLead.model_validate(item["record"]) for item in items]
