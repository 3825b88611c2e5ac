"""Language models that say what a test tells them to."""

from collections.abc import Iterator, Sequence
from typing import Any

from aisdr.configuration import ModelChoice
from aisdr.errors import VendorError
from aisdr.inference.base import ModelEvent, Prompt, TextDelta, ToolRequest

OUTAGE = VendorError("The model is down", vendor="openai", retryable=True)
CHAIN = (ModelChoice(provider="openai", model="first"), ModelChoice(provider="openai", model="second"))


class Scripted:
    """One list of events for each time it is asked; nothing when the lists are used up."""

    name = "scripted"

    def __init__(self, *turns: Sequence[ModelEvent | Exception]) -> None:
        self.turns = list(turns)
        self.prompts: list[Prompt] = []

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]:
        self.prompts.append(prompt)
        for event in self.turns.pop(0) if self.turns else []:
            if isinstance(event, Exception):
                raise event
            yield event


def say(*pieces: str) -> list[ModelEvent | Exception]:
    return [TextDelta(piece) for piece in pieces]


def use(name: str, arguments: dict[str, Any] | None = None, call_id: str = "t1") -> ToolRequest:
    return ToolRequest(call_id, name, arguments)
