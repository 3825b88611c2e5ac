"""A live call from wish to bill: reserve, buy, hand over, end, settle once. Whoever sees the end first says so."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from aisdr.company import Companies, Company
from aisdr.errors import AisdrError, InvalidInput, LimitReached, NotConfigured, NotFound, VendorError
from aisdr.ledger import Ledger, Operation, operation_id
from aisdr.live.base import CallRequest, LiveCall, LiveVendor
from aisdr.observability import logger
from aisdr.session import Session, Sessions
from aisdr.transcript import Transcripts

MIN_KEY, MAX_KEY = 16, 128
_CONTEXT_TURNS = 8


class Calls:
    """Starts and ends the video calls of all companies."""

    def __init__(
        self,
        vendor: LiveVendor,
        ledger: Ledger,
        sessions: Sessions,
        companies: Companies,
        transcripts: Transcripts,
        *,
        webhook_url: str,
        minute_price: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._vendor = vendor
        self._ledger = ledger
        self._sessions = sessions
        self._companies = companies
        self._transcripts = transcripts
        self._webhook_url = webhook_url
        self._minute_price = minute_price
        self._clock = clock

    def check(self, company: Company, idempotency_key: str | None) -> str:
        """All that can be refused before anything is stored or spent; returns the key.

        Raises:
            Forbidden: the company has no video calls.
            NotConfigured: there is no key for the vendor.
            InvalidInput: no usable Idempotency-Key.
        """
        self._vendor.check(company)
        if idempotency_key is None or not MIN_KEY <= len(idempotency_key) <= MAX_KEY:
            raise InvalidInput(
                f"The header Idempotency-Key is required here, {MIN_KEY} to {MAX_KEY} characters; send a new UUID for "
                "each call you want",
                code="idempotency_key_required",
            )
        return idempotency_key

    def known(self, company: Company, idempotency_key: str) -> Operation | None:
        """The operation an earlier request with this key made, whatever became of it."""
        return self._ledger.get(company.company_id, operation_id(company.company_id, idempotency_key))

    def reserve(self, company: Company, session: Session, idempotency_key: str) -> tuple[Operation, bool]:
        """Takes a line and the money for one call. True when it is new, False when the same wish was made before.

        Raises:
            Conflict: the key was used for another request.
            LimitReached: a cap of the company is full; nothing was stored.
        """
        return self._ledger.reserve(
            company, session.session_id, idempotency_key, _fingerprint(session), self._minute_price
        )

    def end(self, company_id: str, session_id: str, reason: str) -> None:
        """Ends whatever calls the session has. Safe to repeat; an end that the vendor missed the reconciler repeats."""
        for operation in self._ledger.open_operations(company_id, session_id):
            if operation.conversation_id is not None:
                self._ledger.ending(operation)
                try:
                    self._vendor.end(operation.conversation_id)
                except AisdrError as error:
                    # The visitor is gone and can do nothing about it.
                    logger.error("call not ended", operation_id=operation.operation_id, code=error.code)
                else:
                    self._settle(operation, reason)

    def notice(self, capability: str, body: dict[str, Any]) -> None:
        """A webhook came. It is only a hint: what it claims is confirmed with the vendor before money moves.

        Raises:
            NotFound: the path was not made by us.
        """
        company_id, operation_id = self._sessions.read_capability(capability)
        operation = self._ledger.get(company_id, operation_id)
        notice = self._vendor.read_notice(body)
        if operation is None or notice is None or notice.call_id != operation.conversation_id:
            return
        match notice.kind:
            case "joined":
                self._ledger.live(operation)
            case "ended" if not self._vendor.status(notice.call_id).active:
                self._settle(operation, "vendor")
            case _:
                pass  # transcripts and recordings are not for us

    def reconcile(self) -> int:
        """Ends what is over its time and finds what a lost answer hid. Returns how many operations it closed."""
        closed = 0
        for operation in self._ledger.overdue():
            try:
                closed += self._reconcile(operation)
            except Exception as error:
                # One stubborn call must not keep the others alive, whatever its fault is; the next tick tries again.
                logger.error("reconcile failed", operation_id=operation.operation_id, error=type(error).__name__)
        return closed

    def _reconcile(self, operation: Operation) -> bool:
        if operation.conversation_id is None:
            found = self._vendor.find(operation.operation_id)
            if found is None:
                # Looked for twice, because a list may lag behind a create.
                return self._ledger.fail(operation) if operation.looked_for else self._ledger.look_again(operation)
            operation = self._ledger.created(operation, found.call_id, found.url, found.token)
        assert operation.conversation_id is not None
        self._ledger.ending(operation)
        self._vendor.end(operation.conversation_id)
        return self._settle(operation, "time")

    def buy(self, company: Company, session: Session, operation: Operation) -> Operation:
        """Creates the call that was reserved.

        Raises:
            LimitReached: the vendor's plan is full.
            NotFound: the session was ended meanwhile, and so was the call.
            VendorError: the call could not be created, or nobody knows whether it was.
        """
        capability = self._sessions.capability(operation.operation_id, company.company_id)
        request = CallRequest(
            company=company,
            name=operation.operation_id,
            max_seconds=operation.reserved_seconds,
            callback_url=f"{self._webhook_url}/{capability}",
            context=self._context(company, session),
        )
        try:
            call = self._vendor.start(request)
        except VendorError as error:
            if error.outcome_unknown:
                self._ledger.unknown(operation)
            else:
                self._ledger.fail(operation)
            logger.error("call not created", operation_id=operation.operation_id, unknown=error.outcome_unknown)
            raise self._not_created(retryable=error.retryable) from error
        except (NotConfigured, LimitReached):
            self._ledger.fail(operation)
            raise
        stored = self._store(operation, call)
        try:
            self._sessions.get(session.company_id, session.session_id)
        except NotFound:
            self.end(session.company_id, session.session_id, "visitor")  # left while the call was being created
            raise
        return stored

    def _store(self, operation: Operation, call: LiveCall) -> Operation:
        try:
            stored = self._ledger.created(operation, call.call_id, call.url, call.token)
        except Exception:
            # The call is bought and we cannot remember it: end it at once rather than pay for a room nobody can enter.
            self._vendor.end(call.call_id)
            raise
        if stored.conversation_id != call.call_id:
            # The answer came so late that the reconciler has given the reservation back.
            self._vendor.end(call.call_id)
            raise self._not_created(retryable=True)
        return stored

    def replay(self, operation: Operation) -> Operation:
        """What a repeated wish gets: the call it bought the first time.

        Raises:
            NotFound: that call is over.
            VendorError: it is still being created, or nobody knows yet.
        """
        if operation.state in ("created", "live"):
            return operation
        if operation.state in ("reserved", "unknown"):
            raise VendorError(
                "The call with this Idempotency-Key is still being created; try again in a few seconds",
                vendor=self._vendor.name,
                retryable=True,
                code="call_pending",
            )
        raise NotFound("The call with this Idempotency-Key is over; use a new key", code="call_over")

    def _not_created(self, *, retryable: bool) -> VendorError:
        vendor = self._vendor
        return VendorError(
            vendor.not_created, vendor=vendor.name, retryable=retryable, code=f"{vendor.name}_session_failed"
        )

    def _settle(self, operation: Operation, reason: str) -> bool:
        assert operation.conversation_id is not None
        # From the wish, not from the answer: of a call that was lost and found again we know no other beginning.
        elapsed = self._clock() - operation.reserved_at
        try:
            told = self._vendor.status(operation.conversation_id).seconds
        except AisdrError:
            told = None  # our own clock is the upper bound
        first = self._ledger.settle(operation, elapsed if told is None else told)
        if first:
            logger.info("call settled", operation_id=operation.operation_id, reason=reason, seconds=round(elapsed))
        return first

    def _context(self, company: Company, session: Session) -> str:
        """What the avatar's brain should know of the conversation so far."""
        turns = self._transcripts.recent(session, _CONTEXT_TURNS)
        said = "\n".join(f"{turn.role}: {turn.text[:400]}" for turn in turns)
        about = company.introduction()
        return f"{about}\n\nThe conversation so far:\n{said}" if said else about


def _fingerprint(session: Session) -> str:
    """The same wish comes from the same website of the same company."""
    return hashlib.sha256(f"{session.company_id}|{session.origin}".encode()).hexdigest()[:16]
