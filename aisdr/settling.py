"""The end of a live call: told to its page, proven by its vendor, billed once, and given back only as far as proven."""

import time
from collections.abc import Callable, Mapping
from typing import Literal

from aisdr.audit import CLOCK, decided, word
from aisdr.configuration import Mode
from aisdr.errors import AisdrError
from aisdr.ledger import Ledger, Operation
from aisdr.live.base import CallStatus, LiveVendor
from aisdr.metrics import MINUTES, MONEY, STEP_DOWNS, count
from aisdr.observability import logger

CallEnd = Literal["call.end", "call.settle"]
BROKEN = ("vendor_failed", "room_gone", "not_joined")
"""Reasons of an end that nobody wanted: the visitor goes on in a simpler mode."""
WRITE_OFF_SECONDS = 2 * 3600
"""After its time a call is over even at a vendor that never answers: none lets one last longer than an hour."""


class Settling:
    """Closes the books of calls.

    Args:
        over: hears of a call that ends although its visitor's own page did not ask for it, and why.
    """

    def __init__(
        self,
        vendors: Mapping[Mode, LiveVendor],
        ledger: Ledger,
        clock: Callable[[], float] = time.time,
        over: Callable[[Operation, str], None] = lambda operation, reason: None,
    ) -> None:
        self._vendors = vendors
        self._ledger = ledger
        self._clock = clock
        self._over = over

    def end(self, operation: Operation, reason: str, who: str) -> bool:
        """Has the vendor end a call, and bills it. True when it is settled now, and by us.

        Raises:
            NotConfigured, VendorError: the vendor did not hear it; the reconciler says it again.
        """
        assert operation.conversation_id is not None
        if self._ledger.ending(operation):
            self._decided("call.end", operation, reason, who)
        # Before the line is cut: a page that does not know why would take it for a failure, and call again.
        self.tell(operation, reason)
        self._vendors[operation.mode].end(operation.conversation_id)
        return self.settle(operation, reason, who=who, known=True)

    def settle(self, operation: Operation, reason: str, *, who: str, known: bool = False) -> bool:
        """The call is over: bills what it took, as the vendor tells or by our clock. True for the first who says so.

        Nothing is given back unless the vendor itself says that the call is over; until then the reconciler goes on
        asking. `who` noticed, in the audit's words. `known` says that its page has been told already.
        """
        status = self._status(operation)
        if status is None or status.active:
            logger.warning("end not proven", operation_id=operation.operation_id, active=status is not None)
            return False
        # From the wish, not from the answer: of a call that was lost and found again we know no other beginning.
        elapsed = self._clock() - operation.reserved_at
        used = elapsed if status.seconds is None else status.seconds
        first = self._ledger.settle(operation, used)
        if first:
            self._billed(operation, operation.billed_seconds(used), reason, who)
            if not known:
                self.tell(operation, reason)
        return first

    def never_bought(self, operation: Operation) -> bool:
        """Its vendor knows nothing of it: all that was reserved is given back. True for the one who did it."""
        first = self._ledger.fail(operation)
        if first:
            self._decided("call.settle", operation, "never_bought", CLOCK, seconds=0)
        return first

    def write_off(self, operation: Operation) -> bool:
        """Long after its time, and nobody can prove anything: what was reserved counts as used, and the line is free.

        True for the one who did it.
        """
        if self._clock() < operation.deadline + WRITE_OFF_SECONDS:
            return False
        self._ledger.unknown(operation)  # so that a wish whose create nobody saw can be billed as well
        first = self._ledger.settle(operation, operation.reserved_seconds)
        if first:
            self._billed(operation, operation.reserved_seconds, "written_off", CLOCK)
        return first

    def tell(self, operation: Operation, reason: str) -> None:
        """Tells the visitor's page why its call ends."""
        if reason == "visitor":
            return  # who has hung up
        try:
            self._over(operation, reason)
        except AisdrError as error:
            # It ends all the same, and the room tells the visitor in its own way.
            logger.error("end not told", operation_id=operation.operation_id, code=error.code)

    def _status(self, operation: Operation) -> CallStatus | None:
        """None while the vendor cannot be asked."""
        assert operation.conversation_id is not None
        try:
            return self._vendors[operation.mode].status(operation.conversation_id)
        except AisdrError as error:
            return CallStatus(active=False) if error.code == "vendor_not_found" else None

    def _billed(self, operation: Operation, seconds: int, reason: str, who: str) -> None:
        company_id, mode, minutes = operation.company_id, operation.mode, seconds / 60
        count(MINUTES, minutes, company_id=company_id, mode=mode)
        count(MONEY, minutes * operation.minute_price, company_id=company_id, mode=mode)
        if reason in BROKEN:
            count(STEP_DOWNS, 1, company_id=company_id, mode=mode)
        self._decided("call.settle", operation, reason, who, seconds=seconds)
        logger.info(
            "call settled",
            operation_id=operation.operation_id,
            mode=operation.mode,
            reason=word(reason),
            seconds=seconds,
        )

    def _decided(self, action: CallEnd, operation: Operation, reason: str, who: str, **facts: int) -> None:
        decided(
            action,
            "done",
            company_id=operation.company_id,
            who=who,
            reason=reason,
            mode=operation.mode,
            operation=operation.operation_id,
            **facts,
        )
