"""A company's own HTTP tool: what is sent and signed, and that nothing its server does can hurt a conversation."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from aisdr.company import Company
from aisdr.errors import InvalidInput, VendorError
from aisdr.outbound import Outbound
from aisdr.own_tools import HttpTool
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import ToolContext, ToolResult
from aisdr.tools.http_tool import HttpTools
from aisdr.tools.registry import ToolRegistry
from tests.material import ORIGIN, Clock, a_company
from tests.tools.company_server import CompanyServer, open_company_server, reserve_demo

WISH = {"city": "Lyon", "people": 3}


@pytest.fixture
def server() -> Iterator[CompanyServer]:
    with open_company_server() as server:
        yield server


@pytest.fixture
def registry(conversations_table: Table, clock: Clock) -> ToolRegistry:
    return ToolRegistry(
        (), conversations_table, clock, sleep=clock.advance, own=HttpTools(Outbound("company"), clock).of
    )


def visiting(company: Company) -> ToolContext:
    return ToolContext(company, Session("s1", "acme", ORIGIN, 0.0))


def looking_up(server: CompanyServer, **changes: Any) -> ToolContext:
    """In a company whose tool only looks something up, so that it runs without the visitor's word."""
    return visiting(a_company(http_tools=(reserve_demo(server.url, writes=False, **changes),)))


def run(registry: ToolRegistry, context: ToolContext, arguments: dict[str, Any] | None = None) -> ToolResult:
    return registry.run(context, "call-0001", "reserve_demo", WISH if arguments is None else arguments)


def test_the_arguments_are_posted_signed_and_the_answer_goes_to_the_model(
    registry: ToolRegistry, server: CompanyServer, clock: Clock
) -> None:
    outcome = run(registry, looking_up(server))

    assert outcome == ToolResult(result={"reserved": True, "say": "It is reserved."})
    (request,) = server.requests
    call_id = request["headers"]["webhook-id"]
    assert request["body"] == {"tool": "reserve_demo", "callId": call_id, "sessionId": "s1", "arguments": WISH}
    assert request["headers"]["webhook-timestamp"] == str(int(clock.now))


@pytest.mark.parametrize("status", [503, 429])
def test_what_was_confirmed_while_the_server_was_down_can_be_confirmed_again(
    registry: ToolRegistry, server: CompanyServer, status: int
) -> None:
    context = visiting(a_company(http_tools=(reserve_demo(server.url),)))
    confirmation_id = run(registry, context).result["confirmationId"]
    server.status = status

    with pytest.raises(VendorError, match="try again"):
        registry.confirm(context, confirmation_id, accept=True)
    server.status = 200
    outcomes = [registry.confirm(context, confirmation_id, accept=True, values={"people": "9"}) for _ in range(2)]

    assert outcomes[0] == outcomes[1]
    assert outcomes[0].success
    first, second = server.requests
    assert first["body"] == second["body"], "the very values of the first yes, under the same id"
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]


