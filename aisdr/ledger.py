"""Money: a live call is reserved before it is bought, and settled exactly once, whoever notices its end first.

`reserved -> created -> live -> ending -> settled`, with `failed` (nothing was bought) and `unknown` (a create whose
outcome nobody saw: it is looked for, never repeated). Caps are per company: calls at once, calls, minutes and money a
UTC day.
"""

import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from aisdr.budget import account_key, budget_cents, cents, day_key, day_of
from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.errors import Conflict, LimitReached
from aisdr.session import RETENTION_SECONDS
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

OperationState = Literal["reserved", "created", "live", "ending", "unknown", "failed", "settled"]
_OPEN = "open"
_STATE = "operation_state"
_REPORTED = "reported_"
_GRACE_SECONDS = 30
"""How long after a call's own end the reconciler waits for the vendor's word before it looks itself."""


class Operation(Wire):
    """One paid call, from the wish to the bill."""

    operation_id: str
    company_id: str
    session_id: str
    mode: Mode
    vendor: str
    state: OperationState
    reserved_seconds: int
    minute_price: float
    day: str
    reserved_at: float
    fingerprint: str
    conversation_id: str | None = None
    """The call's name at its vendor."""
    conversation_url: str | None = None
    meeting_token: str | None = None
    sdp_answer: str | None = None
    started_at: float | None = None
    used_seconds: int | None = None
    reported: dict[str, int] = Field(default_factory=dict)
    """What it used in the vendor's units, as far as the browser passed that on."""
    looked_for: bool | None = None
    """The reconciler has looked for it once and found nothing."""

    @property
    def deadline(self) -> float:
        """Epoch second by which the call must be over."""
        return (self.started_at or self.reserved_at) + self.reserved_seconds

    def billed_seconds(self, used: float) -> int:
        """What of so many seconds is billed: whole ones, and never more than were reserved."""
        return min(math.ceil(max(used, 0)), self.reserved_seconds)

    @property
    def spent_cents(self) -> int:
        """What it cost, known when it is over."""
        return cents(self.used_seconds or 0, self.minute_price)


def operation_id(company_id: str, idempotency_key: str) -> str:
    """The same wish has the same id, so that a repeated request finds it again. Also the call's name at the vendor."""
    return hashlib.sha256(f"{company_id}|{idempotency_key}".encode()).hexdigest()[:32]


def _in_states(states: tuple[OperationState, ...]) -> str:
    return f"{_STATE} IN ({', '.join(f':{state}_before' for state in states)})"


def _state_values(states: tuple[OperationState, ...]) -> dict[str, str]:
    return {f":{state}_before": state for state in states}


