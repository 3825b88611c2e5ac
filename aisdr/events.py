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
    cut: bool = False
    """Nobody heard more of it: it takes the place of the whole, whichever is told first."""
    spoken: bool = False
    """This was really said: it takes the place of what was only meant to be said."""
    language: str | None = None
    """The code of the language it was spoken in, such as `de`, when the vendor hears that."""
    begun: str | None = None
    """The key of the `Begun` that told where it begins, for vendors that tell words late."""
    order: int | None = field(default=None, compare=False)
    """The vendor's own number of the event in the call; without one it stands where the browser heard it."""


@dataclass(frozen=True)
class Begun:
    """Here somebody begins to say what may be told much later."""

    key: str


@dataclass(frozen=True)
class ToolCall:
    """The assistant wants one of our tools. `call_id` makes the call safe to repeat on any channel."""

    call_id: str
    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    malformed: str | None = None
    """Why the vendor's arguments could not be read, when they could not."""
    order: int | None = field(default=None, compare=False)
    """As of an utterance."""


@dataclass(frozen=True)
class Opened:
    """The vendor's side is ready and says nothing by itself: the greeting has to be asked for."""


@dataclass(frozen=True)
class QualityWarned:
    """The connection or the devices are not what they should be. `what` is the vendor's word."""

    what: str


@dataclass(frozen=True)
class Spent:
    """What one reply used, as the vendor reports it through the browser: shown to operators, never billed on."""

    units: dict[str, int] = field(default_factory=dict)
    key: str = ""
    """The vendor's own name of the reply, so that whoever tells it twice changes nothing."""


@dataclass(frozen=True)
class CallEnded:
    """The call is over on the vendor's side. `reason` is one of our words or the vendor's own."""

    reason: str


LiveEvent = Utterance | Begun | ToolCall | Opened | QualityWarned | Spent | CallEnded
"""What only the browser draws, such as who is speaking just now, it reads from the raw events itself."""
