"""What the clock does about live calls: ends what is over its time, asks after the rest, finds what was lost.

The second of two enforcers: the vendor has the same limits and may ignore them.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from aisdr.audit import CLOCK, by_vendor
from aisdr.configuration import Mode
from aisdr.errors import AisdrError, LeftAlone
from aisdr.ledger import Ledger, Operation
from aisdr.live.base import LiveVendor
from aisdr.observability import logger, only_about
from aisdr.settling import Settling


class OverdueCalls:
    """Looks after the calls of all companies, once a minute."""

    def __init__(
        self,
        vendors: Mapping[Mode, LiveVendor],
        ledger: Ledger,
        settling: Settling,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._vendors = vendors
        self._ledger = ledger
        self._settling = settling
        self._clock = clock
        self._sleep = sleep

    def reconcile(self) -> int:
        """Returns how many operations it closed. Safe to repeat, and beside itself."""
        silent = set[Mode]()
        return sum(self._looked_at(operation, silent) for operation in self._ledger.overdue())

    def end_on_time(self, seconds: float) -> int:
        """Waits for the calls whose time is up within so many seconds: the next run would come up to a minute late.

        Returns how many operations it closed.
        """
        closed = 0
        for known in self._ledger.ending_within(seconds):
            self._sleep(max(known.deadline - self._clock(), 0))
            operation = self._ledger.get(known.company_id, known.operation_id)
            if operation is not None and operation.is_open:
                closed += self._looked_at(operation, set())
        return closed

    def _looked_at(self, operation: Operation, silent: set[Mode]) -> bool:
        with _told_of(operation):
            try:
                return self._look_at(operation, silent) or self._settling.write_off(operation)
            except Exception as error:
                # One stubborn call must not keep the others alive, whatever its fault; the next tick tries again.
                logger.error("reconcile failed", operation_id=operation.operation_id, error=type(error).__name__)
                return self._left_for_later(operation, asked=not isinstance(error, LeftAlone))

    def _look_at(self, operation: Operation, silent: set[Mode]) -> bool:
        if operation.conversation_id is None:
            return self._look_for(operation)
        if operation.state in ("created", "live") and self._clock() < operation.deadline:
            return operation.mode not in silent and self._ask_after(operation, silent)
        return self._settling.end(operation, "time", CLOCK)

    def _look_for(self, operation: Operation) -> bool:
        """By its name. What is found is ended: no visitor can enter it, for only the lost answer had the key."""
        vendor = self._vendors[operation.mode]
        found = vendor.find(operation.operation_id)
        if found is not None:
            found_call = self._ledger.found(operation, found.call_id)
            return found_call.is_open and self._settling.end(found_call, "time", CLOCK)
        if operation.looked_for:
            return self._settling.never_bought(operation)
        # Looked for twice, because a list may lag behind a create.
        return self._ledger.look_again(operation)

    def _ask_after(self, operation: Operation, silent: set[Mode]) -> bool:
        """Whether it still runs: the webhook that would have said so may be lost.

        A vendor that does not answer is not asked about its other calls: those that must end come first.
        """
        assert operation.conversation_id is not None
        vendor = self._vendors[operation.mode]
        if not vendor.tells_end:
            self._ledger.still_runs(operation)
            return False
        try:
            status = vendor.status(operation.conversation_id)
        except AisdrError:
            silent.add(operation.mode)
            raise
        if status.active:
            self._ledger.still_runs(operation)
            return False
        return self._settling.settle(operation, status.reason or "vendor", who=by_vendor(operation.vendor))

    def _left_for_later(self, operation: Operation, *, asked: bool) -> bool:
        """Whether it is so late that it is written off.

        One that the vendor failed at goes to the end of the line: at its head it would open the circuit in every run,
        and those behind it, which the vendor was not even `asked` about, would never be ended.
        """
        try:
            if self._settling.write_off(operation):
                return True
            if asked:
                self._ledger.put_off(operation)
        except Exception as error:
            logger.error("not left for later", operation_id=operation.operation_id, error=type(error).__name__)
        return False


def _told_of(operation: Operation) -> AbstractContextManager[None]:
    return only_about(
        company_id=operation.company_id,
        session_id=operation.session_id,
        call_id=operation.conversation_id,
        mode=operation.mode,
    )
