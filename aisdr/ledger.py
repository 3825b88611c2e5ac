"""Money: a live call is reserved before it is bought, and settled exactly once, whoever notices its end first.

Caps are per company: calls at once, calls started from one network in an hour, calls and minutes and money a UTC day,
minutes and money a UTC month. States are told in `operation.py`, the account in `budget.py`.
"""

import math
import time
from collections.abc import Callable
from typing import Any

from aisdr.budget import Spending, account_key, cents, correct, counted, day_key, day_of, month_key, take
from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.errors import Conflict, LimitReached, StoreBusy
from aisdr.network import NOBODYS, Starts
from aisdr.operation import OPEN, STATE, Operation, Operations, OperationState, operation_id, operation_of
from aisdr.session import RETENTION_SECONDS
from aisdr.table import Item, Table, Transaction

__all__ = ["ERASED", "GRACE_SECONDS", "Ledger", "Operation", "operation_id"]

GRACE_SECONDS = 30
"""How long a create may be on its way before the reconciler looks for it: longer than any function runs."""
WATCH_SECONDS = 60
"""How often the reconciler asks the vendor whether a call still runs: a webhook that says so may be lost."""
ERASED = "erased"
"""Stands where a bill named a conversation that was erased."""
_ATTEMPTS = 8
"""How often a start looks for another free place of its network when somebody was quicker."""


class _Raced(Conflict):
    """Somebody else took the place of the network that seemed free. It never leaves this file."""

    def __init__(self) -> None:
        super().__init__("A place that seemed free was taken meanwhile")


def _in_states(states: tuple[OperationState, ...]) -> str:
    return f"{STATE} IN ({', '.join(f':{state}_before' for state in states)})"


def _state_values(states: tuple[OperationState, ...]) -> dict[str, str]:
    return {f":{state}_before": state for state in states}


