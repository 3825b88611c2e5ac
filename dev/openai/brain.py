"""What the voice makes of the conversation so far: words to say, or a tool to call."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dev.daily import brain
from dev.daily.brain import Wish

_EXACTLY = re.compile(r"say exactly:?\s*[\"“«](?P<text>.+)[\"”»]", re.IGNORECASE | re.DOTALL)
_RECALL = re.compile(
    r"\b(did i (just )?(ask|say|want to know)|i asked (you )?(before|earlier)|(my|the) (last|previous|earlier) question"
    r"|were we talking about|were we discussing|talk(ed|ing)? about (before|earlier))\b",
    re.IGNORECASE,
)
_HUMAN = re.compile(
    r"\b(human|real person|a person|somebody real|an? (agent|colleague|representative|sales ?person))\b", re.IGNORECASE
)
_SPEAKER = re.compile(
    r"^\W*(?:visitor|user|customer|prospect|they|question)\b[^:\n]{0,20}:\s*(?P<text>.+)$", re.IGNORECASE | re.M
)
_QUESTION = re.compile(r"[^.!?\n:\"“]+\?")
_SPOKEN_ADDRESS = re.compile(r"\b([\w+-]+)\s+(?:at|@)\s+([\w-]+)(?:\.|\s+dot\s+)([a-z]{2,})\b", re.IGNORECASE)
NOTHING_SAID = "Hello! What would you like to know?"
NOTHING_ASKED = "You have not asked me anything yet."


@dataclass(frozen=True)
class Say:
    text: str


def decide(
    items: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]], instructions: str, told_now: str | None
) -> Say | Wish:
    """`items` is the conversation in its order, `told_now` the instructions of this one response."""
    exactly = _EXACTLY.search(told_now or "")
    if exactly:
        return Say(exactly["text"].strip())
    results = _latest_results(items)
    if results:
        return Say(" ".join(brain.sayable(result, "success") for result in results))
    asked = [_text(item) for item in items if item.get("role") == "user"]
    if not asked or not asked[-1]:
        return Say(NOTHING_SAID)
    return _to_question(written(asked[-1]), asked[:-1], _context(items, instructions), tools)


def written(heard: str) -> str:
    """What was heard, with a spoken e-mail address as one writes it."""
    return _SPOKEN_ADDRESS.sub(r"\1@\2.\3", heard)


def _to_question(
    question: str, earlier: Sequence[str], context: Sequence[str], tools: Sequence[dict[str, Any]]
) -> Say | Wish:
    if _RECALL.search(question):
        said = [text for text in (*_questions(context), *earlier) if not _RECALL.search(text)]
        before = next((text for text in reversed(said) if text.endswith("?")), said[-1] if said else None)
        return Say(f"You asked: {before}" if before else NOTHING_ASKED)
    carried = {tool["name"]: tool for tool in tools if tool.get("type") == "function"}
    human = carried.get("request_human")
    if human is not None and _HUMAN.search(question):
        return Wish(human, brain.arguments(question, human.get("parameters") or {}))
    return brain.choose(question, list(carried.values())) or Say(brain.NOTHING_TO_ASK)


def _latest_results(items: Sequence[dict[str, Any]]) -> list[str]:
    """The outputs that came in after the last words of anybody."""
    results: list[str] = []
    for item in reversed(items):
        if item["type"] == "message" and item["role"] in ("user", "assistant"):
            break
        if item["type"] == "function_call_output":
            results.insert(0, item["output"])
    return results


def _context(items: Sequence[dict[str, Any]], instructions: str) -> list[str]:
    return [instructions, *(_text(item) for item in items if item.get("role") == "system")]


def _questions(context: Sequence[str]) -> list[str]:
    """What visitors asked, by a report of the conversation: lines with a speaker, or simply questions."""
    found: list[str] = []
    for text in context[:1]:  # instructions hold questions of many kinds; only lines with a speaker are a visitor's
        found += [match["text"].strip() for match in _SPEAKER.finditer(text)]
    for text in context[1:]:
        spoken = [match["text"].strip() for match in _SPEAKER.finditer(text)]
        found += spoken or [match.group().strip() for match in _QUESTION.finditer(text)]
    return found


def _text(item: dict[str, Any]) -> str:
    parts = (part.get("text") or part.get("transcript") or "" for part in item.get("content") or ())
    return " ".join(parts).strip()
