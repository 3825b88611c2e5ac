"""What a live-call vendor must do for us, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.events import LiveEvent, Role, ToolCall
from aisdr.inference.base import ToolSpec

RawMessage = dict[str, Any]
"""One message for the live call in the vendor's words; the browser passes it on unchanged."""
MOST_ID_CHARACTERS = 128
"""Of a vendor's own id of a call. Calls are found by it, and no key of our store takes any length."""


@dataclass(frozen=True)
class CallRequest:
    """A call we want. `name` is our operation's id: by it a lost call is found again."""

    company: Company
    name: str
    max_seconds: int
    callback_url: str
    context: str
    """What was said so far, for the vendor's brain; empty at the beginning of a conversation."""
    greeting: str
    """What the representative says first; when a conversation goes on, that it does."""
    tools: tuple[ToolSpec, ...] = ()
    offer: str | None = None
    """The browser's SDP offer, for vendors whose media the browser connects to by itself."""


@dataclass(frozen=True)
class LiveCall:
    """A call the vendor gave us: a room that one browser enters by `url` and `token`, or the `answer` to its offer."""

    call_id: str
    url: str | None = None
    token: str | None = None
    answer: str | None = None


@dataclass(frozen=True)
class ToolOutput:
    """What a tool gives back to the vendor's brain."""

    result: Mapping[str, Any]
    success: bool


@dataclass(frozen=True)
class CallStatus:
    """A call as the vendor sees it now. `seconds` is what it lasted, when the vendor tells."""

    active: bool
    reason: str | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Said:
    """One entry of the transcript that a vendor kept itself. `said_at` is epoch seconds, when the vendor tells."""

    role: Role
    text: str
    said_at: float | None = None
    key: str | None = None
    """The key that the same words have as an `Utterance`, where the vendor lets us know it."""


@dataclass(frozen=True)
class Recording:
    """Where a vendor put the recording of a call."""

    uri: str
    seconds: float | None = None


@dataclass(frozen=True)
class Notice:
    """What a vendor's unsigned webhook claims. Nothing is settled on its word alone."""

    call_id: str
    kind: Literal["joined", "ended", "transcript", "recording", "perception", "other"]
    said: tuple[Said, ...] = ()
    recording: Recording | None = None
    perceived: str = ""
    name: str = ""
    """The vendor's own word for what happened."""


class LiveVendor(Protocol):
    """A vendor of live calls: rooms that a browser enters (Tavus), or media that it connects to by itself (OpenAI).

    A second vendor of voice is a file beside these and a line in `services`. OpenAI's GPT-Live fits as it is: `start`
    posts the offer to `/live/sessions`, `read` gathers its transcript deltas, a delegation of work is a `ToolCall` that
    `tool_results` answers with a commentary, and `session.closed` tells the seconds.

    Raises (every method that asks the vendor):
        NotConfigured: there is no key.
        LimitReached: the vendor's plan is full (`avatar_busy`) or out of credit (`vendor_credits`).
        VendorError: anything else; `outcome_unknown` when a call may have been bought nevertheless.
    """

    name: str
    mode: Mode
    minute_price: float
    """What one minute may cost at most, in the currency of `limits.moneyPerDay`."""
    repeats_typed: bool
    """Whether what a visitor types into the call comes back as an utterance: then it is not written down before."""
    tells_end: bool
    """Whether `status` may be believed of a call that should be running."""
    not_created: str
    """What a visitor reads when a call could not be created, with the remedy."""

    def check(self, company: Company) -> None:
        """Raises, before anything is stored or spent: Forbidden (not enabled for this company), NotConfigured."""
        ...

    def start(self, request: CallRequest) -> LiveCall: ...

    def end(self, call_id: str) -> None:
        """Ends a call; one that is over already is not an error."""
        ...

    def forget(self, call_id: str) -> None:
        """Deletes what the vendor keeps of a call that is over; one that it does not know any more is not an error."""
        ...

    def status(self, call_id: str) -> CallStatus: ...

    def recorded(self, call_id: str) -> Sequence[Notice]:
        """What the vendor itself says happened in a call: notices that were asked for may be believed."""
        ...

    def find(self, name: str) -> LiveCall | None:
        """The call with our operation's name, if the vendor knows one."""
        ...

    def read(self, event: Mapping[str, Any]) -> Sequence[LiveEvent]:
        """A raw in-call event in our words; nothing for what is not for us."""
        ...

    def tool_results(
        self, event: Mapping[str, Any], results: Sequence[tuple[ToolCall, ToolOutput]]
    ) -> list[RawMessage]:
        """Carries the results of all tool calls of one event back into the call."""
        ...

    def typed(self, call_id: str, text: str) -> list[RawMessage]:
        """The visitor typed this during the call: it is answered as if it had been spoken."""
        ...

    def told(self, call_id: str, text: str) -> list[RawMessage]:
        """The brain should know this from now on; nothing is said because of it."""
        ...

    def spoken(self, call_id: str, text: str) -> list[RawMessage]:
        """The representative says exactly this."""
        ...

    def interrupted(self, call_id: str) -> list[RawMessage]:
        """The representative stops speaking."""
        ...

    def read_notice(self, body: Mapping[str, Any]) -> Notice | None:
        """A webhook body in our words; None when it is not one of this vendor's."""
        ...
