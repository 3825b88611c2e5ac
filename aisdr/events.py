"""What happens in a live call, in our words. A vendor's file translates its own events into these."""

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["visitor", "assistant"]


@dataclass(frozen=True)
class Utterance:
    """Something was said. `key` is stable when the vendor repeats or revises the same utterance."""

    role: Role
    text: str
    key: str


@dataclass(frozen=True)
class ToolCall:
    """The assistant wants one of our tools. `call_id` makes the call safe to repeat on any channel."""

    call_id: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    malformed: str | None = None
    """Why the vendor's arguments could not be read, when they could not."""


@dataclass(frozen=True)
class Opened:
    """The vendor's side is ready and says nothing by itself: the greeting has to be asked for."""


@dataclass(frozen=True)
class Speaking:
    """Somebody begins or stops speaking."""

    role: Role
    speaking: bool


@dataclass(frozen=True)
class Interrupted:
    """The visitor spoke into the assistant's words; what it meant to say after that was not heard."""


@dataclass(frozen=True)
class Perceived:
    """What the vendor's eyes or ears make of the visitor, in its own words."""

    text: str


@dataclass(frozen=True)
class LanguageHeard:
    """The visitor speaks this language (a code such as `de`)."""

    language: str


@dataclass(frozen=True)
class QualityWarned:
    """The connection or the devices are not what they should be. `what` is the vendor's word."""

    what: str


@dataclass(frozen=True)
class Spent:
    """What one reply used, as the vendor reports it through the browser: shown to operators, never billed on."""

    units: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CallEnded:
    """The call is over on the vendor's side. `reason` is one of our words or the vendor's own."""

    reason: str


LiveEvent = (
    Utterance
    | ToolCall
    | Opened
    | Speaking
    | Interrupted
    | Perceived
    | LanguageHeard
    | QualityWarned
    | Spent
    | CallEnded
)
