"""Closes conversations that are over, once each, and tells their company what they were about."""

import time
from collections.abc import Callable, Sequence

from aisdr.company import Companies, Company
from aisdr.errors import Conflict, NotFound
from aisdr.handover import Handovers
from aisdr.introduction import introduced
from aisdr.lead import Leads
from aisdr.memory import Memory
from aisdr.observability import logger, only_about
from aisdr.outbox import enqueue
from aisdr.session import Session, Sessions
from aisdr.table import Table
from aisdr.transcript import Transcripts, Turn
from aisdr.wire import iso_time

RUN_SECONDS = 10.0
"""When a run stops taking up conversations; a summary may wait for a model."""
_QUESTIONS = 12
_QUOTED_CHARACTERS = 160


class Closing:
    """The end of every conversation, whether its visitor said goodbye or just left."""

    def __init__(
        self,
        sessions: Sessions,
        companies: Companies,
        transcripts: Transcripts,
        leads: Leads,
        handovers: Handovers,
        memory: Memory,
        table: Table,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._companies = companies
        self._transcripts = transcripts
        self._leads = leads
        self._handovers = handovers
        self._memory = memory
        self._table = table
        self._clock = clock
        self._monotonic = monotonic

    def close_due(self) -> int:
        """Closes what is over. Returns how many conversations this run closed."""
        closed, end = 0, self._monotonic() + RUN_SECONDS
        for session, ended_at in self._sessions.over():
            if self._monotonic() >= end:
                break
            with only_about(company_id=session.company_id, session_id=session.session_id):
                try:
                    closed += self._close(session, ended_at)
                except Exception as error:
                    # One stubborn conversation must not keep the others open, whatever its fault; the next run tries.
                    logger.error("closing failed", error=type(error).__name__)
        return closed

    def _close(self, session: Session, ended_at: float | None) -> bool:
        company = self._company(session.company_id)
        turns = [turn for turn in self._transcripts.all(session) if turn.text]
        told = company is not None and company.webhook is not None and any(turn.role == "visitor" for turn in turns)
        try:
            with self._table.transaction(Conflict("closed before")) as writes:
                self._sessions.close(session, writes)
                if company is not None and told:
                    data = self._account(company, session, turns, ended_at)
                    enqueue(writes, company, "conversation.ended", data, self._clock())
        except Conflict:
            return False  # another run was quicker
        logger.info("conversation closed", turns=len(turns))
        return True

    def _account(
        self, company: Company, session: Session, turns: Sequence[Turn], ended_at: float | None
    ) -> dict[str, object]:
        return {
            "sessionId": session.session_id,
            "origin": session.origin,
            "consentVersion": session.consent_version,
            "startedAt": iso_time(session.started_at),
            # Who just left did so after the last words, not when the time was up.
            "endedAt": iso_time(turns[-1].said_at if ended_at is None else ended_at),
            "modes": list(dict.fromkeys(turn.channel for turn in turns)),
            "turns": len(turns),
            "languages": list(dict.fromkeys(turn.language for turn in turns if turn.language)),
            "summary": self._summary(company, session, turns),
            "perceived": self._left(session, "perceived#", "text"),
            "recordings": self._left(session, "recording#", "uri"),
            "leadIds": self._leads.of_session(session),
            "handoverIds": self._handovers.of_session(session),
        }

    def _summary(self, company: Company, session: Session, turns: Sequence[Turn]) -> str:
        """What the representative remembers, and what the visitor asked after that."""
        memory = self._memory.recall(company, session)
        recent = memory.turns if memory.summary else turns
        asked = [_quoted(turn.text) for turn in recent if turn.role == "visitor"]
        said = f"The visitor said: {' '.join(asked[-_QUESTIONS:])}" if asked else ""
        return " ".join(part for part in (introduced(session).told(), memory.summary, said) if part)

    def _left(self, session: Session, prefix: str, name: str) -> list[str]:
        """What the calls left behind, as far as their vendors have told by now."""
        return [str(item[name]) for item in self._table.query(session.key, prefix=prefix)]

    def _company(self, company_id: str) -> Company | None:
        try:
            return self._companies.get(company_id)
        except NotFound:
            return None


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= _QUOTED_CHARACTERS else f'{line[: _QUOTED_CHARACTERS - 1]}…'}”"
