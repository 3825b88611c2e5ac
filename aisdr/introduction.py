"""What a website says of its visitor and its page, by the widget's `identify` and `setContext`.

Nobody has verified any of it: it is data for whoever reads it, never an instruction, and opens no door.
"""

import json
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from aisdr.session import Session
from aisdr.unseen import seen
from aisdr.wire import Body, Wire


def _seen(value: Any) -> Any:
    """First of all: what is kept must be what was checked, or it could not be read again."""
    return seen(value) if isinstance(value, str) else value


_ONE_LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
_Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_ONE_LINE),
    BeforeValidator(_seen),
]
"""One line of text: line breaks and other control characters would let a value look like the record around it."""
_Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$"),
    BeforeValidator(_seen),
]

MOST_FACTS = 20


_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")]


class KnownVisitor(Wire):
    """Who the visitor is, as far as the website knows."""

    name: _Line | None = None
    email: _Email | None = None
    phone: _Line | None = None
    company: _Line | None = None

    def facts(self) -> dict[str, str]:
        """`name`, `email`, `phone` and `company`, as far as they are known."""
        return self.model_dump(exclude_none=True)


class Introduction(Body):
    """All that the website says. `context` holds short facts about page, product or plan under names of its own."""

    visitor: KnownVisitor = Field(default_factory=KnownVisitor)
    context: dict[_Name, bool | int | float | _Line] = Field(
        default_factory=dict,
        max_length=MOST_FACTS,
        json_schema_extra={"additionalProperties": False},  # pydantic says of such names only what they may be, too
    )

    def told(self) -> str:
        """As a line for a brain; empty when the website says nothing."""
        facts = self.visitor.facts() | {name: _spoken(value) for name, value in self.context.items()}
        if not facts:
            return ""
        listed = "; ".join(f"{name}: {value}" for name, value in facts.items())
        return f"The website says, which nobody has verified: {listed}."


def introduced(session: Session) -> Introduction:
    """What the website says of this conversation's visitor and page."""
    return Introduction.model_validate_json(session.introduction) if session.introduction else Introduction()


def _spoken(value: bool | int | float | str) -> str:
    return value if isinstance(value, str) else json.dumps(value)
