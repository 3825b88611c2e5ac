"""A lead: a visitor who left contact data, with the consent text that was shown."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import Field

from aisdr.audit import by_session, decided, refusals
from aisdr.company import Company
from aisdr.errors import Conflict, StoreBusy
from aisdr.outbox import enqueue
from aisdr.session import Session
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope
from aisdr.wire import Wire, iso_time

_ATTEMPTS = 8
"""How often we look again when somebody else stored the same address between our look and our write."""


class Lead(Wire):
    """What a visitor told us about themselves. `email` is the one thing that makes a lead."""

    email: str = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$")
    name: str | None = Field(None, max_length=120)
    company: str | None = Field(None, max_length=120)
    phone: str | None = Field(None, max_length=40)
    message: str | None = Field(None, max_length=2000)
    qualification: str | None = Field(None, max_length=2000)
    """What the visitor said about the company's `qualification.criteria`."""

    def completed_by(self, newer: "Lead") -> "Lead":
        """What is known stays and gaps are filled: whoever types an address cannot rewrite its owner's data.

        What was said last counts for the message and the qualification.
        """
        told = newer.model_dump(exclude_none=True)
        known = self.model_dump(exclude_none=True)
        said = {name: told[name] for name in ("message", "qualification") if name in told}
        return Lead(**told | known | said)


class Agreement(Wire):
    """What stood beside the values when the visitor confirmed them: the proof of a consent by hand."""

    text: str
    privacy_url: str | None = None


class StoredLead(Wire):
    """A lead as the company receives it; the conversation and the consent are those it was last given in.

    Times are epoch seconds.
    """

    lead_id: str
    session_id: str
    origin: str
    consent_version: str | None
    """Of the consent to a live call, where there was one."""
    agreed_to: Agreement | None = None
    agreed_at: float | None = None
    created_at: float
    updated_at: float | None = None
    lead: Lead

    def as_message(self) -> dict[str, Any]:
        """What a company's webhook is told."""
        return self.model_dump(mode="json", exclude={"created_at", "updated_at", "agreed_at"}) | {
            "agreedAt": iso_time(self.agreed_at) if self.agreed_at is not None else None,
            "createdAt": iso_time(self.created_at),
            "updatedAt": iso_time(self.updated_at) if self.updated_at is not None else None,
        }


