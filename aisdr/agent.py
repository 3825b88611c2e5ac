"""The representative at work: a question comes in, a grounded answer streams out.

One turn: what was said -> what is known -> what the model writes, with a bounded number of tool steps between.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from aisdr.answer import Answer
from aisdr.company import Company
from aisdr.errors import AisdrError, InvalidInput, StoreBusy, Trespass
from aisdr.events import Role
from aisdr.inference.base import Message, Prompt, ToolRequest
from aisdr.inference.follow_up import Standalone
from aisdr.inference.language import spoken
from aisdr.introduction import introduced
from aisdr.knowledge.base import SearchResult
from aisdr.knowledge.hybrid import Knowledge
from aisdr.memory import Memory, Recollection
from aisdr.metrics import ANSWER_LATENCY, count
from aisdr.models import CompanyModels
from aisdr.observability import logger
from aisdr.query import complete
from aisdr.session import Session
from aisdr.tenant import TenantScope
from aisdr.tools.base import ToolContext, ToolResult, failed
from aisdr.tools.registry import ToolRegistry
from aisdr.transcript import Transcripts, Turn, answered
from aisdr.turn import AnswerTurn, Delta, Show, never
from aisdr.unseen import seen

__all__ = ["MAX_QUESTION_CHARACTERS", "Agent", "AnswerEvent", "Delta", "Done", "Show"]

MAX_QUESTION_CHARACTERS = 2000
PASSAGES = 8
NOTHING_SAID = Recollection("", ())


@dataclass(frozen=True)
class Done:
    """The finished answer; it replaces whatever was streamed."""

    answer: Answer


AnswerEvent = Delta | Show | Done


class Agent:
    """Answers for every company, each with its own material, persona, tools and models."""

    def __init__(
        self,
        knowledge: Knowledge,
        tools: ToolRegistry,
        transcripts: Transcripts,
        memory: Memory,
        models: CompanyModels,
    ) -> None:
        self._knowledge = knowledge
        self._tools = tools
        self._transcripts = transcripts
        self._memory = memory
        self._models = models

    def answer(
        self,
        company: Company,
        session: Session,
        question: str,
        *,
        channel: str = "text",
        question_id: str | None = None,
        stopped: Callable[[], bool] = never,
    ) -> Iterator[AnswerEvent]:
        """Streams `Delta` and `Show`, then exactly one `Done`.

        When `stopped` says so, or nobody reads on, or something breaks down, what was said so far is the turn. With the
        browser's `question_id` a question that is asked again after a failure is written down once.

        Raises:
            InvalidInput: the question is empty or too long.
            VendorError: every model of the company failed.
        """
        began = time.monotonic()
        question = _checked(question)
        memory = self._recalled(company, session, question)
        asked = f"asked#{question_id}" if question_id else None
        asked_at = time.time()
        noted = self._note(session, "visitor", question, channel=channel, key=asked)
        turn, found = self._begin(company, session, question, memory, PASSAGES, stopped)
        try:
            yield from turn.run()
        except (GeneratorExit, Exception):
            turn.broken_off = True
            self._keep(session, turn.finished(), channel)
            raise
        answer = turn.finished()
        if not noted:  # the database may be back by now
            self._note(session, "visitor", question, channel=channel, key=asked, said_at=asked_at)
        self._keep(session, answer, channel, answered(question_id) if question_id else None)
        took = round((time.monotonic() - began) * 1000)
        count(ANSWER_LATENCY, took, company_id=company.company_id, mode=channel)
        logger.info(
            "answered",
            company_id=company.company_id,
            session_id=session.session_id,
            citations=len(answer.citations),
            grounded=answer.grounded,
            stopped=turn.broken_off,
            degraded=found.degraded,
            ms=took,
            input_tokens=turn.usage.input_tokens,
            output_tokens=turn.usage.output_tokens,
        )
        yield Done(answer)

    def rehearse(
        self, company: Company, session: Session, question: str, *, passages: int = PASSAGES, explain: bool = False
    ) -> tuple[Answer, SearchResult]:
        """The answer to a first question and what it was made from, for the company's own people: no turn is stored.

        Raises: as `answer`.
        """
        turn, found = self._begin(company, session, _checked(question), NOTHING_SAID, passages, never, explain=explain)
        for _ in turn.run():
            pass  # nobody watches it being written
        return turn.finished(), found

    def _begin(
        self,
        company: Company,
        session: Session,
        question: str,
        memory: Recollection,
        passages: int,
        stopped: Callable[[], bool],
        *,
        explain: bool = False,
    ) -> tuple[AnswerTurn, SearchResult]:
        asked = complete(self._models, company, session, question, memory.turns)
        found = self._look_up(session.scope, company, _searched(question, asked), passages, explain=explain)
        said = [turn.text for turn in memory.turns if turn.role == "visitor"]
        prompt = Prompt(
            system="",  # the turn writes it, as its passages grow
            messages=(*_messages(memory.turns), Message("user", question)),
            tools=tuple(self._tools.specs(company)),
            language=spoken((*said, question), company.languages),
            visitor=introduced(session).visitor.facts(),
            question=asked.question,
            about=asked.about,
            searched=bool(found.hits) or not found.degraded,
        )
        turn = AnswerTurn(
            company,
            prompt,
            list(found.hits),
            lambda prompt: self._models.stream(company, session, prompt),
            lambda request: self._run_tool(company, session, request),
            summary=" ".join(part for part in (introduced(session).told(), memory.summary) if part),
            quotable=tuple(said) if asked.recalls else (),
            stopped=stopped,
        )
        return turn, found

    def _look_up(
        self, scope: TenantScope, company: Company, query: str, passages: int, *, explain: bool
    ) -> SearchResult:
        """Once more when nothing came in time: what is late the first time, such as a cold index, seldom is again."""
        found = self._knowledge.search(scope, company, query, limit=passages, for_model=True, explain=explain)
        if found.hits or not found.degraded:
            return found
        return self._knowledge.search(scope, company, query, limit=passages, for_model=True, explain=explain)

    def _run_tool(self, company: Company, session: Session, request: ToolRequest) -> ToolResult:
        """A refusal comes back as a result that the model can talk about."""
        try:
            if request.arguments is None:
                raise InvalidInput("The arguments are not valid JSON", code="invalid_arguments")
            return self._tools.run(ToolContext(company, session), request.call_id, request.name, request.arguments)
        except Trespass:
            raise
        except AisdrError as error:
            return failed(error)

    def _keep(self, session: Session, answer: Answer, channel: str, key: str | None = None) -> None:
        if answer.text or answer.actions or answer.shown:
            self._note(session, "assistant", answer.text, channel=channel, key=key, answer=answer)

    def _recalled(self, company: Company, session: Session, question: str) -> Recollection:
        """Without memory there is still an answer."""
        try:
            return _before(self._memory.recall(company, session), question)
        except StoreBusy:
            logger.warning("nothing recalled", session_id=session.session_id)
            return NOTHING_SAID

    def _note(self, session: Session, role: Role, text: str, **more: Any) -> bool:
        """Whether it is written down: an answer is worth more than its record."""
        try:
            self._transcripts.append(session, role, text, **more)
        except StoreBusy:
            logger.warning("turn not kept", session_id=session.session_id)
            return False
        return True


def _checked(question: str) -> str:
    question = seen(question).strip()
    if not question or len(question) > MAX_QUESTION_CHARACTERS:
        raise InvalidInput(f"'question' must have 1 to {MAX_QUESTION_CHARACTERS} characters")
    return question


def _before(memory: Recollection, question: str) -> Recollection:
    """Without the question itself, which stands there already when it is asked again after a failure."""
    turns = memory.turns
    while turns and turns[-1].role == "visitor" and turns[-1].text == question:
        turns = turns[:-1]
    return replace(memory, turns=turns)


def _searched(question: str, asked: Standalone) -> str:
    """In the visitor's words too, where these were put in others: material may be in any language."""
    own = question if asked.question != question and not asked.about else ""
    return f"{asked.search}\n{own}".strip()[:MAX_QUESTION_CHARACTERS]


def _messages(turns: tuple[Turn, ...]) -> tuple[Message, ...]:
    messages = [Message("user" if turn.role == "visitor" else "assistant", turn.text) for turn in turns]
    while messages and messages[0].role != "user":
        messages.pop(0)
    return tuple(messages)
