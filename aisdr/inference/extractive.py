"""The embedded language model: no network, no weights; it answers with the best sentences of the passages, or says no.

How it chooses and what it cannot do is told in docs/decisions/0002-extractive-answers.md.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from aisdr.inference.base import NOTHING_FITS, Message, ModelEvent, Prompt, TextDelta, ToolRequest, ToolSpec, Usage
from aisdr.inference.intents import intents, question_beside
from aisdr.inference.language import ASK_IN_ENGLISH, foreign_language
from aisdr.inference.questions import Question, read_question
from aisdr.inference.quotes import quoted
from aisdr.inference.relevance import Candidate, fits, rank, unmentioned
from aisdr.inference.small_talk import small_talk
from aisdr.inference.statements import sentences, statements
from aisdr.inference.words import stems

_WORDS_PER_DELTA = 3
# Below this score the search found nothing near the question either, so pointing there would mislead.
_RELATED_SCORE = 0.4
_RELATED_COVERAGE = 0.3
_FULFILLED = {
    "create_meeting_link": "Here is the link to book a meeting.",
    "log_lead": "Thank you, I've passed on your details. Someone will get back to you.",
    "show_visual": "Here is what I found to look at.",
    "get_demo_clip": "Here is a clip that shows it.",
}
_POINTS_BACK = re.compile(r"\b(?:this|that|it)\b", re.IGNORECASE)
_OVERVIEW = re.compile(r"\boverview\b|\babout\b|\bwhat\b|\bintroduction\b|\bat a glance\b", re.IGNORECASE)
_REPRESENTS = re.compile(r"You represent (?P<company>[A-Z][^.,;]{0,60}), (?P<what>(?:an?|the) [^.]+)\.")
_INTRODUCTION = re.compile(
    r"You are (?:(?P<name>[A-Z]\w+), )?"
    r"(?P<role>(?:the|an?) [^.,:;\n]{0,60}\b(?:of|for|at|from) (?P<company>[A-Z][^.,:;\n]{0,60}))[.,:;\n]"
)


class Extractive:
    """A reader rather than a writer: every claim is a quotation, followed by the number of its passage."""

    name = "extractive"

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]:
        conversation = _Conversation(prompt)
        requests = conversation.tool_requests()
        yield from requests
        if not requests:
            for piece in _pieces(conversation.reply()):
                yield TextDelta(piece)
        yield Usage()


class _Conversation:
    """The state of one model call: what was asked, what was done about it since."""

    def __init__(self, prompt: Prompt) -> None:
        self.prompt = prompt
        turns = prompt.messages
        at = max((at for at, message in enumerate(turns) if message.role == "user"), default=0)
        self.text = turns[at].text.strip() if turns else ""
        self.earlier = next((message.text for message in reversed(turns[:at]) if message.role == "user"), "")
        self.since = turns[at + 1 :]
        self.persona = _INTRODUCTION.match(prompt.system)
        self.company = self.persona["company"].strip() if self.persona else ""

    def tool_requests(self) -> list[ToolRequest]:
        """Tools for the visitor's wishes that are offered and were not asked for since the visitor spoke."""
        offered = {tool.name: tool for tool in self.prompt.tools}
        asked = {request.name for message in self.since for request in message.tool_requests}
        turn = sum(message.role == "user" for message in self.prompt.messages)
        return [
            ToolRequest(
                f"extractive-{turn}-{intent.tool}", intent.tool, _fitting(intent.arguments, offered[intent.tool])
            )
            for intent in intents(self.prompt.messages)
            if intent.tool in offered and intent.tool not in asked
        ]

    def reply(self) -> str:
        results = [message for message in self.since if message.role == "tool"]
        if results:
            return self._after_tools(results)
        return self._courtesy() or self._grounded(self.text) or self._refusal()

    def _after_tools(self, results: Sequence[Message]) -> str:
        names = {request.call_id: request.name for message in self.since for request in message.tool_requests}
        called = [names.get(result.call_id or "", "") for result in results]
        told = [_phrase(name, result.text) for name, result in zip(called, results, strict=True)]
        arranged = {"create_meeting_link", "log_lead"} & set(called)
        question = question_beside(self.text) if arranged else self.text
        answer = self._grounded(question) if question else ""
        return "\n\n".join(filter(None, [" ".join(dict.fromkeys(told)), answer]))

    def _courtesy(self) -> str:
        invitation = f"What would you like to know about {self.company}?" if self.company else "What can I tell you?"
        match small_talk(self.text, self.company):
            case "about" if not (self.earlier and _POINTS_BACK.search(self.text)):
                return self._about()
            case "greeting":
                return f"Hello! {self._introduction()} {invitation}"
            case "who" | "abilities":
                return f"{self._introduction()} I answer with what stands in the material I was given. {invitation}"
            case "thanks":
                return "You're welcome! Is there anything else you'd like to know?"
            case "farewell":
                return "Goodbye, and thank you for stopping by!"
            case "approval":
                return "Good. What else would you like to know?"
            case None if not re.search(r"\w", self.text):
                return invitation
            case _:
                return ""

    def _about(self) -> str:
        """What the company does: as its own material has it, else as the operator does."""
        if not self.company:
            return ""
        says = re.compile(
            rf"{re.escape(self.company)} (?:is (?:an?|the)|helps|lets|gives|makes|offers|provides|builds)\b"
        )
        for passage in self.prompt.passages:
            if passage.modality == "text" and _OVERVIEW.search(f"{passage.title} {passage.text[:80]}"):
                for one in statements(passage.text):
                    if one.kind == "sentence" and says.match(one.text):
                        return f"{one.text} [{passage.number}]"
        lines = self.prompt.system.splitlines()
        for line in lines:
            if told := _REPRESENTS.match(line):
                return f"{told['company']} is {told['what']}."
        described = sentences(lines[0])[1:]
        return f"{self.company}: {described[0]}" if described else ""

    def _introduction(self) -> str:
        """Who speaks, as the operator's first sentence has it; that this is no person is always said."""
        if not self.persona:
            return "I'm the AI assistant here."
        name = f"{self.persona['name']}, " if self.persona["name"] else ""
        says_so = re.search(r"\bAI\b", self.persona["role"])
        return f"I'm {name}{self.persona['role'] if says_so else f'the AI assistant of {self.company}'}."

    def _grounded(self, text: str) -> str:
        question = self._question(text)
        fitting = [one for one in rank(self.prompt.passages, question) if fits(one, question)]
        if not fitting:
            return ""
        missing = unmentioned(fitting[0], question)
        alike = [one for one in fitting if unmentioned(one, question) == missing]
        return f"{_not_mentioned(missing, text)}{quoted(alike, question)}"

    def _question(self, text: str) -> Question:
        return read_question(text, self.earlier, frozenset(stems(self.company)))

    def _refusal(self) -> str:
        question = self._question(self.text)
        language = foreign_language(self.text)
        if language is not None:
            return ASK_IN_ENGLISH[language]
        if not question.terms:
            return "Could you tell me a little more about what you'd like to know?"
        return f"{NOTHING_FITS}. {self._next_step(question)}".strip()

    def _next_step(self, question: Question) -> str:
        offered = {tool.name for tool in self.prompt.tools}
        nearest = next(iter(rank(self.prompt.passages, question)), None)
        if nearest and nearest.passage.score >= _RELATED_SCORE and nearest.coverage >= _RELATED_COVERAGE:
            return _pointer(nearest)
        if "create_meeting_link" in offered:
            return "I can arrange a meeting with the team: just say so."
        if "log_lead" in offered:
            return "If you leave your e-mail address, the team can get back to you."
        return ""