class Leads:
    """The store of leads. They expire `retention.leadDays` after they were last completed, or when they are erased.

    A company's leads and the pointers from their addresses share the partition `{company}#leads`; a conversation's
    partition remembers which leads it made for as long as the conversation is kept.
    """

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def add(
        self,
        company: Company,
        session: Session,
        lead: Lead,
        *,
        key: str | None = None,
        agreed_to: Agreement | None = None,
    ) -> StoredLead:
        """Stores a lead and what the company's webhook is told of it, together or not at all.

        One address makes one lead in a company, whatever its capitals: a repeat completes it. With a `key` a repeated
        wish of the same conversation changes nothing and returns what the first one returned.

        Raises:
            StoreBusy: perhaps it was stored; with a `key` it is not stored a second time.
        """
        assert company.company_id == session.company_id
        who = by_session(session.session_id)
        with refusals("lead.store", company_id=company.company_id, who=who):
            stored, repeated = self._added(company, session, lead, key, agreed_to)
        reason = "repeated" if repeated else "new" if stored.updated_at is None else "completed"
        decided("lead.store", "allow", company_id=company.company_id, who=who, reason=reason, lead=stored.lead_id)
        return stored

    def _added(
        self, company: Company, session: Session, lead: Lead, key: str | None, agreed_to: Agreement | None
    ) -> tuple[StoredLead, bool]:
        """The lead, and whether this very wish was served before."""
        for _ in range(_ATTEMPTS):
            done = self._table.get(session.key, _effect(key)) if key is not None else None
            if done is not None:
                return StoredLead.model_validate(done["record"]), True
            try:
                return self._add(company, session, lead, key, agreed_to), False
            except Conflict:
                continue  # somebody was quicker; what they stored is there to be read now
        raise StoreBusy("This address is being stored by others just now; try again in a second")

    def of_session(self, session: Session) -> list[str]:
        """Ids of the leads that a conversation made or completed."""
        found = self._table.query(session.key, prefix="lead#")
        return [*dict.fromkeys(item["lead_id"] for item in found)]

    def each(self, scope: TenantScope) -> Iterator[StoredLead]:
        """All leads of a company, oldest first, read page by page."""
        for item in self._table.pages(_partition(scope.company_id), prefix="lead#"):
            yield StoredLead.model_validate(item["record"])

    def list(self, scope: TenantScope) -> list[StoredLead]:
        """All leads of a company, oldest first."""
        return [*self.each(scope)]

    def _add(
        self, company: Company, session: Session, lead: Lead, key: str | None, agreed_to: Agreement | None
    ) -> StoredLead:
        partition = _partition(company.company_id)
        address = f"email#{_digest(lead.email.lower())}"
        pointer = self._table.get(partition, address)
        known = self._table.get(partition, pointer["lead_key"]) if pointer else None
        now = self._clock()
        before = StoredLead.model_validate(known["record"]) if known else None
        stored = _updated(before, session, lead, agreed_to, now) if before else _new(session, lead, agreed_to, now)
        expires_at = int(now + company.retention.lead_seconds)
        with self._table.transaction(Conflict("stored by somebody else")) as writes:
            if pointer is None or known is None:
                lead_key = f"lead#{now:017.6f}#{stored.lead_id}"
                writes.put(_item(partition, lead_key, stored, 1, expires_at), condition="attribute_not_exists(pk)")
                writes.put(
                    {"pk": partition, "sk": address, "lead_key": lead_key, "expires_at": expires_at},
                    # A pointer whose lead was erased may be taken over.
                    condition="attribute_not_exists(pk) OR lead_key = :erased",
                    values={":erased": pointer["lead_key"] if pointer else ""},
                )
                enqueue(writes, company, "lead.created", stored.as_message(), now)
            elif stored != before:
                writes.put(
                    _item(partition, pointer["lead_key"], stored, known["version"] + 1, expires_at),
                    condition="version = :seen",
                    values={":seen": known["version"]},
                )
                writes.put({"pk": partition, "sk": address, "lead_key": pointer["lead_key"], "expires_at": expires_at})
                enqueue(writes, company, "lead.updated", stored.as_message(), now)
            effect: Item = {
                "pk": session.key,
                "sk": f"lead#{stored.lead_id}" if key is None else _effect(key),
                "lead_id": stored.lead_id,
                "record": stored.model_dump(mode="json"),
                "expires_at": session.kept_until(now),
            }
            writes.put(effect, condition=None if key is None else "attribute_not_exists(pk)")
        return stored


def _partition(company_id: str) -> str:
    return f"{company_id}#leads"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _effect(key: str) -> str:
    return f"lead#{_digest(key)}"


def _item(partition: str, lead_key: str, stored: StoredLead, version: int, expires_at: int) -> Item:
    record = stored.model_dump(mode="json")
    return {"pk": partition, "sk": lead_key, "version": version, "record": record, "expires_at": expires_at}


def _new(session: Session, lead: Lead, agreed_to: Agreement | None, now: float) -> StoredLead:
    return StoredLead(
        lead_id=secrets.token_hex(9),  # hex: a spreadsheet takes what begins with "-" for a formula
        session_id=session.session_id,
        origin=session.origin,
        consent_version=session.consent_version,
        agreed_to=agreed_to,
        agreed_at=now if agreed_to else None,
        created_at=now,
        lead=lead,
    )


def _updated(before: StoredLead, session: Session, lead: Lead, agreed_to: Agreement | None, now: float) -> StoredLead:
    """The lead after a repeat; the same object when nothing is new."""
    after = before.model_copy(
        update={
            "session_id": session.session_id,
            "origin": session.origin,
            "consent_version": session.consent_version or before.consent_version,
            "agreed_to": agreed_to or before.agreed_to,
            "lead": before.lead.completed_by(lead),
        }
    )
    if after == before:
        return before
    return after.model_copy(update={"updated_at": now, "agreed_at": now if agreed_to else before.agreed_at})
