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
class CallEnded:
    """The call is over on the vendor's side. `reason` is one of our words or the vendor's own."""

    reason: str


LiveEvent = Utterance | ToolCall | CallEnded