class Ledger(Operations):
    """Moves operations from state to state, and counts what a company has spent on them."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        super().__init__(table, clock)
        self._starts = Starts(table, clock)

    def reserve(
        self,
        company: Company,
        session_id: str,
        idempotency_key: str,
        fingerprint: str,
        minute_price: float,
        *,
        mode: Mode,
        vendor: str,
        network: str = NOBODYS,
    ) -> tuple[Operation, bool]:
        """Takes a slot, a start of the network, the worst-case minutes and the worst-case money: all in one
        transaction, or nothing.

        Returns:
            The operation, and True when it is new; False when this key was used before for the same request.

        Raises:
            Conflict: the key was used before for another request.
            LimitReached: `calls_busy` (all slots taken), `network_busy` (all starts of the network) or `budget_spent`
                (calls, minutes or money of the day or the month).
            StoreBusy: too many want the same at once; nothing was taken.
        """
        identity, now = operation_id(company.company_id, idempotency_key), self._clock()
        known = self.get(company.company_id, identity)
        if known is not None:
            return self._same(known, fingerprint), False
        seconds = company.limits.call_seconds
        item: Item = {
            "pk": self.key(company.company_id, identity),
            "sk": "operation",
            "company_id": company.company_id,
            "operation_id": identity,
            "session_id": session_id,
            "mode": mode,
            "vendor": vendor,
            STATE: "reserved",
            "reserved_seconds": seconds,
            "minute_price": minute_price,
            "day": day_of(now),
            "reserved_at": now,
            "fingerprint": fingerprint,
            "network": network,
            "open_group": OPEN,
            "open_until": int(now + GRACE_SECONDS),
            "expires_at": int(now + RETENTION_SECONDS),
        }
        for _ in range(_ATTEMPTS):
            try:
                return self._take(company, item, Spending(1, seconds, cents(seconds, minute_price))), True
            except _Raced:
                continue
            except Conflict:
                raced = self.get(company.company_id, identity)
                if raced is None:
                    raise
                return self._same(raced, fingerprint), False
        raise StoreBusy("Many calls are started from this network at once; try again in a second")

    def created(
        self,
        operation: Operation,
        conversation_id: str,
        url: str | None = None,
        meeting_token: str | None = None,
        sdp_answer: str | None = None,
        *,
        watched: bool = True,
    ) -> Operation:
        """The vendor gave us a call. From now on it costs.

        Args:
            watched: the vendor tells whether a call still runs, so it is asked now and then.

        Returns:
            The operation as it is now: one that somebody has closed meanwhile stays closed.
        """
        self._point_to(operation, conversation_id)
        item = self._move(
            operation,
            "created",
            allowed=("reserved", "unknown"),
            also="conversation_id = :conversation, conversation_url = :url, meeting_token = :token, "
            "sdp_answer = :answer, started_at = :started, open_until = :until",
            values={
                ":conversation": conversation_id,
                ":url": url,
                ":token": meeting_token,
                ":answer": sdp_answer,
                ":started": self._clock(),
                ":until": self._next_look(operation) if watched else math.ceil(operation.deadline),
            },
        )
        return operation_of(item) if item else self._known(operation)

    def found(self, operation: Operation, conversation_id: str) -> Operation:
        """A call whose create nobody saw the answer of: it is to be ended, by whoever comes next if need be."""
        self._point_to(operation, conversation_id)
        item = self._move(
            operation,
            "ending",
            allowed=("reserved", "unknown"),
            also="conversation_id = :conversation, open_until = :now",
            values={":conversation": conversation_id, ":now": int(self._clock())},
        )
        return operation_of(item) if item else self._known(operation)

    def still_runs(self, operation: Operation) -> None:
        """Its vendor says so; it is asked again in a while, and at the latest when the call must be over."""
        self._table.update(
            self.key(operation.company_id, operation.operation_id),
            "operation",
            "SET open_until = :until",
            values={":until": self._next_look(operation)} | _state_values(("created", "live")),
            condition=_in_states(("created", "live")),
        )

    def put_off(self, operation: Operation) -> None:
        """It could not be closed just now: the next time, those come first that nobody has failed at, or longer ago."""
        self._table.update(
            self.key(operation.company_id, operation.operation_id),
            "operation",
            "SET failed_at = :now",
            values={":now": self._clock()},
            condition="attribute_exists(open_group)",
        )

    def live(self, operation: Operation) -> None:
        self._move(operation, "live", allowed=("created",))

    def unknown(self, operation: Operation) -> None:
        """Nobody knows whether the call was bought: keep the reservation, let the reconciler look."""
        self._move(operation, "unknown", allowed=("reserved",))

    def look_again(self, operation: Operation) -> bool:
        """Nothing was found yet: keeps the reservation for one more look. Always False, for nothing was closed."""
        self._move(
            operation,
            "unknown",
            allowed=("reserved", "unknown"),
            also="looked_for = :yes, open_until = :until",
            values={":yes": True, ":until": int(self._clock() + GRACE_SECONDS)},
        )
        return False

    def ending(self, operation: Operation) -> bool:
        """Somebody wants the call ended. True for the first who says so.

        From now on it counts as overdue: should the vendor not hear us, the reconciler asks again.
        """
        return (
            self._move(
                operation,
                "ending",
                allowed=("created", "live"),
                also="open_until = :now",
                values={":now": int(self._clock())},
            )
            is not None
        )

    def fail(self, operation: Operation) -> bool:
        """Nothing was bought: everything reserved is given back. True for the one call that did it."""
        return self._close(operation, "failed", used_seconds=0, allowed=("reserved", "unknown"))

    def settle(self, operation: Operation, used_seconds: float) -> bool:
        """The call is over: keeps what was used, gives back the rest. True for the one call that did it."""
        used = operation.billed_seconds(used_seconds)
        return self._close(operation, "settled", used_seconds=used, allowed=("created", "live", "ending", "unknown"))

    def without_person(self, operation: Operation) -> None:
        """The conversation is erased: the bill stays and no longer says whose it was. Safe to repeat."""
        self._table.update(
            self.key(operation.company_id, operation.operation_id),
            "operation",
            "SET session_id = :nobody REMOVE conversation_id, conversation_url, meeting_token, sdp_answer",
            values={":nobody": ERASED},
            condition="attribute_exists(pk)",
        )
        if operation.conversation_id is not None:
            self._table.delete(f"conversation#{operation.conversation_id}", "conversation")
        # Last, because it is how the operation is found again when this ends half-way.
        self._table.delete(self.calls_key(operation.company_id, operation.session_id), operation.operation_id)

    def today(self, company_id: str) -> dict[str, int]:
        """`calls`, `seconds`, `cents` of this UTC day and `active` calls."""
        slots = self._table.get(account_key(company_id), "slots") or {}
        day = counted(self._table, company_id, day_key(day_of(self._clock())))
        return day | {"active": slots.get("active", 0)}

    def this_month(self, company_id: str) -> dict[str, int]:
        """`calls`, `seconds`, `cents` of this UTC month."""
        return counted(self._table, company_id, month_key(day_of(self._clock())))

    def _take(self, company: Company, item: Item, spending: Spending) -> Operation:
        """Raises: Conflict, LimitReached."""
        slots = company.limits.concurrent_calls
        busy = LimitReached(
            f"All {slots} lines of '{company.company_id}' are busy; try again in a minute", code="calls_busy"
        )
        identity, network = item["operation_id"], item["network"]
        if slots < 1:  # the condition below lets the first of all through unseen
            raise busy
        place = self._starts.free_place(company, network, int.from_bytes(bytes.fromhex(identity)))
        item = item | {"network_place": place}
        with self._table.transaction(Conflict("This Idempotency-Key is in use", code="idempotency_conflict")) as writes:
            writes.put(item, condition="attribute_not_exists(pk)")
            writes.put(
                {
                    "pk": self.calls_key(company.company_id, item["session_id"]),
                    "sk": identity,
                    "expires_at": item["expires_at"],
                }
            )
            writes.update(
                account_key(company.company_id),
                "slots",
                "ADD active :one",
                condition="attribute_not_exists(active) OR active < :cap",
                values={":one": 1, ":cap": slots},
                refusal=busy,
            )
            take(writes, company, item["day"], spending)
            self._starts.take(writes, company.company_id, network, place, _Raced())
        return operation_of(item)

    def _close(
        self,
        operation: Operation,
        state: OperationState,
        *,
        used_seconds: int,
        allowed: tuple[OperationState, ...],
    ) -> bool:
        bought = state == "settled"
        price, reserved = operation.minute_price, operation.reserved_seconds
        unused = Spending(
            calls=0 if bought else -1,
            seconds=used_seconds - reserved,
            cents=cents(used_seconds, price) - cents(reserved, price),
        )
        try:
            with self._table.transaction(Conflict("closed before")) as writes:
                writes.update(
                    self.key(operation.company_id, operation.operation_id),
                    "operation",
                    f"SET {STATE} = :state, used_seconds = :used, closed_at = :now "
                    "REMOVE open_group, meeting_token, sdp_answer, network",
                    condition=_in_states(allowed),
                    values={":state": state, ":used": used_seconds, ":now": self._clock()} | _state_values(allowed),
                )
                writes.update(account_key(operation.company_id), "slots", "ADD active :less", values={":less": -1})
                correct(writes, operation.company_id, operation.day, unused)
                if not bought:
                    self._give_start_back(writes, operation)
        except Conflict:
            return False
        return True

    def _give_start_back(self, writes: Transaction, operation: Operation) -> None:
        if operation.network is not None and operation.network_place is not None:
            self._starts.give_back(
                writes, operation.company_id, operation.network, operation.network_place, operation.reserved_at
            )

    def _point_to(self, operation: Operation, conversation_id: str) -> None:
        """Before it is noted, so that whoever is killed between leaves no call whose vendor is not understood."""
        pointer = {"company_id": operation.company_id, "operation_id": operation.operation_id}
        expires_at = int(self._clock() + RETENTION_SECONDS)
        self._table.put(
            {"pk": f"conversation#{conversation_id}", "sk": "conversation", "expires_at": expires_at} | pointer
        )

    def _next_look(self, operation: Operation) -> int:
        return min(int(self._clock() + WATCH_SECONDS), math.ceil(operation.deadline))

    def _move(
        self,
        operation: Operation,
        state: OperationState,
        *,
        allowed: tuple[OperationState, ...],
        also: str = "",
        values: dict[str, Any] | None = None,
    ) -> Item | None:
        return self._table.update(
            self.key(operation.company_id, operation.operation_id),
            "operation",
            f"SET {STATE} = :state" + (f", {also}" if also else ""),
            values={":state": state} | _state_values(allowed) | (values or {}),
            condition=_in_states(allowed),
        )

    def _known(self, operation: Operation) -> Operation:
        return self.get(operation.company_id, operation.operation_id) or operation

    def _same(self, known: Operation, fingerprint: str) -> Operation:
        if known.fingerprint != fingerprint:
            raise Conflict(
                "This Idempotency-Key was used for another request; make a new key for a new call",
                code="idempotency_conflict",
            )
        return known
