"""What a visitor agreed to before a microphone, a camera or a vendor was touched: the evidence, kept by itself.

It stands beside the conversation and not in it, so that it outlives what was said: a company must be able to show that
it was allowed to, also when the visitor has had the conversation erased. It names no person: a conversation's id, the
website, the mode, the version of the text, and the text itself, once for all who agreed to the same.
"""

import hashlib
import time
from collections.abc import Callable, Iterator

from aisdr.audit import by_session, decided
from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

_GIVEN, _TEXT = "consent#", "text#"


class ConsentRecord(Wire):
    """One consent. `given_at` is epoch seconds; `digest` names the text that was shown."""

    session_id: str
    origin: str
    mode: Mode
    version: str
    digest: str
    given_at: float


class Consents:
    """The store of consents: partition `{company}#consents`, a row for each conversation, mode and version."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def record(self, company: Company, session: Session, mode: Mode) -> None:
        """Keeps what the visitor agrees to now, before anything is bought. The first one counts; safe to repeat."""
        text, now = company.consent, self._clock()
        digest = hashlib.sha256(text.model_dump_json().encode()).hexdigest()[:32]
        expires_at = int(now + company.retention.consent_seconds)
        given = ConsentRecord(
            session_id=session.session_id,
            origin=session.origin,
            mode=mode,
            version=text.version,
            digest=digest,
            given_at=now,
        )
        partition = _partition(company.company_id)
        # The text first: a consent without its text would prove nothing.
        shown = {"text": text.text, "privacy_url": text.privacy_url, "version": text.version}
        self._table.put({"pk": partition, "sk": f"{_TEXT}{digest}", "expires_at": expires_at} | shown)
        key = f"{_GIVEN}{session.session_id}#{mode}#{digest}"
        row = {"pk": partition, "sk": key, "record": given.model_dump(mode="json"), "expires_at": expires_at}
        if self._table.put_new(row):
            who = by_session(session.session_id)
            decided("consent.record", "allow", company_id=company.company_id, who=who, mode=mode, version=text.version)

    def of(self, session: Session) -> list[ConsentRecord]:
        """What was agreed to in one conversation."""
        rows = self._table.query(_partition(session.company_id), prefix=f"{_GIVEN}{session.session_id}#")
        return [ConsentRecord.model_validate(row["record"]) for row in rows]

    def text(self, scope: TenantScope, digest: str) -> str | None:
        """The words that were shown."""
        row = self._table.get(_partition(scope.company_id), f"{_TEXT}{digest}")
        return str(row["text"]) if row else None

    def each(self, scope: TenantScope) -> Iterator[ConsentRecord]:
        """All consents that a company still keeps. Operators only."""
        for row in self._table.pages(_partition(scope.company_id), prefix=_GIVEN):
            yield ConsentRecord.model_validate(row["record"])


def _partition(company_id: str) -> str:
    return f"{company_id}#consents"
