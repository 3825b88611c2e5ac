"""The contract of a tool, and the registry that runs one: allowed, typed, recorded, safe to repeat.

A tool that writes is never run by whoever calls it: the visitor confirms the exact values first, at a door of its own.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aisdr.answer import Card, ConfirmCard
from aisdr.audit import CLOCK, by_session, decided, refusals
from aisdr.company import Companies, Company
from aisdr.errors import AisdrError, Conflict, Forbidden, InvalidInput, NotFound, VendorError
from aisdr.index.base import SearchHit
from aisdr.inference.base import ToolSpec
from aisdr.metrics import TOOL_ERRORS, count
from aisdr.observability import logger
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.caps import Caps
from aisdr.tools.confirmation import LEASE_SECONDS, MOST_TRIES, Confirmation, Confirmations
from aisdr.tools.form import explain, filled_in, form_of, schema_of
from aisdr.unseen import seen
from aisdr.wire import Wire

MOST_AT_ONCE = 5
"""Tools that run in one step of an answer; steps alone would bound nothing."""
RUNNING_SECONDS = 20
"""How long a second caller waits for the first one's result before it gives up."""
AWAITING = "Please check the details on your screen and confirm."
DECLINED = "All right, I have not passed anything on."

Settled = Literal["confirmed", "declined", "expired"]


class Arguments(BaseModel):
    """Base of every tool's arguments. Unknown keys are refused, so that nobody smuggles a company or a session in."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, hide_input_in_errors=True)


class ToolResult(Wire):
    """`result` goes back to the model or the caller, `cards` go to the visitor's eyes."""

    success: bool = True
    result: dict[str, Any]
    cards: tuple[Card, ...] = ()
    hits: tuple[SearchHit, ...] = Field(default=(), exclude=True)
    """What a search found, for the agent, which numbers and cites it. Not part of the record or of any answer."""


@dataclass(frozen=True)
class ToolContext:
    """Who is asking. A tool never takes a company or a session from its arguments."""

    company: Company
    session: Session
    key: str = ""
    """Names this one call, given by the registry: what is written under it once is not written again."""
    live: bool = False
    """Somebody waits on the line for the result."""


class Described(Protocol):
    """What can be told of a tool before it is built."""

    @property
    def name(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def arguments(self) -> type[Arguments]: ...


class Tool(Described, Protocol):
    """One thing the representative can do. `writes` says that it may leave something behind."""

    @property
    def writes(self) -> bool: ...

    def run(self, context: ToolContext, arguments: Any) -> ToolResult: ...


@runtime_checkable
class WritingTool(Tool, Protocol):
    """A tool whose effect the visitor confirms. The same `context.key` must never have its effect twice."""

    def asks(self, arguments: Any) -> bool:
        """Whether this very call would write something down; otherwise it runs at once."""
        ...

    def question(self, context: ToolContext) -> tuple[str, str]:
        """Title of the card, and what happens with the data when the visitor agrees."""
        ...


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
        self._table = table
        self._confirmations = Confirmations(table, clock)
        self._caps = Caps(table, clock)
        self._clock = clock
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
        return self._once(tool, context, valid)

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
            agreed = _told(_valid(tool, filled_in(json.loads(agreed), values)))
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
        digest = _digest(tool.name, _told(arguments))
        title, note = tool.question(context)
        card = ConfirmCard(
            confirmation_id=context.key, tool=tool.name, title=title, fields=form_of(arguments), note=note
        )
        waiting = {"status": "awaiting_confirmation", "confirmationId": context.key, "say": AWAITING}
        answer = ToolResult(result=waiting, cards=(card,)).model_dump_json()
        wanted = Confirmation(context.key, tool.name, digest, _told(arguments), answer)
        first = self._confirmations.open(context.session, wanted)
        if first is None:
            raise _reused()
        if first is wanted:
            self._counted(tool, context)
        return ToolResult.model_validate_json(first.answer)

    def _carried_out(self, tool: Tool, context: ToolContext, mine: Confirmation) -> ToolResult:
        try:
            return tool.run(context, _valid(tool, json.loads(mine.arguments)))
        except Exception as error:
            # Asking again must run it again. A refusal of ours wrote nothing; a crash, or an answer that did not come,
            # may have come after the write.
            untouched = isinstance(error, AisdrError) and not isinstance(error, VendorError)
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

    def _once(self, tool: Tool, context: ToolContext, arguments: Arguments) -> ToolResult:
        key = f"toolcall#{context.key}"
        digest = _digest(tool.name, _told(arguments))
        record = {"pk": context.session.key, "sk": key, "digest": digest}
        started = self._clock()
        # Until there is a result the record is only a lease: a call whose function died may be run again.
        if not self._table.put_new(record | {"expires_at": int(started + LEASE_SECONDS)}):
            return self._result_of_first(context, key, digest)
        self._counted(tool, context)
        try:
            outcome = tool.run(context, arguments)
        except Exception:
            # Forget the call, so that asking again runs it: a result must never be a crash that is replayed for ever.
            self._table.delete(context.session.key, key)
            raise
        kept_until = context.session.kept_until(self._clock())
        self._table.put(record | {"expires_at": kept_until, "outcome": outcome.model_dump_json()})
        logger.info(
            "tool finished",
            tool=tool.name,
            company_id=context.company.company_id,
            success=outcome.success,
            ms=round((self._clock() - started) * 1000),
        )
        return outcome

    def _counted(self, tool: Tool, context: ToolContext) -> None:
        """A repeated call is no other call, so what is counted was new; refused, it leaves nothing behind."""
        try:
            self._caps.count(context.session, tool.name, writes=tool.writes)
        except Exception:
            self._table.delete(context.session.key, f"toolcall#{context.key}")
            raise

    def _result_of_first(self, context: ToolContext, key: str, digest: str) -> ToolResult:
        waited = 0.0
        while waited < RUNNING_SECONDS:
            item = self._table.get(context.session.key, key)
            if item is not None and item["digest"] != digest:
                raise _reused()
            if item is not None and "outcome" in item:
                return ToolResult.model_validate_json(item["outcome"])
            self._sleep(0.1)
            waited += 0.1
        raise Conflict("The same tool call is still running", code="call_running")


def spec_of(tool: Described) -> ToolSpec:
    return ToolSpec(tool.name, tool.description, schema_of(tool.arguments))


def call_key(session: Session, call_id: str) -> str:
    """The one name of a call, whatever door it comes through.

    Hashed, because a vendor's id may be longer than a sort key; with the session, because it names an effect.
    """
    return _digest(session.key, call_id)[:32]


def failed(error: AisdrError) -> ToolResult:
    """A refusal as a result that a model can read and talk about."""
    return ToolResult(success=False, result={"error": error.code, "message": error.message})


def _valid(tool: Tool, arguments: Mapping[str, Any]) -> Arguments:
    try:
        # What the visitor reads on a card, and a person of the company in a mail, is all that is there.
        told = {name: seen(value) if isinstance(value, str) else value for name, value in arguments.items()}
        return tool.arguments.model_validate(told)
    except ValidationError as error:
        raise InvalidInput(explain(tool.name, error), code="invalid_arguments") from None


def _told(arguments: Arguments) -> str:
    """As JSON text, without what was not said."""
    return arguments.model_dump_json(by_alias=True, exclude_none=True)


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def _became(confirmation: Confirmation | None) -> Settled:
    if confirmation is None or confirmation.outcome is None:
        return "expired"
    return "confirmed" if ToolResult.model_validate_json(confirmation.outcome).success else "declined"


def _reused() -> Conflict:
    return Conflict("This call id was used for another tool call; make a new one", code="call_id_conflict")
