"""Erases a conversation when its visitor asks for it: here at once, at the vendors of its calls within minutes."""

import time
from collections.abc import Callable

from aisdr.audit import CLOCK, by_session, decided
from aisdr.call import Calls
from aisdr.company import Companies, Company
from aisdr.errors import Conflict, NotFound
from aisdr.observability import logger
from aisdr.outbox import enqueue
from aisdr.session import Session, Sessions, session_key
from aisdr.table import Item, Table

SWEEP_SECONDS = 120
"""How long after a wish the conversation is swept again: an answer or a notice that was on its way is written late."""
_GROUP = "erasure"
_MARK = "erasure"


class Erasure:
    """What was said is gone: turns, summaries, frames, the addresses of recordings, and the session itself.

    What the visitor confirmed (leads, wishes for a person) belongs to the company and stays; so do the accounts of paid
    calls, which hold no words.
    """

    def __init__(
        self,
        sessions: Sessions,
        companies: Companies,
        calls: Calls,
        table: Table,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._companies = companies
        self._calls = calls
        self._table = table
        self._clock = clock

    def erase(self, session: Session, *, who: str = "") -> None:
        """Ends the conversation and its call, and erases what was said. Safe to repeat.

        Whatever stops it half-way, the next sweep finishes it. `who` wants it, in the audit's words; without one the
        visitor.
        """
        self._sessions.end(session)
        if self._mark(session):
            who = who or by_session(session.session_id)
            decided("erase", "allow", company_id=session.company_id, who=who, session=session.session_id)
        self._calls.end(session.company_id, session.session_id, "visitor")
        self._sweep(session.key)
        logger.info("conversation erased", company_id=session.company_id, session_id=session.session_id)

    def sweep_due(self) -> int:
        """Erases what came late, and what the vendors keep. For the reconciler. Returns how many are finished."""
        finished = 0
        for mark in self._table.query_open(_GROUP, until=self._clock()):
            try:
                finished += self._finish(mark)
            except Conflict:
                continue  # a call of it is not settled yet
            except Exception as error:
                # One stubborn vendor must not keep the others waiting; the next run tries again.
                logger.error("erasure not finished", session_id=mark["session_id"], error=type(error).__name__)
        return finished

    def finish(self, company_id: str, session_id: str, *, who: str = CLOCK) -> None:
        """Has the vendors delete their copies, takes the conversation's name off its bills, and sweeps once more.

        Raises:
            Conflict: a call of it is not settled yet.
            VendorError: a vendor did not delete; nothing is lost by asking again.
        """
        self._calls.forget(company_id, session_id)
        key = session_key(company_id, session_id)
        self._sweep(key)
        self._table.delete(key, _MARK)
        decided("erase", "done", company_id=company_id, who=who, session=session_id)

    def _finish(self, mark: Item) -> bool:
        self.finish(mark["company_id"], mark["session_id"])
        return True

    def _mark(self, session: Session) -> bool:
        """Tells the sweep, and the company's webhook: it may hold recordings and accounts of its own.

        True for the first wish.
        """
        recordings = [str(item["uri"]) for item in self._table.query(session.key, prefix="recording#")]
        now = self._clock()
        mark: Item = {
            "pk": session.key,
            "sk": _MARK,
            "company_id": session.company_id,
            "session_id": session.session_id,
            "open_group": _GROUP,
            "open_until": int(now + SWEEP_SECONDS),
        }
        company = self._company(session.company_id)
        try:
            with self._table.transaction(Conflict("marked before")) as writes:
                writes.put(mark, condition="attribute_not_exists(pk)")
                if company is not None:
                    told = {"sessionId": session.session_id, "recordings": recordings}
                    enqueue(writes, company, "conversation.erased", told, now)
        except Conflict:
            return False  # this is a repeat
        return True

    def _sweep(self, key: str) -> None:
        for item in self._table.stored_in(key):
            if item["sk"] != _MARK:
                self._table.delete(key, item["sk"])

    def _company(self, company_id: str) -> Company | None:
        try:
            return self._companies.get(company_id)
        except NotFound:
            return None
