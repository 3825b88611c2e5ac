"""A vendor's webhooks: hints that come unsigned, twice, late or in any order, and are looked into before they count."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from typing import Any

from aisdr.audit import ANONYMOUS, Decision, by_vendor, decided, refusals
from aisdr.call import Calls
from aisdr.ledger import Ledger, Operation
from aisdr.live.base import Notice, Said
from aisdr.observability import about, logger
from aisdr.session import Session, Sessions
from aisdr.table import Table
from aisdr.transcript import Transcripts, Turn

_SEEN_SECONDS = 2 * 24 * 3600
_APART_SECONDS = 120
"""How far our time of an utterance may be from the vendor's: it counts from the first word, we from the last."""
_BEFORE_SECONDS = 5
_ALIKE = 0.85
_LONG_ENOUGH = 12
"""Shorter texts must be equal: "yes" is in every "yes, but"."""
_NOT_A_WORD = re.compile(r"[\W_]+")


class Notices:
    """Takes what a vendor posts to the capability address of one operation."""

    def __init__(
        self,
        calls: Calls,
        ledger: Ledger,
        sessions: Sessions,
        transcripts: Transcripts,
        table: Table,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._calls = calls
        self._ledger = ledger
        self._sessions = sessions
        self._transcripts = transcripts
        self._table = table
        self._clock = clock

    def receive(self, capability: str, body: Mapping[str, Any]) -> None:
        """Safe to repeat, and in any order.

        Raises:
            NotFound: the path was not made by us.
            VendorError: the claim could not be confirmed just now; nothing was changed.
        """
        with refusals("webhook.receive", company_id=None, who=ANONYMOUS):
            company_id, operation_id = self._sessions.read_capability(capability)
        operation = self._ledger.get(company_id, operation_id)
        about(company_id=company_id)
        if operation:
            about(session_id=operation.session_id, call_id=operation.conversation_id, mode=operation.mode)
        notice = self._calls.vendor_of(operation).read_notice(body) if operation else None
        if operation is None or notice is None or notice.call_id != operation.conversation_id:
            logger.info("notice ignored", company_id=company_id, operation_id=operation_id)
            _received(company_id, operation, "deny", "not_of_this_call")
            return
        session = self._sessions.kept(company_id, operation.session_id)
        if session is None:
            # The visitor's data was erased: nothing about this conversation is kept any more.
            _received(company_id, operation, "deny", "conversation_erased")
            return
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
        if self._table.get(session.key, f"notice#{digest}") is not None:
            _received(company_id, operation, "allow", "repeated", kind=notice.kind)
            return
        with refusals("webhook.receive", company_id=company_id, who=by_vendor(operation.vendor), kind=notice.kind):
            served = self._served(operation, session, notice)
        _received(
            company_id, operation, "allow" if served else "deny", "" if served else "not_confirmed", kind=notice.kind
        )
        if served:
            # Only now, so that a notice that could not be served may come again.
            expires_at = int(self._clock() + _SEEN_SECONDS)
            self._table.put({"pk": session.key, "sk": f"notice#{digest}", "expires_at": expires_at})

    def _served(self, operation: Operation, session: Session, notice: Notice) -> bool:
        """False when the same notice may mean something later."""
        match notice.kind:
            case "joined":
                self._ledger.live(operation)
            case "ended":
                return self._ended(operation, notice)
            case "transcript" | "recording" | "perception":
                return self._kept(operation, session, notice)
            case "other":
                logger.info("notice not used", operation_id=operation.operation_id, notice=notice.name)
        return True

    def _kept(self, operation: Operation, session: Session, claimed: Notice) -> bool:
        """Keeps what the vendor says when it is asked; the webhook's own words are nobody's."""
        recorded = self._calls.vendor_of(operation).recorded(claimed.call_id)
        notice = next((each for each in recorded if each.kind == claimed.kind), None)
        if notice is None:
            logger.warning("notice not confirmed", operation_id=operation.operation_id, notice=claimed.name)
            return False
        match notice.kind:
            case "transcript":
                added = self._complete(operation, session, notice.said)
                logger.info("transcript received", operation_id=operation.operation_id, added=added)
            case "recording":
                assert notice.recording is not None
                self._keep(session, f"recording#{notice.call_id}", uri=notice.recording.uri, **_known(notice))
            case "perception":
                self._keep(session, f"perceived#{notice.call_id}", text=notice.perceived)
        return True

    def _ended(self, operation: Operation, notice: Notice) -> bool:
        if operation.state in ("settled", "failed"):
            return True
        status = self._calls.vendor_of(operation).status(notice.call_id)
        if status.active:
            logger.warning("end not confirmed", operation_id=operation.operation_id)
            return False
        self._calls.settle(operation, status.reason or "vendor", who=by_vendor(operation.vendor))
        return True

    def _complete(self, operation: Operation, session: Session, said: tuple[Said, ...]) -> int:
        """Adds what the browser never forwarded, such as words that fell while it was reloading. Returns how much."""
        since = operation.reserved_at - _BEFORE_SECONDS
        heard = [turn for turn in self._transcripts.all(session) if turn.said_at >= since and turn.text]
        added = 0
        for number, each in enumerate(said):
            known = next((turn for turn in heard if _same(turn, each)), None)
            if known is not None:
                heard.remove(known)  # one of ours for one of theirs: who says "yes" twice is heard twice
                continue
            added += self._transcripts.append(
                session,
                each.role,
                each.text,
                channel=operation.mode,
                key=each.key or _key(operation, each, number),
                said_at=None if each.said_at is None else min(max(each.said_at, since), self._clock()),
            )
        return added

    def _keep(self, session: Session, sort_key: str, **values: Any) -> None:
        expires_at = session.kept_until(self._clock())
        self._table.put({"pk": session.key, "sk": sort_key, "expires_at": expires_at, **values})


def _received(
    company_id: str, operation: Operation | None, decision: Decision, reason: str, kind: str | None = None
) -> None:
    who = by_vendor(operation.vendor) if operation else ANONYMOUS
    decided("webhook.receive", decision, company_id=company_id, who=who, reason=reason, kind=kind)


def _known(notice: Notice) -> dict[str, float]:
    seconds = notice.recording.seconds if notice.recording else None
    return {} if seconds is None else {"seconds": seconds}


def _key(operation: Operation, said: Said, number: int) -> str:
    return hashlib.sha256(f"{operation.conversation_id}|{number}|{said.role}|{said.text}".encode()).hexdigest()[:24]


def _same(turn: Turn, said: Said) -> bool:
    """The same words of the same person at about the same time; vendors mend texts, and cut what was interrupted."""
    if turn.role != said.role:
        return False
    if said.said_at is not None and abs(turn.said_at - said.said_at) > _APART_SECONDS:
        return False
    ours, theirs = _words(turn.text), _words(said.text)
    if ours == theirs:
        return True
    shorter, longer = sorted((ours, theirs), key=len)
    if len(shorter) < _LONG_ENOUGH:
        return False
    if longer.startswith(shorter):
        return True
    alike = SequenceMatcher(None, ours[:500], theirs[:500], autojunk=False)
    return alike.quick_ratio() >= _ALIKE and alike.ratio() >= _ALIKE


def _words(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text.casefold()).strip()
