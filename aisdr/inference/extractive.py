"""The embedded language model: no network, no weights; it answers with the best sentences of the passages, or says no.

How it chooses and what it cannot do is told in docs/decisions/0002-extractive-answers.md.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from aisdr.inference.base import Message, ModelEvent, Passage, Prompt, TextDelta, ToolRequest, ToolSpec, Usage
from aisdr.inference.intents import intents, question_beside
from aisdr.inference.language import ASK_IN_ENGLISH, foreign_language, weighty
from aisdr.inference.manner import calmed, manner, offers_fact, wants_person, without_number
from aisdr.inference.phrases import phrases
from aisdr.inference.questions import Question, read_question
from aisdr.inference.quotes import quoted
from aisdr.inference.recall import recall, recalled
from aisdr.inference.relevance import Candidate, fits, rank, unmentioned
from aisdr.inference.sentences import sentences
from aisdr.inference.small_talk import small_talk
from aisdr.inference.statements import statements
from aisdr.inference.words import stems

_WORDS_PER_DELTA = 3
# Below this score the search found nothing near the question either, so pointing there would mislead.
_RELATED_SCORE = 0.4
_RELATED_COVERAGE = 0.3
_FULFILLED = {
    "create_meeting_link": "Here is the link to book a meeting.",
    "log_lead": "Thank you, I've passed on your details. Someone will get back to you.",
    "request_human": "I've asked the team to get in touch with you.",
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
        self.said = [message.text for message in turns[:at] if message.role == "user"]
        self.earlier = self.said[-1] if self.said else ""
        self.asked = prompt.question or self.text
        self.words = phrases(prompt.language)
        self.foreign = prompt.language != "en"
        self.manner = manner(self.text)
        if self.manner == "upset":
            self.asked = calmed(self.asked)
        self.since = turns[at + 1 :]
        self.persona = _INTRODUCTION.match(prompt.system)
        self.company = self.persona["company"].strip() if self.persona else ""

    def tool_requests(self) -> list[ToolRequest]:
        """Tools for the visitor's wishes that are offered and were not asked for since the visitor spoke."""
        if self.manner == "turning":
            return []  # what is smuggled in beside such words is no wish of a visitor
        offered = {tool.name: tool for tool in self.prompt.tools}
        asked = {request.name for message in self.since for request in message.tool_requests}
        turn = sum(message.role == "user" for message in self.prompt.messages)
        wanted = [
            (intent.tool if intent.tool in offered else intent.instead, intent.arguments)
            for intent in intents(self.prompt.messages, self.prompt.visitor)
        ]
        return [
            ToolRequest(f"extractive-{turn}-{name}", name, _fitting(arguments, offered[name]))
            for name, arguments in wanted
            if name in offered and name not in asked
        ]

    def reply(self) -> str:
        results = [message for message in self.since if message.role == "tool"]
        if results:
            return self._after_tools(results)
        return self._calmly(
            self._recollection() or self._courtesy() or self._aside() or self._facts() or self._refusal()
        )

    def _recollection(self) -> str:
        """The visitor's own words, when they ask for them: the material has nothing to do with it."""
        wanted = recall(self.text)
        if wanted is None:
            return ""
        said = recalled(wanted, self.said)
        words = self.words.you_asked if wanted.kind == "asked" else self.words.you_said
        return words.format(said=said) if said else self.words.nothing_said

    def _facts(self) -> str:
        """What the material says; a number that the visitor offers is only confirmed by the material itself."""
        if not offers_fact(self.asked):
            return self._grounded(self.asked)
        fact = self._grounded(self.asked) or self._grounded(without_number(self.asked))
        offered = re.findall(r"\d+(?:[.,]\d+)*", self.text)
        agrees = all(re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d]|[.,]\d)", fact) for number in offered)
        return fact if agrees or not fact else f"{self.words.cannot_confirm} {fact}"

    def _calmly(self, reply: str) -> str:
        """An upset visitor hears one calm sentence, then the answer, or that a person can be had."""
        return f"{self.words.calm} {reply}" if self.manner == "upset" else reply

    def _aside(self) -> str:
        """Replies to what is no question about the company."""
        if self.manner in ("turning", "off_topic"):
            no = self.words.declined if self.manner == "turning" else f"{self.words.nothing_fits}."
            return f"{no} {self._subject()}".strip()
        if wants_person(self.text):
            return self.words.person
        if self.manner == "upset" and "?" not in self.text:
            return self._person()
        return ""

    def _subject(self) -> str:
        return self.words.subject.format(company=self.company) if self.company else ""

    def _person(self) -> str:
        """The way to a person that is offered."""
        offered = {tool.name for tool in self.prompt.tools}
        if "request_human" in offered:
            return self.words.offer_person
        return self._offer() or self._subject()

    def _offer(self) -> str:
        offered = {tool.name for tool in self.prompt.tools}
        if "create_meeting_link" in offered:
            return self.words.offer_meeting
        return self.words.offer_contact if "log_lead" in offered else ""

    def _after_tools(self, results: Sequence[Message]) -> str:
        names = {request.call_id: request.name for message in self.since for request in message.tool_requests}
        called = [names.get(result.call_id or "", "") for result in results]
        told = [_phrase(name, result.text) for name, result in zip(called, results, strict=True)]
        arranged = {"create_meeting_link", "log_lead", "request_human"} & set(called)
        question = question_beside(self.text) if arranged else self.asked
        answer = self._grounded(question) if question else ""
        return self._calmly("\n\n".join(filter(None, [" ".join(dict.fromkeys(told)), answer])))

    def _courtesy(self) -> str:
        words = self.words
        invitation = words.invitation.format(company=self.company) if self.company else "What can I tell you?"
        kind = small_talk(self.text, self.company)
        match kind:
            case "human" if self.company:
                return f"{words.is_ai.format(company=self.company)} {invitation}"
            case "greeting" if self.foreign:
                return f"{words.hello} {invitation}"
            case "about" if not (self.earlier and _POINTS_BACK.search(self.text)):
                return self._about()
            case "greeting":
                return f"{words.hello} {self._introduction()} {invitation}"
            case "who" | "human" | "abilities":
                return f"{self._introduction()} I answer with what stands in the material I was given. {invitation}"
            case "thanks":
                return words.thanks
            case "farewell":
                return words.farewell
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
        return self._in_own_words(text) or self._quotation(self.prompt.passages, self._question(text), text)

    def _in_own_words(self, text: str) -> str:
        """Material in the visitor's language is read in the visitor's words: those in English do not stand in it."""
        if not self.foreign:
            return ""
        alike = [passage for passage in self.prompt.passages if foreign_language(passage.text) == self.prompt.language]
        own = read_question(weighty(self.text, self.prompt.language), company=frozenset(stems(self.company)))
        return self._quotation(alike, replace(own, wanted=self._question(text).wanted), self.text)

    def _quotation(self, passages: Sequence[Passage], question: Question, text: str) -> str:
        fitting = [one for one in rank(passages, question) if fits(one, question)]
        if not fitting:
            return ""
        missing = unmentioned(fitting[0], question)
        alike = [one for one in fitting if unmentioned(one, question) == missing]
        frame = [self._not_mentioned(missing, text), self._source(fitting[0].passage)]
        return " ".join(filter(None, [*frame, quoted(alike, question)]))

    def _source(self, passage: Passage) -> str:
        """Stands before a quotation that is in another language than the visitor's."""
        language = foreign_language(passage.text) or "en"
        if language == self.prompt.language or not self.foreign:
            return ""
        return self.words.material_says.format(language=self.words.in_english if language == "en" else "")

    def _question(self, text: str) -> Question:
        company = frozenset(stems(self.company))
        if self.prompt.about is None:
            return read_question(text, self.earlier, company)
        return read_question(text, self.prompt.about, company, leans=True)

    def _not_mentioned(self, names: frozenset[str], text: str) -> str:
        written = [word for word in re.findall(r"[\w&.-]+\w", text) if set(stems(word)) & names]
        joined = " / ".join(dict.fromkeys(written)) if self.foreign else " or ".join(dict.fromkeys(written))
        return self.words.not_mentioned.format(names=joined) if written else ""

    def _refusal(self) -> str:
        if not self.prompt.searched:
            return " ".join(filter(None, [f"{self.words.not_searched}.", self._offer()]))
        question = self._question(self.asked)
        language = foreign_language(self.text)
        if language is not None and language != self.prompt.language:
            return ASK_IN_ENGLISH[language]
        if not question.terms and not self.foreign:
            return "Could you tell me a little more about what you'd like to know?"
        fair = self.words.fair.format(company=self.company) if self.manner == "comparing" and self.company else ""
        return " ".join(filter(None, [f"{self.words.nothing_fits}.", fair, self._next_step(question)]))

    def _unread(self) -> Passage | None:
        """What the search is sure of in a language whose words the question's cannot be compared with."""
        best = max(self.prompt.passages, key=lambda passage: passage.score, default=None)
        if best is None or best.score < _RELATED_SCORE:
            return None
        return best if foreign_language(best.text) not in (None, self.prompt.language) else None

    def _next_step(self, question: Question) -> str:
        if self.manner == "upset":
            return self._person()
        if unread := self._unread():
            place = f"“{unread.title}” [{unread.number}]"
            return f"→ {place}" if self.foreign else f"The closest I have is {place}."
        nearest = next(iter(rank(self.prompt.passages, question)), None)
        if nearest and nearest.passage.score >= _RELATED_SCORE and nearest.coverage >= _RELATED_COVERAGE:
            return _pointer(nearest) if not self.foreign else f"→ “{nearest.passage.title}” [{nearest.passage.number}]"
        return " ".join(filter(None, [self._subject(), self._offer()]))


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