def _not_mentioned(names: frozenset[str], text: str) -> str:
    written = [word for word in re.findall(r"[\w&.-]+\w", text) if set(stems(word)) & names]
    return f"My material does not mention {' or '.join(dict.fromkeys(written))}. " if written else ""


def _pointer(nearest: Candidate) -> str:
    """What comes nearest, with the mark that opens it."""
    title, heading = nearest.passage.title, nearest.statement.heading
    place = f"“{heading}” in “{title}”" if heading and heading != title else f"“{title}”"
    return f"The closest I have is {place} [{nearest.passage.number}]."


def _fitting(arguments: dict[str, Any], tool: ToolSpec) -> dict[str, Any]:
    """Only the arguments that the tool knows, no longer than it takes them."""
    known = tool.parameters.get("properties", {})
    return {name: value[: _max_length(known[name])] for name, value in arguments.items() if name in known}


def _max_length(schema: dict[str, Any]) -> int | None:
    limits = [part["maxLength"] for part in (schema, *schema.get("anyOf", ())) if "maxLength" in part]
    return min(limits, default=None)


def _phrase(name: str, result: str) -> str:
    """What a tool's result says to the visitor."""
    try:
        told = json.loads(result)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return ""
    if isinstance(told.get("say"), str):
        return str(told["say"]).strip()
    if told.get("error") or told.get("success") is False or not any(told.values()):
        return "I'm sorry, I could not do that just now." if name in _FULFILLED else ""
    return _FULFILLED.get(name, "")


def _pieces(text: str) -> Iterator[str]:
    """A few words at a time, so that an answer appears the way a model writes it; a citation stays with its word."""
    spoken = re.findall(r"\S+(?: \[\d+\])*\s*", text)
    for at in range(0, len(spoken), _WORDS_PER_DELTA):
        yield "".join(spoken[at : at + _WORDS_PER_DELTA])
