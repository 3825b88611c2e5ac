"""What a live-call vendor must do for us, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aisdr.company import Company
from aisdr.events import LiveEvent, ToolCall


@dataclass(frozen=True)
class CallRequest:
    """A call we want. `name` is our operation's id: by it a lost call is found again."""

    company: Company
    name: str
    max_seconds: int
    callback_url: str
    context: str
    """What the visitor said so far, for the vendor's brain."""


@dataclass(frozen=True)
class LiveCall:
    """A call the vendor gave us. `url` and `token` let one browser into the room."""

    call_id: str
    url: str
    token: str | None


@dataclass(frozen=True)
class CallStatus:
    """A call as the vendor sees it now. `seconds` is what it lasted, when the vendor tells."""

    active: bool
    reason: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Notice:
    """What a vendor's unsigned webhook claims. Nothing is settled on its word alone."""

    call_id: str
    kind: str
    """`joined`, `ended` or `other`."""


class LiveVendor(Protocol):
    """A vendor of live calls.

    Raises (every method that asks the vendor):
        NotConfigured: there is no key.
        LimitReached: the vendor's plan is full (`avatar_busy`) or out of credit (`vendor_credits`).
        VendorError: anything else; `outcome_unknown` when a call may have been bought nevertheless.
    """

    name: str
    not_created: str
    """What a visitor reads when a call could not be created, with the remedy."""

    def check(self, company: Company) -> None:
        """Raises, before anything is stored or spent: Forbidden (not enabled for this company), NotConfigured."""
        ...

    def start(self, request: CallRequest) -> LiveCall: ...

    def end(self, call_id: str) -> None:
        """Ends a call; one that is over already is not an error."""
        ...

    def status(self, call_id: str) -> CallStatus: ...

    def find(self, name: str) -> LiveCall | None:
        """The call with our operation's name, if the vendor knows one."""
        ...

    def read(self, event: Mapping[str, Any]) -> LiveEvent | None:
        """A raw in-call event in our words; None for what is not for us."""
        ...

    def tool_result(
        self, event: Mapping[str, Any], call: ToolCall, result: Mapping[str, Any], *, success: bool
    ) -> dict[str, Any]:
        """The raw message that carries a tool's result back into the call."""
        ...

    def read_notice(self, body: Mapping[str, Any]) -> Notice | None:
        """A webhook body in our words; None when it is not one of this vendor's."""
        ...