class Ledger:
    """The store of operations and of what a company has spent today."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def get(self, company_id: str, operation: str) -> Operation | None:
        item = self._table.get(self._key(company_id, operation), "operation")
        return self._operation(item) if item else None

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
    ) -> tuple[Operation, bool]:
        """Takes a slot, the worst-case minutes and the worst-case money, in one transaction or not at all.

        Returns:
            The operation, and True when it is new; False when this key was used before for the same request.

        Raises:
            Conflict: the key was used before for another request.
            LimitReached: `calls_busy` (all slots taken) or `budget_spent` (the day's calls, minutes or money).
        """
        limits, now = company.limits, self._clock()
        identity = operation_id(company.company_id, idempotency_key)
        known = self.get(company.company_id, identity)
        if known is not None:
            return self._same(known, fingerprint), False
        day = day_of(now)
        seconds, money = limits.call_seconds, cents(limits.call_seconds, minute_price)
        spent = LimitReached(
            f"'{company.company_id}' has used up today's call budget; text stays available", code="budget_spent"
        )
        busy = LimitReached(
            f"All {limits.concurrent_calls} lines of '{company.company_id}' are busy; try again in a minute",
            code="calls_busy",
        )
        # A call that no day could hold: the conditions below let the first write of a day through unseen.
        if limits.calls_per_day < 1 or seconds > limits.minutes_per_day * 60 or money > budget_cents(limits):
            raise spent
        if limits.concurrent_calls < 1:
            raise busy
        taken = Conflict("This Idempotency-Key is in use", code="idempotency_conflict")
        item: Item = {
            "pk": self._key(company.company_id, identity),
            "sk": "operation",
            "company_id": company.company_id,
            "operation_id": identity,
            "session_id": session_id,
            "mode": mode,
            "vendor": vendor,
            _STATE: "reserved",
            "reserved_seconds": seconds,
            "minute_price": minute_price,
            "day": day,
            "reserved_at": now,
            "fingerprint": fingerprint,
            "open_group": _OPEN,
            "open_until": int(now + _GRACE_SECONDS),
            "expires_at": int(now + RETENTION_SECONDS),
        }
        try:
            with self._table.transaction(taken) as writes:
                writes.put(item, condition="attribute_not_exists(pk)")
                writes.put(
                    {
                        "pk": self._session_calls(company.company_id, session_id),
                        "sk": identity,
                        "expires_at": item["expires_at"],
                    }
                )
                writes.update(
                    account_key(company.company_id),
                    "slots",
                    "ADD active :one",
                    condition="attribute_not_exists(active) OR active < :cap",
                    values={":one": 1, ":cap": limits.concurrent_calls},
                    refusal=busy,
                )
                writes.update(
                    account_key(company.company_id),
                    day_key(day),
                    "ADD calls :one, seconds :seconds, cents :cents",
                    condition="attribute_not_exists(pk) OR "
                    "(calls < :calls AND seconds <= :seconds_left AND cents <= :cents_left)",
                    values={
                        ":one": 1,
                        ":seconds": seconds,
                        ":cents": money,
                        ":calls": limits.calls_per_day,
                        ":seconds_left": limits.minutes_per_day * 60 - seconds,
                        ":cents_left": budget_cents(limits) - money,
                    },
                    refusal=spent,
                )
        except Conflict:
            raced = self.get(company.company_id, identity)
            if raced is None:
                raise
            return self._same(raced, fingerprint), False
        return self._operation(item), True

    def created(
        self,
        operation: Operation,
        conversation_id: str,
        url: str | None = None,
        meeting_token: str | None = None,
        sdp_answer: str | None = None,
    ) -> Operation:
        """The vendor gave us a call. From now on it costs."""
        now = self._clock()
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
                ":started": now,
                ":until": int(now + operation.reserved_seconds),
            },
        )
        pointer = {"company_id": operation.company_id, "operation_id": operation.operation_id}
        expires_at = int(now + RETENTION_SECONDS)
        self._table.put(
            {"pk": f"conversation#{conversation_id}", "sk": "conversation", "expires_at": expires_at} | pointer
        )
        return self._operation(item) if item else self._known(operation)

    def by_conversation(self, conversation_id: str) -> Operation | None:
        """The operation behind a vendor's conversation id, for calls that come from the vendor's servers."""
        pointer = self._table.get(f"conversation#{conversation_id}", "conversation")
        return self.get(pointer["company_id"], pointer["operation_id"]) if pointer else None

    def reported(self, conversation_id: str, units: Mapping[str, int], key: str) -> None:
        """Adds up what a call used, as its vendor tells through the browser: for exports, never a bill.

        `key` names the reply that used it; whoever tells it again changes nothing.
        """
        pointer = self._table.get(f"conversation#{conversation_id}", "conversation")
        if pointer is None or not units:
            return
        operation = self._key(pointer["company_id"], pointer["operation_id"])
        mark = {"pk": operation, "sk": f"reply#{hashlib.sha256(key.encode()).hexdigest()[:32]}"}
        with contextlib.suppress(Conflict), self._table.transaction(Conflict("told before")) as writes:
            writes.put(
                mark | {"expires_at": int(self._clock() + RETENTION_SECONDS)}, condition="attribute_not_exists(pk)"
            )
            writes.update(
                operation,
                "operation",
                f"ADD {', '.join(f'{_REPORTED}{name} :{name}' for name in units)}",
                values={f":{name}": count for name, count in units.items()},
                condition="attribute_exists(pk)",
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
            values={":yes": True, ":until": int(self._clock() + _GRACE_SECONDS)},
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
        return self._close(operation, "failed", used_seconds=0, calls=-1, allowed=("reserved", "unknown"))

    def settle(self, operation: Operation, used_seconds: float) -> bool:
        """The call is over: keeps what was used, gives back the rest. True for the one call that did it."""
        used = operation.billed_seconds(used_seconds)
        return self._close(
            operation, "settled", used_seconds=used, calls=0, allowed=("created", "live", "ending", "unknown")
        )

    def overdue(self) -> list[Operation]:
        """Operations that should be over by now, or whose create never came back. For the reconciler."""
        items = self._table.query_open(_OPEN, until=self._clock())
        fresh = (self.get(item["company_id"], item["operation_id"]) for item in items)
        return [operation for operation in fresh if operation and operation.state not in ("failed", "settled")]

    def open_operations(self, company_id: str, session_id: str) -> list[Operation]:
        """The session's calls that are not over: more than one when a page was loaded anew during a call."""
        return [each for each in self.of_session(company_id, session_id) if each.state not in ("failed", "settled")]

    def of_session(self, company_id: str, session_id: str) -> list[Operation]:
        """Every call of the session, over or not."""
        items = self._table.query(self._session_calls(company_id, session_id))
        found = (self.get(company_id, item["sk"]) for item in items)
        return [each for each in found if each]

    def each(self, scope: TenantScope) -> Iterator[Operation]:
        """All operations of a company, in no order. Operators only."""
        return map(self._operation, self._table.scan_owner(self._key(scope.company_id, ""), "operation"))

    def today(self, company_id: str) -> dict[str, int]:
        """`calls`, `seconds`, `cents` of this UTC day and `active` calls."""
        day = day_of(self._clock())
        account = account_key(company_id)
        counted = self._table.get(account, day_key(day)) or {}
        slots = self._table.get(account, "slots") or {}
        return {name: counted.get(name, 0) for name in ("calls", "seconds", "cents")} | {
            "active": slots.get("active", 0)
        }

    def _close(
        self,
        operation: Operation,
        state: OperationState,
        *,
        used_seconds: int,
        calls: int,
        allowed: tuple[OperationState, ...],
    ) -> bool:
        done = Conflict("settled before")
        refund = operation.reserved_seconds - used_seconds
        money = cents(operation.reserved_seconds, operation.minute_price) - cents(used_seconds, operation.minute_price)
        try:
            with self._table.transaction(done) as writes:
                writes.update(
                    self._key(operation.company_id, operation.operation_id),
                    "operation",
                    f"SET {_STATE} = :state, used_seconds = :used, closed_at = :now "
                    "REMOVE open_group, meeting_token, sdp_answer",
                    condition=_in_states(allowed),
                    values={":state": state, ":used": used_seconds, ":now": self._clock()} | _state_values(allowed),
                )
                writes.update(account_key(operation.company_id), "slots", "ADD active :less", values={":less": -1})
                writes.update(
                    account_key(operation.company_id),
                    day_key(operation.day),
                    "ADD calls :calls, seconds :seconds, cents :cents",
                    values={":calls": calls, ":seconds": -refund, ":cents": -money},
                )
        except Conflict:
            return False
        return True

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
            self._key(operation.company_id, operation.operation_id),
            "operation",
            f"SET {_STATE} = :state" + (f", {also}" if also else ""),
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

    def _operation(self, item: Item) -> Operation:
        told = {name: item[name] for name in Operation.model_fields if name in item}
        units = {name.removeprefix(_REPORTED): item[name] for name in item if name.startswith(_REPORTED)}
        return Operation.model_validate(told | {"state": item[_STATE], "reported": units})

    def _key(self, company_id: str, operation: str) -> str:
        return f"{company_id}#operation#{operation}"

    def _session_calls(self, company_id: str, session_id: str) -> str:
        return f"{company_id}#calls#{session_id}"
