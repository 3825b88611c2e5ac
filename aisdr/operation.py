"""One paid call as the ledger keeps it, from the wish to the bill.

`reserved -> created -> live -> ending -> settled`, with `failed` (nothing was bought) and `unknown` (a create whose
outcome nobody saw: it is looked for, never repeated).
"""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from aisdr.budget import cents
from aisdr.configuration import Mode
from aisdr.table import Item
from aisdr.wire import Wire

OperationState = Literal["reserved", "created", "live", "ending", "unknown", "failed", "settled"]
CLOSED: tuple[OperationState, ...] = ("failed", "settled")
STATE = "operation_state"
"""The attribute that holds the state: `state` is one of DynamoDB's own words."""
REPORTED = "reported_"


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

    @property
    def deadline(self) -> float:
        """Epoch second by which the call must be over.

        From the wish: the vendor counts from somewhere between the wish and its answer, and must not be outlived.
        """
        return self.reserved_at + self.reserved_seconds

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
