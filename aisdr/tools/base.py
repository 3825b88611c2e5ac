"""The contract of a tool, and the registry that runs one: allowed, typed, recorded, safe to repeat."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from aisdr.answer import Card
from aisdr.company import Company
from aisdr.errors import AisdrError, Conflict, Forbidden, InvalidInput, NotFound
from aisdr.index.base import SearchHit
from aisdr.inference.base import ToolSpec
from aisdr.observability import logger
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table
from aisdr.wire import Wire

LEASE_SECONDS = 60
"""Longer than any function may run."""
RUNNING_SECONDS = 20
"""How long a second caller waits for the first one's result before it gives up."""


class Arguments(BaseModel):
    """Base of every tool's arguments. Unknown keys are refused, so that nobody smuggles a company or a session in."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


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


class Tool(Protocol):
    """One thing the representative can do. `writes` says that it leaves something behind."""

    name: ClassVar[str]
    description: ClassVar[str]
    arguments: ClassVar[type[Arguments]]
    writes: ClassVar[bool]

    def run(self, context: ToolContext, arguments: Any) -> ToolResult: ...


class ToolRegistry:
    """All tools, under one rule for who may call what, and one record of every call."""

    def __init__(
        self,
        tools: Iterable[Tool],
        table: Table,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._table = table
        self._clock = clock
        self._sleep = sleep

    def specs(self, company: Company | None = None) -> list[ToolSpec]:
        """What a model, Tavus or a reader of the catalogue is told; a company's allow-list narrows it."""
        return [
            ToolSpec(tool.name, tool.description, _schema(tool.arguments))
            for tool in self._tools.values()
            if company is None or tool.name in company.tools
        ]

    def run(self, context: ToolContext, call_id: str | None, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Runs a tool once per `call_id`; a repeated call gets the first one's result. Without an id each call is new.

        Raises:
            NotFound: there is no such tool.
            Forbidden: the company's allow-list does not hold it.
            InvalidInput: the arguments do not fit; names each field.
            Conflict: the call id was used for another call.
        """
        tool = self._tools.get(name)
        if tool is None:
            known = ", ".join(sorted(self._tools))
            raise NotFound(f"There is no tool '{name[:64]}'; known tools: {known}", code="unknown_tool")
        if name not in context.company.tools:
            raise Forbidden(f"The tool '{name}' is not enabled for this company", code="tool_not_enabled")
        try:
            valid = tool.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            raise InvalidInput(_explain(name, error), code="invalid_arguments") from None
        return self._once(tool, context, call_id or secrets.token_hex(16), valid)

    def _once(self, tool: Tool, context: ToolContext, call_id: str, arguments: Arguments) -> ToolResult:
        # Hashed, because a vendor's id may be longer than a sort key.
        key = f"toolcall#{hashlib.sha256(call_id.encode()).hexdigest()[:32]}"
        digest = hashlib.sha256(f"{tool.name}|{arguments.model_dump_json()}".encode()).hexdigest()
        record = {"pk": context.session.key, "sk": key, "digest": digest}
        started = self._clock()
        # Until there is a result the record is only a lease: a call whose function died may be run again.
        if not self._table.put_new(record | {"expires_at": int(started + LEASE_SECONDS)}):
            return self._result_of_first(context, key, digest)
        try:
            outcome = tool.run(context, arguments)
        except Exception:
            # Forget the call, so that asking again runs it: a result must never be a crash that is replayed for ever.
            self._table.delete(context.session.key, key)
            raise
        kept_until = int(self._clock() + RETENTION_SECONDS)
        self._table.put(record | {"expires_at": kept_until, "outcome": outcome.model_dump_json()})
        logger.info(
            "tool finished",
            tool=tool.name,
            company_id=context.company.company_id,
            success=outcome.success,
            ms=round((self._clock() - started) * 1000),
        )
        return outcome

    def _result_of_first(self, context: ToolContext, key: str, digest: str) -> ToolResult:
        waited = 0.0
        while waited < RUNNING_SECONDS:
            item = self._table.get(context.session.key, key)
            if item is not None and item["digest"] != digest:
                raise Conflict("This call id was used for another tool call; make a new one", code="call_id_conflict")
            if item is not None and "outcome" in item:
                return ToolResult.model_validate_json(item["outcome"])
            self._sleep(0.1)
            waited += 0.1
        raise Conflict("The same tool call is still running", code="call_running")


def failed(error: AisdrError) -> ToolResult:
    """A refusal as a result that a model can read and talk about."""
    return ToolResult(success=False, result={"error": error.code, "message": error.message})


def _schema(arguments: type[Arguments]) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(arguments.model_json_schema()))
    schema.pop("title", None)
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
    return schema


def _explain(name: str, error: ValidationError) -> str:
    """Names fields and rules, never the values: those are what a visitor said."""
    problems = [f"'{'.'.join(map(str, each['loc'])) or name}': {each['msg'].lower()}" for each in error.errors()]
    return f"The arguments of '{name}' do not fit: {'; '.join(problems[:5])}"