def test_a_tool_that_writes_waits_for_the_visitor_and_is_told_once(
    registry: ToolRegistry, server: CompanyServer
) -> None:
    context = visiting(a_company(http_tools=(reserve_demo(server.url),)))

    waiting = run(registry, context)
    asked = list(server.requests)
    confirmation_id = waiting.result["confirmationId"]
    corrected = {"people": "4", "wheelchair": "yes", "note": ""}
    outcomes = [registry.confirm(context, confirmation_id, accept=True, values=corrected) for _ in range(2)]

    assert asked == []
    assert [(field.name, field.label, field.value) for field in waiting.cards[0].fields] == [  # type: ignore[union-attr]
        ("city", "City", "Lyon"),
        ("people", "How many people", "3"),
        ("note", "Note", ""),
        ("wheelchair", "Wheelchair", ""),
    ]
    assert outcomes[0] == outcomes[1]
    assert server.effects == {confirmation_id: {"city": "Lyon", "people": 4, "wheelchair": True}}
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "'city'"),
        ({"city": "Paris"}, "'city'"),
        ({"city": "Lyon", "people": 10}, "'people'"),
        ({"city": "Lyon", "people": "some"}, "'people'"),
        ({"city": "Lyon", "note": "x" * 301}, "'note'"),
        ({"city": "Lyon", "wheelchair": "perhaps"}, "'wheelchair'"),
        ({"city": "Lyon", "companyId": "globex"}, "'companyId'"),
        ({"city": "Lyon", "value_1": 3}, "'value_1'"),
    ],
)
def test_arguments_outside_its_schema_never_reach_the_company(
    registry: ToolRegistry, server: CompanyServer, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(InvalidInput, match=named):
        run(registry, looking_up(server), arguments)

    assert server.requests == []


ANSWERS: dict[str, tuple[Any, int, str]] = {
    "a list": ([1], 200, "tool_answer_malformed"),
    "no JSON": (b"<html>", 200, "tool_answer_malformed"),
    "nothing": (b"", 200, "tool_answer_malformed"),
    "NaN": (b'{"price": NaN}', 200, "tool_answer_malformed"),
    "infinite": (b'{"price": 1e400}', 200, "tool_answer_malformed"),
    "two of one name": (b'{"price": 1, "price": 2}', 200, "tool_answer_malformed"),
    "half a character": (b'{"name": "\\ud800"}', 200, "tool_answer_malformed"),
    "bottomless": (b'{"a":' * 90, 200, "tool_answer_malformed"),
    "an error": ({"error": "no device left"}, 409, "tool_refused"),
    "a failure": ({"error": "oops"}, 500, "tool_refused"),
    "a redirect": ("redirect", 200, "tool_refused"),
    "too much": ({"text": "x" * 600}, 200, "tool_answer_too_large"),
    "no end": ("endless", 200, "tool_answer_too_large"),
    "silence": ("never", 200, "vendor_failed"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_the_server_does_is_a_result_that_a_model_can_talk_about(
    registry: ToolRegistry, server: CompanyServer, answer: str
) -> None:
    server.answer, server.status, code = ANSWERS[answer]

    outcome = run(registry, looking_up(server, timeout_seconds=0.5))

    assert (outcome.success, outcome.result["error"]) == (False, code)
    assert "could not" in outcome.result["say"]
    assert len(server.requests) == 1


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[fd00::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])  # noqa: S104
def test_an_address_inside_a_private_network_is_not_asked(
    registry: ToolRegistry, server: CompanyServer, host: str
) -> None:
    outcome = run(registry, looking_up(server, url=f"https://{host}/reserve"))

    assert (outcome.success, outcome.result["error"]) == (False, "private_address")


def test_a_company_tool_is_described_like_any_other(registry: ToolRegistry, server: CompanyServer) -> None:
    (spec,) = registry.specs(looking_up(server).company)

    assert spec.name == "reserve_demo"
    assert spec.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "enum": ["Berlin", "Lyon"], "description": "Where the showroom is."},
            "people": {"type": "integer", "minimum": 1, "maximum": 9},
            "note": {"type": "string", "maxLength": 300},
            "wheelchair": {"type": "boolean"},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert registry.specs() == []
    assert registry.specs(a_company("globex")) == []


def test_words_that_python_uses_itself_are_ordinary_names(registry: ToolRegistry, server: CompanyServer) -> None:
    names = ("json", "copy", "model_config", "class", "_private", "self")
    schema = {"properties": {name: {"type": "string"} for name in names}}

    run(registry, looking_up(server, parameters=schema), dict.fromkeys(names, "x"))

    assert server.requests[0]["body"]["arguments"] == dict.fromkeys(names, "x")


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "array"},
        {"properties": {"a": {"type": "object"}}},
        {"properties": {"a": {"type": "array"}}},
        {"properties": {"a": {"type": ["string", "null"]}}},
        {"properties": {"a": {}}},
        {"properties": {"a": {"$ref": "#/$defs/a"}}},
        {"properties": {"a": {"anyOf": []}}},
        {"properties": {"a": {"type": "string", "pattern": "(a+)+$"}}},
        {"properties": {"a": {"type": "string", "minimum": 1}}},
        {"properties": {"a": {"type": "integer", "maxLength": 1}}},
        {"properties": {"a": {"type": "integer", "minimum": 2, "maximum": 1}}},
        {"properties": {"a": {"type": "integer", "enum": ["1"]}}},
        {"properties": {"a": {"type": "boolean", "enum": [1]}}},
        {"properties": {"a": {"type": "string", "enum": []}}},
        {"properties": {"tavus_a": {"type": "string"}}},
        {"properties": {"a b": {"type": "string"}}},
        {"properties": {}, "required": ["a"]},
        {"properties": {}, "additionalProperties": True},
        {"properties": {f"a{number}": {"type": "string"} for number in range(21)}},
    ],
    ids=str,
)
def test_a_schema_that_not_every_brain_takes_is_refused_when_it_is_configured(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpTool.model_validate(
            reserve_demo("https://acme.example").model_dump(by_alias=True) | {"parameters": parameters}
        )
