"""Erases a person at one company, for an operator whom that person has asked: every conversation, lead and message.

The consents that were given and the money that was spent stay: neither says any more who it was.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aisdr.audit import OPERATOR, decided
from aisdr.company import Company
from aisdr.erased import Erased
from aisdr.erasure import Erasure
from aisdr.errors import NotFound
from aisdr.session import Session, Sessions, session_key
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope

_KEPT = (
    "consents: evidence that names a conversation and no person",
    "money: what calls and models cost, without the conversation's name",
)


@dataclass(frozen=True)
class _Traces:
    """Where a person was found: ids of conversations, and keys of rows beside them."""

    sessions: frozenset[str]
    rows: tuple[Item, ...]
    """Leads, pointers to them, and wishes for a person."""
    words: frozenset[str]
    """What a message about the person would hold: addresses and ids."""


class Forgetting:
    """Finds a person by e-mail address or by the id of a conversation, lead or handover, and erases them."""

    def __init__(
        self,
        table: Table,
        sessions: Sessions,
        erasure: Erasure,
        empty: Callable[[str, bool], int],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`empty` takes what begins so out of the media bucket, or in a dry run counts it."""
        self._table = table
        self._sessions = sessions
        self._erasure = erasure
        self._empty = empty
        self._pause = pause

    def erase(self, company: Company, person: str, *, dry_run: bool = False) -> Erased:
        """Safe to repeat: whoever was erased is found no more, and what is left over is.

        Args:
            person: an e-mail address in any capitals, or an id.
        """
        scope = company.operator_scope
        erased = Erased(company.company_id, dry_run)
        traces = self._traces(scope, person)
        messages = [row for row in self._messages(scope) if _holds(row, traces.words)]
        # Conversations first: they are where a row that comes late would lead to.
        for session_id in sorted(traces.sessions):
            self._conversation(erased, scope, session_id)
        for row in (*traces.rows, *messages):
            erased.count(str(row["sk"]).partition("#")[0])
            if not dry_run:
                self._table.delete(row["pk"], row["sk"])
        if traces.sessions:
            # An answer that was read aloud may name the visitor, and only its digest tells which.
            erased.count("recordings", self._empty(f"speech/{scope.company_id}/", dry_run))
        erased.kept += _KEPT
        if not dry_run:
            found = len(traces.sessions) + len(traces.rows)
            reason = "visitor_with_rest" if erased.left else "visitor"
            decided("erase", "done", company_id=scope.company_id, who=OPERATOR, reason=reason, found=found)
        return erased

    def _conversation(self, erased: Erased, scope: TenantScope, session_id: str) -> None:
        key = session_key(scope.company_id, session_id)
        erased.count("conversations")
        erased.count("rows of conversations", sum(1 for _ in self._table.stored_in(key)))
        if erased.dry_run:
            return
        session = self._sessions.kept(scope.company_id, session_id) or _expired(scope, session_id)
        self._erasure.erase(session, who=OPERATOR)
        erased.unless_done(
            f"the vendor's copy of conversation {session_id}",
            lambda: self._erasure.finish(scope.company_id, session_id, who=OPERATOR),
            self._pause,
            then=": the reconciler goes on asking",
        )

    def _traces(self, scope: TenantScope, person: str) -> _Traces:
        wanted = {person.lower()}
        rows: dict[tuple[str, str], Item] = {}
        sessions: set[str] = set()
        # A lead named by its id has an address, and the address leads to more: at most three rounds find all of it.
        for _ in range(3):
            before = len(wanted) + len(rows) + len(sessions)
            for row in self._beside(scope):
                if _holds(row, wanted):
                    rows[row["pk"], row["sk"]] = row
                    wanted |= set(_names(row))
                    sessions |= {str(row["record"]["sessionId"])}
            for session_id, row in self._within(scope):
                if session_id in wanted or _holds(row, wanted):
                    sessions.add(session_id)
            wanted |= sessions
            if len(wanted) + len(rows) + len(sessions) == before:
                break
        partition = f"{scope.company_id}#leads"
        keys = {str(row["sk"]) for row in rows.values()}
        pointers = [row for row in self._table.stored_in(partition) if row.get("lead_key") in keys]
        return _Traces(frozenset(sessions), (*rows.values(), *pointers), frozenset(wanted))

    def _beside(self, scope: TenantScope) -> Iterable[Item]:
        for partition in ("leads", "handovers"):
            for row in self._table.stored_in(f"{scope.company_id}#{partition}"):
                if "record" in row:
                    yield row

    def _within(self, scope: TenantScope) -> Iterable[tuple[str, Item]]:
        prefix = session_key(scope.company_id, "")
        for row in self._table.stored(prefix):
            yield str(row["pk"]).removeprefix(prefix), row

    def _messages(self, scope: TenantScope) -> Iterable[Item]:
        """All but those that tell the company of an erasure: it may have copies of its own."""
        for row in self._table.stored_in(f"{scope.company_id}#outbox"):
            if row.get("kind") != "conversation.erased":
                yield row


def _names(row: Item) -> Iterable[str]:
    """What a lead or a handover is known by. A conversation that it was left in need not be its owner's alone, but what
    was said there was said by whoever left it."""
    record = row["record"]
    told = record.get("lead") or record.get("request") or {}
    for value in (record.get("leadId"), record.get("handoverId"), told.get("email")):
        if value:
            yield str(value).lower()


def _holds(row: Item, words: Iterable[str]) -> bool:
    """Whole words only: `ann@mail.example` is neither `joann@mail.example` nor `ann@mail.example.org`."""
    text = json.dumps(row, ensure_ascii=False).lower()
    return any(word in text and re.search(rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)", text) for word in words)


def _expired(scope: TenantScope, session_id: str) -> Session:
    """Of a conversation whose own record is gone while others of it are still there."""
    return Session(session_id, scope.company_id, "", 0.0)


def check(person: str) -> str:
    """Raises: NotFound, for what could be anybody."""
    if len(person.strip()) < 6:
        raise NotFound("'--visitor' is too short to mean one person; give an e-mail address or an id")
    return person.strip()
