"""One answer while it is being written: what the model says, the tools it asks for, what is shown meanwhile."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from aisdr.answer import Action, Answer, Card, Visual
from aisdr.claims import Evidence, Gate, borne_out
from aisdr.company import Company
from aisdr.index.base import SearchHit
from aisdr.inference.base import Message, ModelEvent, Prompt, TextDelta, ToolRequest, Usage
from aisdr.inference.phrases import phrases, says_nothing_fits
from aisdr.instructions import instructions
from aisdr.knowledge.citation import CitationNumbers, citations_of, passages_of, visuals_of
from aisdr.links import Links, without_foreign_links
from aisdr.models import CHARACTERS_PER_TOKEN
from aisdr.tools.base import MOST_AT_ONCE, ToolResult

TOO_MANY = {"error": "too_many_calls", "message": f"At most {MOST_AT_ONCE} tools run at once; ask again for the rest"}
FEWEST_TOKENS = 40
"""With fewer left no model would say anything whole."""


@dataclass(frozen=True)
class Delta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class Show:
    """Something to put before the visitor while the answer is still being written."""

    card: Card


def never() -> bool:
    """The visitor lets the answer be finished."""
    return False


class AnswerTurn:
    """The state of one answer. `run` writes it, `finished` is what was written."""

    def __init__(
        self,
        company: Company,
        prompt: Prompt,
        hits: list[SearchHit],
        stream: Callable[[Prompt], Iterator[ModelEvent]],
        run_tool: Callable[[ToolRequest], ToolResult],
        *,
        summary: str = "",
        quotable: tuple[str, ...] = (),
        stopped: Callable[[], bool] = never,
    ) -> None:
        """`quotable` is what the visitor said before and wants to hear again, whatever it claims."""
        self._company = company
        self._prompt = prompt
        self._hits = hits
        self._stream = stream
        self._run_tool = run_tool
        self._summary = summary
        self._stopped = stopped
        self._phrases = phrases(prompt.language)
        self._nothing = self._phrases.nothing_fits if prompt.searched else self._phrases.not_searched
        self._passages = passages_of(hits)
        self._evidence = Evidence(prompt.messages[-1].text, (company.introduction(), *quotable))
        self._numbers = CitationNumbers(len(hits))
        self._gate = Gate(self._evidence)
        self._led_to = company.led_to()
        self._links = Links(self._led_to)
        self._text = ""
        """As the model wrote it, with the numbers of the passages."""
        self._says: list[str] = []
        self._visuals: list[Visual] = []
        self._actions: list[Action] = []
        self.broken_off = False
        self.usage = Usage()

    def run(self) -> Iterator[Delta | Show]:
        """Streams the answer, with at most the company's number of tool steps and tokens."""
        messages, steps = self._prompt.messages, self._company.limits.tool_steps
        for step in range(steps + 1):
            requests: list[ToolRequest] = []
            before = len(self._text)
            parting = "\n\n" if self._text else ""
            for event in self._stream(self._next_prompt(messages, last=step == steps)):
                if self._stopped():
                    self.broken_off = True
                    break
                match event:
                    case TextDelta():
                        yield from self._say(parting + event.text)
                        parting = ""
                    case ToolRequest():
                        requests.append(event)
                    case Usage():
                        self._count(event)
            yield from self._show_text(self._gate.finish(self._passages), last=True)
            if not requests or step == steps or self.broken_off or self._tokens_left() < FEWEST_TOKENS:
                return
            messages = (*messages, Message("assistant", self._text[before:].lstrip(), tuple(requests)))
            for place, request in enumerate(requests):
                if place >= MOST_AT_ONCE:
                    messages = (*messages, Message("tool", json.dumps(TOO_MANY), call_id=request.call_id))
                    continue
                # A model may repeat its ids from turn to turn; ours never do.
                outcome = self._run_tool(replace(request, call_id=f"{request.call_id}-{secrets.token_hex(4)}"))
                told = self._learn(outcome)
                messages = (*messages, Message("tool", json.dumps(told, ensure_ascii=False), call_id=request.call_id))
                yield from self._show(outcome.cards)

    def finished(self) -> Answer:
        """What the visitor keeps: without invented numbers, and never empty unless it was stopped before a word."""
        text = borne_out(self._text, self._passages, self._evidence)
        if text is None or not (text.strip() or self.broken_off):
            text = " ".join(dict.fromkeys(self._says)) or self._honest()
        numbers = CitationNumbers(len(self._hits))
        text = (numbers.feed(without_foreign_links(text, self._led_to)) + numbers.finish()).strip()
        shown = {card.url: card for card in (*self._visuals, *visuals_of(self._hits, numbers.used))}
        return Answer(
            text=text,
            citations=citations_of(self._hits, numbers.used),
            shown=tuple(shown.values()),
            actions=tuple(self._actions),
            grounded=bool(numbers.used) and not says_nothing_fits(text),
        )

    def _next_prompt(self, messages: tuple[Message, ...], *, last: bool) -> Prompt:
        return replace(
            self._prompt,
            system=instructions(
                self._company,
                self._passages,
                language=self._prompt.language,
                nothing_fits=self._nothing,
                summary=self._summary,
            ),
            messages=messages,
            passages=self._passages,
            tools=() if last else self._prompt.tools,
            max_tokens=max(self._tokens_left(), FEWEST_TOKENS),
        )

    def _tokens_left(self) -> int:
        """By the provider's own count, or by length where it does not count."""
        written = max(self.usage.output_tokens, len(self._text) // CHARACTERS_PER_TOKEN)
        return self._company.limits.answer_tokens - written

    def _count(self, usage: Usage) -> None:
        self.usage = Usage(self.usage.input_tokens + usage.input_tokens, self.usage.output_tokens + usage.output_tokens)

    def _learn(self, outcome: ToolResult) -> dict[str, object]:
        """What a search of the model's own found joins the passages, so that it can be cited like the rest."""
        if not outcome.hits:
            told: dict[str, object] = dict(outcome.result)
            self._evidence = replace(self._evidence, other=(*self._evidence.other, json.dumps(told)))
            self._gate = Gate(self._evidence)
            if isinstance(told.get("say"), str):
                self._says.append(str(told["say"]))
            return told
        known = {hit.chunk.chunk_id: number for number, hit in enumerate(self._hits, start=1)}
        for hit in outcome.hits:
            if hit.chunk.chunk_id not in known:
                self._hits.append(hit)
                known[hit.chunk.chunk_id] = len(self._hits)
        self._passages = passages_of(self._hits)
        self._numbers.passages = len(self._hits)
        return {"found_in_passages": [known[hit.chunk.chunk_id] for hit in outcome.hits]}

    def _honest(self) -> str:
        """That the material does not hold it, or could not be asked, and the next step that this company offers."""
        tools, words = self._company.tools, self._phrases
        step = ""
        if "create_meeting_link" in tools and self._company.booking_url:
            step = words.offer_meeting
        elif "log_lead" in tools:
            step = words.offer_contact
        elif "request_human" in tools:
            step = words.offer_person
        return f"{self._nothing}. {step}".strip()

    def _say(self, text: str) -> Iterator[Delta]:
        self._text += text
        yield from self._show_text(self._gate.feed(text, self._passages))

    def _show_text(self, text: str, *, last: bool = False) -> Iterator[Delta]:
        shown = self._numbers.feed(self._links.feed(text))
        if last:
            shown += self._numbers.feed(self._links.finish()) + self._numbers.finish()
        if shown:
            yield Delta(shown)

    def _show(self, cards: tuple[Card, ...]) -> Iterator[Show]:
        for card in cards:
            match card.kind:
                case "image" | "clip":
                    self._visuals.append(card)
                case "meeting" | "lead" | "confirm" | "contact":
                    self._actions.append(card)
                case "sources":
                    continue  # citations of an answer come with the answer
            yield Show(card)
