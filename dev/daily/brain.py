"""What the stand-in makes of a sentence: which tool to call, with which arguments, and how to say what came back."""

import json
import re
from dataclasses import dataclass
from typing import Any

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_NAME = re.compile(r"\b(?:my name is|i am|i'm|this is)\s+([A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?)", re.IGNORECASE)
_SPOKEN_SENTENCES = 2
_MOST_CHARACTERS = 700

# In this order: the first whose words occur in the sentence and whose tool the PAL carries is called.
_INTENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("log_lead", EMAIL),
    (
        "request_human",
        re.compile(
            r"\b(?:talk|speak|connect|chat|get)\b.{0,20}\b(?:human|person|people|somebody|someone|agent|colleague)\b"
            r"|\b(?:a|real|actual) (?:human|person)\b|\bhuman being\b",
            re.IGNORECASE,
        ),
    ),
    (
        "create_meeting_link",
        re.compile(r"\b(book|meeting|meet|schedule|appointment|call me|call you|have a call)\b", re.IGNORECASE),
    ),
    ("get_demo_clip", re.compile(r"\b(clip|demo|video|recording)\b", re.IGNORECASE)),
    ("show_visual", re.compile(r"\b(show|picture|diagram|image|chart|screenshot|slide)\b", re.IGNORECASE)),
    ("search_knowledge", re.compile(r"")),
)
_FILLERS = {
    "log_lead": "Thank you, let me note that down.",
    "request_human": "Of course, let me see who can help you.",
    "create_meeting_link": "Sure, let me get you a link.",
    "get_demo_clip": "Let me find a clip for you.",
    "show_visual": "Let me show you something.",
    "search_knowledge": "Let me look that up.",
}
NOTHING_TO_ASK = "I am a local stand-in without a tool for that, so I cannot answer it."
FAILED = "I am sorry, that did not work just now."
FIRST_TIME = "You have not asked me anything before."
EMPTY = "I did not find anything about that."


_LOOKS_BACK = re.compile(
    r"\b(?:what (?:did i|was it that i|have i) (?:\w+ )?(?:ask|say|said|asked|want)"
    r"|what (?:were|are) we (?:talking|speaking) about|my (?:last|previous|earlier) question"
    r"|where (?:were|did) we (?:stop|leave off|before)?)\b",
    re.IGNORECASE,
)
_VISITOR_SAID = re.compile(r"^visitor: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Wish:
    """A call of a tool that the avatar wants to make."""

    tool: dict[str, Any]
    arguments: dict[str, Any]

    @property
    def filler(self) -> str:
        match self.tool.get("on_call", "generate_filler"):
            case "silent" | "passthrough":
                return ""
            case "static_filler":
                return str(self.tool["static_filler"])
            case _:
                return _FILLERS.get(self.tool["name"], "One moment, please.")

    @property
    def resolution(self) -> str:
        """What happens with the result; inline tools have no such setting and are always answered aloud."""
        return str(self.tool.get("on_resolve", "generate_response"))


def remembered(text: str, context: list[str], heard: list[str]) -> str | None:
    """The answer to a question about the conversation itself: the last question before it, of this call or an earlier
    mode. None when it is about something else.
    """
    if not _LOOKS_BACK.search(text):
        return None
    before = [said for part in context for said in _VISITOR_SAID.findall(part)]
    questions = [*before, *heard]
    if not questions:
        return FIRST_TIME
    return f"You asked me: {_short(questions[-1])}"


def choose(text: str, tools: list[dict[str, Any]]) -> Wish | None:
    carried = {tool["name"]: tool for tool in tools}
    for name, words in _INTENTS:
        if name in carried and words.search(text):
            return Wish(carried[name], arguments(text, carried[name].get("parameters") or {}))
    return None


def arguments(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Fills the tool's own parameters from the sentence: what is recognised, and whatever is required."""
    required = set(schema.get("required") or ())
    found: dict[str, Any] = {}
    for name, rule in (schema.get("properties") or {}).items():
        value = _argument(name, rule, text, name in required)
        if value is not None:
            found[name] = value
    return found


def _argument(name: str, rule: dict[str, Any], text: str, required: bool) -> Any:
    email, person = EMAIL.search(text), _NAME.search(text)
    kind = rule.get("type", "string")
    if "email" in name.lower():
        return email.group() if email else ("" if required else None)
    if name.lower().endswith("name"):
        return person.group(1) if person else ("" if required else None)
    if "enum" in rule:
        named = [choice for choice in rule["enum"] if str(choice).lower() in text.lower()]
        return named[0] if named else (rule["enum"][0] if required else None)
    if kind == "string" and (required or name in ("query", "question", "topic", "text", "note", "notes")):
        return text
    if required:
        plain = {"integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
        return rule.get("default", rule.get("minimum", plain.get(kind, text)))
    return None


def sayable(output: Any, status: str) -> str:
    """The result of a tool as a person would say it."""
    if status == "error":
        return FAILED
    if isinstance(output, str):
        try:
            output = json.loads(output)
        except ValueError:
            return _short(output)
    if isinstance(output, dict):
        for name in ("answer", "say"):
            if isinstance(output.get(name), str) and output[name].strip():
                return _short(output[name])
        passages = output.get("passages")
        if isinstance(passages, list) and passages and isinstance(passages[0], dict):
            return _short(_first_sentences(str(passages[0].get("content", ""))))
    return EMPTY


def _first_sentences(text: str) -> str:
    return " ".join(re.split(r"(?<=[.!?])\s+", text.strip())[:_SPOKEN_SENTENCES])


def _short(text: str) -> str:
    """Without marks that only eyes can use: citation numbers, emphasis, addresses."""
    text = re.sub(r"\s*\[\d+\]|[*_`#]+", "", text)
    text = re.sub(r"https?://\S+", "the link", text)
    text = re.sub(r"\s+", " ", text).strip() or EMPTY
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS].rsplit(" ", 1)[0] + " …"
