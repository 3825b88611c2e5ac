"""A company's language models at work: asked in order, kept within the day's money, and their use written down."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from aisdr.audit import by_session, decided
from aisdr.company import Company
from aisdr.configuration import ModelChoice
from aisdr.errors import AisdrError, StoreBusy, VendorError
from aisdr.inference.base import LanguageModel, Message, ModelEvent, Prompt, TextDelta, Usage
from aisdr.metrics import STEP_DOWNS, count
from aisdr.observability import logger
from aisdr.session import Session
from aisdr.unseen import seen
from aisdr.usage import Usages

EMBEDDED = ModelChoice()
"""Costs nothing and needs nobody: what is left when the day's money is spent."""
CHARACTERS_PER_TOKEN = 4
"""A usual guess, for a call whose bill did not come: it was broken off, or its server does not count."""
BRIEF_SECONDS = 6.0
"""How long a visitor may wait for work beside the answer, such as a summary."""
BRIEF_PATIENCE = 3.0
DOWN_SECONDS = 60.0
"""A model that failed before its first word is not asked again so soon where the chain has another one."""


class CompanyModels:
    """The models of every company, each with its own chain, prices and budget."""

    def __init__(
        self,
        model: Callable[[ModelChoice], LanguageModel],
        usages: Usages,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._usages = usages
        self._clock = clock
        self._down_until: dict[ModelChoice, float] = {}

    def stream(self, company: Company, session: Session, prompt: Prompt) -> Iterator[ModelEvent]:
        """The first model of the chain that gets a word out; a failure after that is the visitor's to see.

        Raises:
            VendorError: every model of the chain failed.
        """
        choices = self._standing(self._affordable(company, session) or (EMBEDDED,))
        for choice in choices:
            spoke = False
            try:
                for event in self._counted(session, choice, prompt):
                    spoke = True
                    yield event
                return
            except AisdrError as error:
                last = choice is choices[-1]
                logger.warning("model failed", provider=choice.provider, code=error.code, spoke=spoke, last=last)
                if not spoke:
                    self._failed(choice, error)
                if spoke or last:
                    raise
                count(STEP_DOWNS, 1, company_id=company.company_id)

    def brief(self, company: Company, session: Session, system: str, text: str, *, max_tokens: int) -> str | None:
        """A short text by the company's first real model; None when it has none, none today, or it failed or dawdled.

        The caller has a rule for that: nobody waits for an answer because of work beside it.
        """
        choice = next((each for each in self._affordable(company, session) if each.provider != "extractive"), None)
        if choice is None or choice not in self._standing((choice, EMBEDDED)):
            return None
        prompt = Prompt(system, (Message("user", text),), max_tokens=max_tokens, patience=BRIEF_PATIENCE)
        until, said = self._clock() + BRIEF_SECONDS, ""
        events = self._counted(session, choice, prompt)
        try:
            for event in events:
                said += event.text if isinstance(event, TextDelta) else ""
                if self._clock() > until:
                    logger.warning("model dawdled", provider=choice.provider)
                    return None
        except AisdrError as error:
            self._failed(choice, error)
            logger.warning("model failed", provider=choice.provider, code=error.code, spoke=False, last=True)
            return None
        return said.strip() or None

    def _failed(self, choice: ModelChoice, error: AisdrError) -> None:
        """A server that is down fails for everybody; a prompt that was refused says nothing about the next."""
        if isinstance(error, VendorError) and error.retryable:
            self._down_until[choice] = self._clock() + DOWN_SECONDS

    def _standing(self, choices: tuple[ModelChoice, ...]) -> tuple[ModelChoice, ...]:
        """Without those that failed a moment ago; all of them where no other is left."""
        now = self._clock()
        return tuple(each for each in choices if self._down_until.get(each, now) <= now) or choices

    def _affordable(self, company: Company, session: Session) -> tuple[ModelChoice, ...]:
        choices = company.models.chat
        if not any(map(_paid, choices)):
            return choices
        try:
            if not self._usages.spent(company):
                return choices
            reason = "budget_spent"
        except StoreBusy as error:
            reason = error.code  # what nobody can count is not bought; the visitor has an answer all the same
        logger.warning("no paid model", company_id=company.company_id, reason=reason)
        who = by_session(session.session_id)
        decided("budget.spend", "deny", company_id=company.company_id, who=who, reason=reason, on="model")
        return tuple(choice for choice in choices if not _paid(choice))

    def _counted(self, session: Session, choice: ModelChoice, prompt: Prompt) -> Iterator[ModelEvent]:
        """Also what a visitor stopped or a line cut off has been bought."""
        bill, written, begun = Usage(), 0, False
        try:
            for event in self._model(choice).stream(_seen(prompt)):
                begun = True
                if isinstance(event, Usage):
                    bill = event
                elif isinstance(event, TextDelta):
                    written += len(event.text)
                yield event
        finally:
            if begun and bill == Usage() and choice.provider != "extractive":
                read = len(prompt.system) + sum(len(message.text) for message in prompt.messages)
                bill = Usage(read // CHARACTERS_PER_TOKEN, written // CHARACTERS_PER_TOKEN)
            self._write_down(session, choice, bill)

    def _write_down(self, session: Session, choice: ModelChoice, bill: Usage) -> None:
        try:
            self._usages.record(session, choice, input_tokens=bill.input_tokens, output_tokens=bill.output_tokens)
        except Exception:
            # The visitor has the answer before their eyes: a table that is busy must not take it away again.
            logger.exception(
                "usage not written down",
                company_id=session.company_id,
                input_tokens=bill.input_tokens,
                output_tokens=bill.output_tokens,
            )


def _seen(prompt: Prompt) -> Prompt:
    """The last wall: whatever door it came through, no model reads what people do not see."""
    messages = tuple(replace(message, text=seen(message.text)) for message in prompt.messages)
    return replace(prompt, system=seen(prompt.system), messages=messages)


def _paid(choice: ModelChoice) -> bool:
    """A model without prices is taken as free: it costs nothing here, or the operator does not want it counted."""
    return choice.input_price > 0 or choice.output_price > 0
