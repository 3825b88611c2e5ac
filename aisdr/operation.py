"""One paid call as the ledger keeps it, from the wish to the bill.

`reserved -> created -> live -> ending -> settled`, with `failed` (nothing was bought) and `unknown` (a create whose
outcome nobody saw: it is looked for, never repeated).
"""

import contextlib
import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from aisdr.budget import cents
from aisdr.configuration import Mode
from aisdr.errors import Conflict
from aisdr.session import RETENTION_SECONDS
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope
from aisdr.wire import Wire

OperationState = Literal["reserved", "created", "live", "ending", "unknown", "failed", "settled"]
CLOSED: tuple[OperationState, ...] = ("failed", "settled")
STATE = "operation_state"
"""The attribute that holds the state: `state` is one of DynamoDB's own words."""
REPORTED = "reported_"
OPEN = "open"
"""Group of those that are not over, in the index of what is to be looked at."""


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
    network: str | None = None
    """Mark of the network that it was started from, while it is open."""
    network_place: int | None = None
    """Which of that network's starts of the hour it took."""
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
    failed_at: float | None = None
    """When the reconciler last tried to close it, and could not."""

    @property
    def deadline(self) -> float:
        """Epoch second by which the call must be over.

        From the wish: the vendor counts from somewhere between the wish and its answer, and must not be outlived.
        """
        return self.reserved_at + self.reserved_seconds

    def seconds_left(self, now: float) -> int:
        """Whole seconds until then, so that nobody is promised one too many."""
        return max(0, math.floor(self.deadline - now))

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED

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


def operation_of(item: Item) -> Operation:
    """Reads the record."""
    told: Mapping[str, Any] = {name: item[name] for name in Operation.model_fields if name in item}
    units = {name.removeprefix(REPORTED): item[name] for name in item if name.startswith(REPORTED)}
    return Operation.model_validate({**told, "state": item[STATE], "reported": units})


class Operations:
    """The records of paid calls: found again, and added to, but not moved from state to state."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def get(self, company_id: str, operation: str) -> Operation | None:
        item = self._table.get(self.key(company_id, operation), "operation")
        return operation_of(item) if item else None

    def overdue(self) -> list[Operation]:
        """Operations that somebody has to look at, those first whose time is up, and last those that it failed at. For
        the reconciler.

        That are calls that should be over or were to be asked after, and wishes whose create never came back.
        """
        now = self._clock()
        items = self._table.query_open(OPEN, until=now)
        fresh = (self.get(item["company_id"], item["operation_id"]) for item in items)
        found = [operation for operation in fresh if operation and operation.is_open]

        def turn(each: Operation) -> tuple[bool, float]:
            return each.deadline > now and each.state in ("created", "live"), each.failed_at or 0.0

        return sorted(found, key=turn)

    def ending_within(self, seconds: float) -> list[Operation]:
        """Calls whose time is up within so many seconds from now, in this order. For the reconciler."""
        now = self._clock()
        items = self._table.query_open(OPEN, until=now + seconds + 1)
        fresh = (self.get(item["company_id"], item["operation_id"]) for item in items)
        running = [operation for operation in fresh if operation and operation.state in ("created", "live")]
        return sorted(
            (each for each in running if now < each.deadline <= now + seconds), key=lambda each: each.deadline
        )

    def open_operations(self, company_id: str, session_id: str) -> list[Operation]:
        """The session's calls that are not over: more than one when a page was loaded anew during a call."""
        return [each for each in self.of_session(company_id, session_id) if each.is_open]

    def of_session(self, company_id: str, session_id: str) -> list[Operation]:
        """Every call of the session, over or not."""
        items = self._table.query(self.calls_key(company_id, session_id))
        found = (self.get(company_id, item["sk"]) for item in items)
        return [each for each in found if each]

    def each(self, scope: TenantScope) -> Iterator[Operation]:
        """All operations of a company, in no order. Operators only."""
        return map(operation_of, self._table.scan_owner(self.key(scope.company_id, ""), "operation"))

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
        operation = self.key(pointer["company_id"], pointer["operation_id"])
        mark = {"pk": operation, "sk": f"reply#{hashlib.sha256(key.encode()).hexdigest()[:32]}"}
        with contextlib.suppress(Conflict), self._table.transaction(Conflict("told before")) as writes:
            writes.put(
                mark | {"expires_at": int(self._clock() + RETENTION_SECONDS)}, condition="attribute_not_exists(pk)"
            )
            writes.update(
                operation,
                "operation",
                f"ADD {', '.join(f'{REPORTED}{name} :{name}' for name in units)}",
                values={f":{name}": count for name, count in units.items()},
                condition="attribute_exists(pk)",
            )

    def key(self, company_id: str, operation: str) -> str:
        """Partition of one paid call."""
        return f"{company_id}#operation#{operation}"

    def calls_key(self, company_id: str, session_id: str) -> str:
        """Partition of the names of a session's calls."""
        return f"{company_id}#calls#{session_id}"
