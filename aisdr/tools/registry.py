"""The registry that runs a tool: allowed, typed, recorded, safe to repeat.

A tool that writes is never run by whoever calls it: the visitor confirms the exact values first, at a door of its own.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import ValidationError

from aisdr.answer import ConfirmCard
from aisdr.audit import CLOCK, by_session, decided, refusals
from aisdr.company import Companies, Company
from aisdr.errors import AisdrError, Conflict, Forbidden, InvalidInput, NotFound, StoreBusy, VendorError
from aisdr.inference.base import ToolSpec
from aisdr.metrics import TOOL_ERRORS, count
from aisdr.observability import logger
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import (
    Arguments,
    Settled,
    Tool,
    ToolContext,
    ToolResult,
    WritingTool,
    call_key,
    digest_of,
    spec_of,
)
from aisdr.tools.confirmation import MOST_TRIES, Confirmation, Confirmations
from aisdr.tools.form import explain, filled_in, form_of
from aisdr.tools.once import RUNNING_SECONDS, Once, reused, told
from aisdr.unseen import seen

AWAITING = "Please check the details on your screen and confirm."
DECLINED = "All right, I have not passed anything on."


class ToolRegistry:
    """All tools, under one rule for who may call what, and one record of every call."""

    def __init__(
        self,
        tools: Iterable[Tool],
        table: Table,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        *,
        own: Callable[[Company], Iterable[Tool]] = lambda company: (),
    ) -> None:
        """`own` makes the tools that a company brings along; they are allowed by being there."""
        self._tools = {tool.name: tool for tool in tools}
        self._own = own
        self._once = Once(table, clock, sleep)
        self._confirmations = Confirmations(table, clock)
        self._sleep = sleep

    def specs(self, company: Company | None = None) -> list[ToolSpec]:
        """What a model, Tavus or a reader of the catalogue is told; a company sees its allowed tools and its own."""
        allowed = [tool for tool in self._tools.values() if company is None or tool.name in company.tools]
        own = self._own(company) if company else ()
        return [spec_of(tool) for tool in (*allowed, *own)]

    def run(self, context: ToolContext, call_id: str | None, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Runs a tool once per `call_id`; a repeated call gets the first one's result. Without an id each call is new.

        What would write something down is not run: the result carries a card with the values, and `confirm` runs it.

        Raises:
            NotFound: there is no such tool.
            Forbidden: the company's allow-list does not hold it.
            InvalidInput: the arguments do not fit; names each field.
            Conflict: the call id was used for another call.
            LimitReached: the conversation has had its share of calls.
        """
        company_id, who = context.company.company_id, by_session(context.session.session_id)
        # A name that no tool has is a model's or a stranger's word.
        tool = name if name in self._names(context.company) else None
        try:
            with refusals("tool.run", company_id=company_id, who=who, tool=tool):
                outcome = self._run(context, call_id, name, arguments)
        except Exception:
            count(TOOL_ERRORS, 1, company_id=company_id)
            raise
        asks = outcome.result.get("status") == "awaiting_confirmation"
        decided(
            "tool.run",
            "allow" if asks else "done",
            company_id=company_id,
            who=who,
            reason="awaiting_confirmation" if asks else "",
            tool=tool,
            success=outcome.success,
        )
        # A tool that found nothing says so and has not failed; one whose address did not answer names the error.
        count(TOOL_ERRORS, int("error" in outcome.result), company_id=company_id)
        return outcome

    def _run(self, context: ToolContext, call_id: str | None, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        tool = self._allowed(context.company, name)
        valid = _valid(tool, arguments)
        context = replace(context, key=call_key(context.session, call_id or secrets.token_hex(16)))
        if tool.writes:
            assert isinstance(tool, WritingTool), f"{name} writes and cannot ask"
            if tool.asks(valid):
                return self._ask(tool, context, valid)
        return self._once.run(tool, context, valid)

    def confirm(
        self,
        context: ToolContext,
        confirmation_id: str,
        *,
        accept: bool,
        values: Mapping[str, str] | None = None,
        who: str = "",
    ) -> ToolResult:
        """Carries out the visitor's word, once; a repeated word gets the first one's result, whatever it says now.

        `who` carries it out, in the audit's words; without one the visitor.

        Raises:
            NotFound: the confirmation is unknown or too old.
            Forbidden: the company has taken the tool away meanwhile.
            InvalidInput: corrected `values` do not fit; names each field. The confirmation stays open.
            Conflict: the same confirmation is being carried out right now.
            VendorError: `tool_unavailable`; the confirmation stays open, and the reconciler tries again, too.
        """
        company_id, who = context.company.company_id, who or by_session(context.session.session_id)
        with refusals("tool.confirm", company_id=company_id, who=who):
            tool, outcome, reason = self._confirm(context, confirmation_id, accept, values)
        decided(
            "tool.confirm", "done", company_id=company_id, who=who, reason=reason, tool=tool, success=outcome.success
        )
        return outcome

    def _confirm(
        self, context: ToolContext, confirmation_id: str, accept: bool, values: Mapping[str, str] | None
    ) -> tuple[str, ToolResult, Literal["repeated", "confirmed", "declined"]]:
        """The tool's name, its result, and what the visitor's word was."""
        confirmation = self._confirmations.known(context.session, confirmation_id)
        if confirmation.outcome is not None:
            return confirmation.tool, ToolResult.model_validate_json(confirmation.outcome), "repeated"
        tool = self._allowed(context.company, confirmation.tool)
        agreed = confirmation.arguments
        if accept and values:
            agreed = told(_valid(tool, filled_in(json.loads(agreed), values)))
        mine = self._confirmations.claim(context.session, confirmation, agreed if accept else None)
        if mine is None:
            return tool.name, self._settled(context.session, confirmation_id), "repeated"
        if not mine.agreed:
            outcome = ToolResult(success=False, result={"status": "declined", "say": DECLINED})
        else:
            outcome = self._carried_out(tool, replace(context, key=confirmation_id), mine)
        self._confirmations.finish(context.session, mine, outcome.model_dump_json())
        logger.info("confirmation settled", tool=tool.name, company_id=context.company.company_id, accepted=mine.agreed)
        return tool.name, outcome, "confirmed" if mine.agreed else "declined"

    def settled(self, session: Session, confirmation_ids: Iterable[str]) -> dict[str, Settled]:
        """What became of confirmations. Those that still wait for the visitor's word are left out."""
        looked_up = ((each, self._confirmations.get(session, each)) for each in confirmation_ids)
        return {each: _became(found) for each, found in looked_up if found is None or found.outcome is not None}

    def carry_out_abandoned(self, companies: Companies) -> int:
        """Does what visitors agreed to while whoever served them died, and they did not come back to press again."""
        done = 0
        for session, confirmation in self._confirmations.abandoned():
            if confirmation.tries >= MOST_TRIES:
                self._confirmations.reopen(session, confirmation, untouched=True)
                logger.error("confirmation given up", tool=confirmation.tool, company_id=session.company_id)
                continue
            try:
                context = ToolContext(companies.get(session.company_id), session)
                self.confirm(context, confirmation.confirmation_id, accept=True, who=CLOCK)
            except Exception as error:
                # One stubborn confirmation must not hold the others back, whatever its fault is.
                logger.error("abandoned confirmation failed", error=type(error).__name__, company_id=session.company_id)
            else:
                done += 1
        return done

    def _names(self, company: Company) -> set[str]:
        return self._tools.keys() | {tool.name for tool in self._own(company)}

    def _allowed(self, company: Company, name: str) -> Tool:
        own = {tool.name: tool for tool in self._own(company)}
        tool = self._tools.get(name) or own.get(name)
        if tool is None:
            known = ", ".join(sorted(self._tools.keys() | own.keys()))
            raise NotFound(f"There is no such tool; known tools: {known}", code="unknown_tool")
        if name not in company.tools and name not in own:
            raise Forbidden(f"The tool '{name}' is not enabled for this company", code="tool_not_enabled")
        return tool

    def _ask(self, tool: WritingTool, context: ToolContext, arguments: Arguments) -> ToolResult:
        digest = digest_of(tool.name, told(arguments))
        title, note = tool.question(context)
        card = ConfirmCard(
            confirmation_id=context.key, tool=tool.name, title=title, fields=form_of(arguments), note=note
        )
        waiting = {"status": "awaiting_confirmation", "confirmationId": context.key, "say": AWAITING}
        answer = ToolResult(result=waiting, cards=(card,)).model_dump_json()
        wanted = Confirmation(context.key, tool.name, digest, told(arguments), answer)
        first = self._confirmations.open(context.session, wanted)
        if first is None:
            raise reused()
        if first is wanted:
            self._once.count(tool, context)
        return ToolResult.model_validate_json(first.answer)

    def _carried_out(self, tool: Tool, context: ToolContext, mine: Confirmation) -> ToolResult:
        try:
            return tool.run(context, _valid(tool, json.loads(mine.arguments)))
        except Exception as error:
            # Asking again must run it again. A refusal of ours wrote nothing; a crash, or an answer of a vendor or of
            # the database that did not come, may have come after the write.
            untouched = isinstance(error, AisdrError) and not isinstance(error, VendorError | StoreBusy)
            self._confirmations.reopen(context.session, mine, untouched=untouched)
            raise

    def _settled(self, session: Session, confirmation_id: str) -> ToolResult:
        waited = 0.0
        while waited < RUNNING_SECONDS:
            confirmation = self._confirmations.known(session, confirmation_id)
            if confirmation.outcome is not None:
                return ToolResult.model_validate_json(confirmation.outcome)
            self._sleep(0.1)
            waited += 0.1
        raise Conflict("The same confirmation is still being carried out", code="call_running")


def _valid(tool: Tool, arguments: Mapping[str, Any]) -> Arguments:
    try:
        # What the visitor reads on a card, and a person of the company in a mail, is all that is there.
        shown = {name: seen(value) if isinstance(value, str) else value for name, value in arguments.items()}
        return tool.arguments.model_validate(shown)
    except ValidationError as error:
        raise InvalidInput(explain(tool.name, error), code="invalid_arguments") from None


def _became(confirmation: Confirmation | None) -> Settled:
    if confirmation is None or confirmation.outcome is None:
        return "expired"
    return "confirmed" if ToolResult.model_validate_json(confirmation.outcome).success else "declined"
