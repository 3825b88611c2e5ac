"""A scripted conversation: what the visitor says, and what must be true of each answer."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCRIPTS = Path(__file__).parent / "scripts.toml"

Kind = Literal[
    "follow-up",
    "wrong-fact",
    "language",
    "off-topic",
    "angry",
    "competitor",
    "human?",
    "request-human",
    "lead",
    "meeting",
    "show",
    "small-talk",
]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelTurn(_Record):
    """What the scripted model does: looks something up, or calls another tool, then speaks.

    `quote` names words of the passage that it reads out with its number. `invent` is a sentence that it adds although
    no passage says so, to see that it does not reach the visitor.
    """

    search: str | None = None
    quote: str | None = None
    text: str | None = None
    invent: str | None = None
    tool: str | None = None
    arguments: dict[str, Any] = Field(default_factory=dict)
    plain: str | None = None
    refuse: str | None = None


class ScriptTurn(_Record):
    """One thing that a visitor says. In `facts`, `source`, `action` and `shows` a bar separates alternatives."""

    say: str
    model: ModelTurn
    facts: tuple[str, ...] = ()
    """Each must stand in the answer or, word by word, in what it cites."""
    source: str | None = None
    """The title of a source that the answer cites."""
    avoid: tuple[str, ...] = ()
    refuses: bool = False
    """The material does not hold it, and the answer says so. It may point at what comes closest."""
    honest: bool = False
    """Says that it is no human."""
    offers: bool = False
    """Stays polite and offers help."""
    language: str | None = None
    action: str | None = None
    shows: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    """The values on the card that asks for confirmation."""
    confirm: bool = False
    decline: bool = False
    lead: dict[str, str] | None = None
    """What the store of leads holds after this turn; empty for nothing."""


class Script(_Record):
    id: str
    company: str
    kind: Kind
    held_out: bool = False
    """Written after the embedded model was mended on the others, and never used for mending it."""
    turns: tuple[ScriptTurn, ...] = Field(min_length=1)


def scripts(path: Path = SCRIPTS) -> list[Script]:
    """All scripts, in the order of the file."""
    return [Script.model_validate(each) for each in tomllib.loads(path.read_text("utf-8"))["script"]]
