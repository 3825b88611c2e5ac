"""Prompts about Quillbase, and what the embedded language model makes of them."""

from typing import Any

from aisdr.inference.base import Message, Passage, Prompt, TextDelta, ToolSpec
from aisdr.inference.extractive import Extractive

SYSTEM = "You are the AI sales representative of Quillbase. Support software.\nTone: friendly"
PRICES = """## Plans

| Plan | Price per month | Conversations | Seats |
|---|---|---|---|
| Starter | $49.99 | 500 | 2 |
| Growth | $149 | 5,000 | 10 |
| Enterprise | from $900 | Unlimited | Unlimited |

Paying annually saves 20 %."""
TOOLS = ("Salesforce (leads and contacts)", "HubSpot (deals)", "Zendesk (tickets)", "Slack (alerts)")
INTEGRATIONS = "# Integrations\n\nQuillbase connects to these systems:\n\n" + "\n".join(f"- {tool}" for tool in TOOLS)
TRIAL = "Every plan starts with a 14-day free trial. It needs no credit card. Afterwards your workspace is paused."


def tool(name: str, *arguments: str, **limits: int) -> ToolSpec:
    properties = {
        each: {"type": "string"} | ({"maxLength": limits[each]} if each in limits else {}) for each in arguments
    }
    return ToolSpec(name, name, {"type": "object", "properties": properties})


def passages(*texts: str, score: float = 0.6, **changes: str) -> tuple[Passage, ...]:
    title = changes.pop("title", "Guide")
    return tuple(Passage(at, title, text, score=score, **changes) for at, text in enumerate(texts, start=1))


def ask(question: str, *texts: str, **changes: Any) -> str:
    return answer(Prompt(SYSTEM, (Message("user", question),), passages(*texts, **changes)))


def answer(prompt: Prompt) -> str:
    return "".join(event.text for event in Extractive().stream(prompt) if isinstance(event, TextDelta))
