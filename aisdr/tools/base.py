"""The contract of a tool: what it is told by, what it may know of who asks, and what it gives back."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from aisdr.answer import Card
from aisdr.company import Company
from aisdr.errors import AisdrError
from aisdr.index.base import SearchHit
from aisdr.inference.base import ToolSpec
from aisdr.session import Session
from aisdr.tools.form import schema_of
from aisdr.wire import Wire

MOST_AT_ONCE = 5
"""Tools that run in one step of an answer; steps alone would bound nothing."""

Settled = Literal["confirmed", "declined", "expired"]


class Arguments(BaseModel):
    """Base of every tool's arguments. Unknown keys are refused, so that nobody smuggles a company or a session in."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, hide_input_in_errors=True)


class ToolResult(Wire):
    """`result` goes back to the model or the caller, `cards` go to the visitor's eyes."""

    success: bool = True
    result: dict[str, Any]
    cards: tuple[Card, ...] = ()
    hits: tuple[SearchHit, ...] = Field(default=(), exclude=True)
    """What a search found, for the agent, which numbers and cites it. Not part of the record or of any answer."""


@dataclass(frozen=True)
class ToolContext:
    """Who is asking. A tool never takes a company or a session from its arguments."""

    company: Company
    session: Session
    key: str = ""
    """Names this one call, given by the registry: what is written under it once is not written again."""
    live: bool = False
    """Somebody waits on the line for the result."""


class Described(Protocol):
    """What can be told of a tool before it is built."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def arguments(self) -> type[Arguments]: ...


class Tool(Described, Protocol):
    """One thing the representative can do. `writes` says that it may leave something behind."""

    @property
    def writes(self) -> bool: ...

    def run(self, context: ToolContext, arguments: Any) -> ToolResult: ...


@runtime_checkable
class WritingTool(Tool, Protocol):
    """A tool whose effect the visitor confirms. The same `context.key` must never have its effect twice."""

    def asks(self, arguments: Any) -> bool:
        """Whether this very call would write something down; otherwise it runs at once."""
        ...

    def question(self, context: ToolContext) -> tuple[str, str]:
        """Title of the card, and what happens with the data when the visitor agrees."""
        ...


def spec_of(tool: Described) -> ToolSpec:
    return ToolSpec(tool.name, tool.description, schema_of(tool.arguments))


def call_key(session: Session, call_id: str) -> str:
    """The one name of a call, whatever door it comes through.

    Hashed, because a vendor's id may be longer than a sort key; with the session, because it names an effect.
    """
    return digest_of(session.key, call_id)[:32]


def digest_of(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def failed(error: AisdrError) -> ToolResult:
    """A refusal as a result that a model can read and talk about."""
    return ToolResult(success=False, result={"error": error.code, "message": error.message})
