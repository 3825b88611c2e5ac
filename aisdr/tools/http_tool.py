"""Tools of a company's own: the arguments are posted to its address, signed, and its answer goes to the model.

The request is a Standard Webhooks message: `POST {tool, callId, sessionId, arguments}`; its id is the call's, so that
a repeated request can be recognised. The answer is a JSON object.
"""

import json
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from aisdr.company import Company
from aisdr.errors import VendorError
from aisdr.observability import logger
from aisdr.outbound import Outbound
from aisdr.own_tools import HttpTool, ToolProperty
from aisdr.signature import signed_headers
from aisdr.strict_json import MalformedJson, read_json
from aisdr.tools.base import Arguments, Tool, ToolContext, ToolResult
from aisdr.tools.form import Shown
from aisdr.unseen import seen_through

LONG_TEXT = 200
"""A text that may be longer gets several lines in the visitor's form."""


class HttpTools:
    """Makes the tools that a company's configuration lists."""

    def __init__(self, outbound: Outbound, clock: Callable[[], float] = time.time) -> None:
        self._outbound = outbound
        self._clock = clock

    def of(self, company: Company) -> tuple[Tool, ...]:
        return tuple(CompanyTool(configuration, self._outbound, self._clock) for configuration in company.http_tools)


class CompanyTool:
    """One of them. Whatever its server does, the outcome is a result that a model can talk about.

    Raises (`run`):
        VendorError: `tool_unavailable`, where the visitor has confirmed and trying again makes sense.
    """

    def __init__(self, configuration: HttpTool, outbound: Outbound, clock: Callable[[], float]) -> None:
        self._configuration = configuration
        self._outbound = outbound
        self._clock = clock
        self.name = configuration.name
        self.description = configuration.description
        self.writes = configuration.writes
        self.arguments = _arguments(configuration.name, configuration.parameters.model_dump_json())

    def asks(self, arguments: Arguments) -> bool:
        return True

    def question(self, context: ToolContext) -> tuple[str, str]:
        title = self._configuration.title or self.name.replace("_", " ").capitalize()
        return title, f"When you confirm, these details are sent to {context.company.display_name}."

    def run(self, context: ToolContext, arguments: Arguments) -> ToolResult:
        body = {
            "tool": self.name,
            "callId": context.key,
            "sessionId": context.session.session_id,
            "arguments": arguments.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        try:
            answer = self._ask(context.key, json.dumps(body, ensure_ascii=False).encode())
        except VendorError as error:
            logger.warning("own tool failed", tool=self.name, company_id=context.company.company_id, why=error.code)
            if self.writes and error.retryable:
                # It may or may not have happened: whoever carries it out again does so with the same id and values.
                message = "The system behind it does not answer just now; try again in a moment"
                raise VendorError(message, vendor="company", code="tool_unavailable", retryable=True) from error
            say = "I could not do that just now: the system behind it did not answer as it should."
            return ToolResult(success=False, result={"error": error.code, "say": say})
        return ToolResult(result=answer)

    def _ask(self, message_id: str, body: bytes) -> dict[str, Any]:
        configuration = self._configuration
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "aisdr-tools/1",
            **signed_headers((configuration.secret,), message_id, int(self._clock()), body),
        }
        reply = self._outbound.post(
            configuration.url, body, headers, seconds=configuration.timeout_seconds, max_bytes=configuration.max_bytes
        )
        if not 200 <= reply.status < 300:
            passing = reply.status == 429 or reply.status >= 500
            raise self._failure(f"answered {reply.status}", "tool_refused", retryable=passing)
        if not reply.complete:
            raise self._failure(f"answered more than {configuration.max_bytes} bytes", "tool_answer_too_large")
        try:
            answer = read_json(reply.body)
        except MalformedJson:
            answer = None
        if not isinstance(answer, dict):
            raise self._failure("did not answer with a JSON object", "tool_answer_malformed")
        shown: dict[str, Any] = seen_through(answer)
        return shown

    def _failure(self, what: str, code: str, *, retryable: bool = False) -> VendorError:
        return VendorError(f"The server of '{self.name}' {what}", vendor="company", code=code, retryable=retryable)


@lru_cache(maxsize=256)
def _arguments(name: str, parameters: str) -> type[Arguments]:
    """The schema as a model, so that the registry checks every tool by one rule.

    The properties are aliases, because some words (`json`, `copy`) would hide methods of a model.
    """
    schema = json.loads(parameters)
    fields: dict[str, Any] = {}
    for number, (property_name, described) in enumerate(schema["properties"].items()):
        property_ = ToolProperty.model_validate(described)
        required = property_name in schema["required"]
        kind = _kind(property_)
        shown = Shown(property_.title or property_name.replace("_", " ").capitalize(), _look(property_))
        description = property_.description or None
        fields[f"value_{number}"] = (
            (Annotated[kind, shown], Field(alias=property_name, description=description))
            if required
            else (
                Annotated[kind | None, BeforeValidator(_or_nothing), shown],
                Field(None, alias=property_name, description=description),
            )
        )
    return create_model(f"{name}_arguments", __base__=Arguments, **fields)


def _kind(described: ToolProperty) -> Any:
    if described.enum is not None:
        members = {str(member): member for member in described.enum}
        return Annotated[Literal[tuple(described.enum)], BeforeValidator(lambda value: members.get(str(value), value))]
    match described.type:
        case "string":
            return Annotated[str, Field(min_length=described.min_length, max_length=described.max_length or 4000)]
        case "number":
            return Annotated[float, Field(ge=described.minimum, le=described.maximum), BeforeValidator(_no_switch)]
        case "integer":
            return Annotated[int, Field(ge=described.minimum, le=described.maximum), BeforeValidator(_no_switch)]
        case "boolean":
            return bool


def _no_switch(value: object) -> object:
    """To Python `true` is 1; in JSON it is no number."""
    if isinstance(value, bool):
        raise ValueError("write a number")
    return value


def _look(described: ToolProperty) -> Literal["text", "multiline"]:
    long = described.type == "string" and described.enum is None and (described.max_length or 0) > LONG_TEXT
    return "multiline" if long else "text"


def _or_nothing(value: object) -> object:
    """Models write an empty text where they mean that nothing was said, and so does an emptied field."""
    return None if value == "" else value
