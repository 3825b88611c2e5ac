"""The registry: who may call what, with which arguments, and that a repeated call has one effect."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import Field

from aisdr.answer import MeetingCard
from aisdr.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotFound
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import Arguments, ToolContext, ToolResult, failed
from aisdr.tools.once import RUNNING_SECONDS
from aisdr.tools.registry import ToolRegistry
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock, a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CARD = MeetingCard(title="Book", url="https://cal.example")


class OrderArguments(Arguments):
    item: str = Field(min_length=1, max_length=20, description="What to order.")
    amount: int = Field(1, ge=1, le=9)


class Order:
    """A tool that counts, so that a second run would be seen."""

    name: ClassVar[str] = "order"
    description: ClassVar[str] = "Order something."
    arguments: ClassVar[type[Arguments]] = OrderArguments
    writes: ClassVar[bool] = False

    def __init__(self) -> None:
        self.ordered: list[str] = []
        self.stop: Exception | None = None

    def run(self, context: ToolContext, arguments: OrderArguments) -> ToolResult:
        if self.stop:
            raise self.stop
        self.ordered.append(f"{context.company.company_id}: {arguments.amount} {arguments.item}")
        return ToolResult(result={"number": len(self.ordered), "price": 1.5}, cards=(CARD,))


@pytest.fixture
def order() -> Order:
    return Order()


@pytest.fixture
def registry(order: Order, conversations_table: Table, clock: Clock) -> ToolRegistry:
    return ToolRegistry((order,), conversations_table, clock, sleep=clock.advance)


@pytest.fixture
def context(clock: Clock) -> ToolContext:
    return ToolContext(a_company(tools=("order",)), Session("s1", "acme", ORIGIN, clock.now))


def test_a_tool_runs_for_the_company_of_the_session(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    outcome = registry.run(context, "call-0001", "order", {"item": " tea "})

    assert outcome == ToolResult(result={"number": 1, "price": 1.5}, cards=(CARD,))
    assert order.ordered == ["acme: 1 tea"]


@pytest.mark.parametrize("name", ["", "Order", "order ", "__class__", "run", "o" * 10_000])
def test_an_unknown_tool_is_refused_with_the_known_ones(
    registry: ToolRegistry, context: ToolContext, aws: "DynamoDBClient", name: str
) -> None:
    with pytest.raises(NotFound, match="known tools: order") as caught:
        registry.run(context, "call-0001", name, {"item": "tea"})

    assert caught.value.code == "unknown_tool"
    assert len(caught.value.message) < 200
    assert items(aws, CONVERSATIONS) == []


def test_a_tool_that_the_company_did_not_allow_is_refused(
    registry: ToolRegistry, order: Order, context: ToolContext, aws: "DynamoDBClient"
) -> None:
    stranger = ToolContext(a_company(tools=()), context.session)

    with pytest.raises(Forbidden) as caught:
        registry.run(stranger, "call-0001", "order", {"item": "tea"})

    assert caught.value.code == "tool_not_enabled"
    assert order.ordered == []
    assert items(aws, CONVERSATIONS) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "'item': field required"),
        ({"item": ""}, "'item': string should have at least 1"),
        ({"item": "   "}, "'item': string should have at least 1"),
        ({"item": "x" * 21}, "'item': string should have at most 20"),
        ({"item": ["tea"]}, "'item': input should be a valid string"),
        ({"item": None}, "'item': input should be a valid string"),
        ({"item": "tea", "amount": 10}, "'amount': input should be less than or equal to 9"),
        ({"item": "tea", "amount": "many"}, "'amount': input should be a valid integer"),
        ({"item": "tea", "company_id": "globex"}, "'company_id': extra inputs are not permitted"),
        ({"item": "tea", "session": "s2"}, "'session': extra inputs are not permitted"),
    ],
)
def test_wrong_arguments_name_the_field_and_do_nothing(
    registry: ToolRegistry,
    order: Order,
    context: ToolContext,
    aws: "DynamoDBClient",
    arguments: dict[str, Any],
    named: str,
) -> None:
    with pytest.raises(InvalidInput) as caught:
        registry.run(context, "call-0001", "order", arguments)

    assert caught.value.code == "invalid_arguments"
    assert named in caught.value.message
    assert order.ordered == []
    assert items(aws, CONVERSATIONS) == []


def test_what_nobody_sees_is_no_part_of_an_argument(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    registry.run(context, "call-0001", "order", {"item": "te\u200ba\U000e0041"})

    assert order.ordered == ["acme: 1 tea"]


def test_what_a_visitor_said_is_not_repeated_in_the_error(registry: ToolRegistry, context: ToolContext) -> None:
    with pytest.raises(InvalidInput) as caught:
        registry.run(context, "call-0001", "order", {"item": "tea", "amount": "my card is 4111"})

    assert "4111" not in caught.value.message


def test_a_repeated_call_gets_the_first_result_and_has_one_effect(
    registry: ToolRegistry, order: Order, context: ToolContext
) -> None:
    first = registry.run(context, "call-0001", "order", {"item": "tea"})
    again = registry.run(context, "call-0001", "order", {"item": "tea", "amount": 1})

    assert again == first
    assert order.ordered == ["acme: 1 tea"]


def test_the_same_call_id_with_other_arguments_is_a_conflict(
    registry: ToolRegistry, order: Order, context: ToolContext
) -> None:
    registry.run(context, "call-0001", "order", {"item": "tea"})

    with pytest.raises(Conflict) as caught:
        registry.run(context, "call-0001", "order", {"item": "coffee"})

    assert caught.value.code == "call_id_conflict"
    assert order.ordered == ["acme: 1 tea"]


def test_another_session_has_call_ids_of_its_own(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock
) -> None:
    other = ToolContext(context.company, Session("s2", "acme", ORIGIN, clock.now))

    registry.run(context, "call-0001", "order", {"item": "tea"})
    registry.run(other, "call-0001", "order", {"item": "coffee"})

    assert order.ordered == ["acme: 1 tea", "acme: 1 coffee"]


def test_without_an_id_each_call_is_new(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    for _ in range(2):
        registry.run(context, None, "order", {"item": "tea"})

    assert len(order.ordered) == 2


@pytest.mark.parametrize("call_id", ["x" * 5000, "ü#\n\x00", "toolcall#"])
def test_an_id_of_any_form_is_safe_to_repeat(
    registry: ToolRegistry, order: Order, context: ToolContext, call_id: str
) -> None:
    for _ in range(2):
        registry.run(context, call_id, "order", {"item": "tea"})

    assert len(order.ordered) == 1


def test_two_long_ids_are_told_apart(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    for end in "ab":
        registry.run(context, "x" * 5000 + end, "order", {"item": "tea"})

    assert len(order.ordered) == 2


@pytest.mark.parametrize("stop", [RuntimeError("a bug"), LimitReached("full")])
def test_a_call_that_failed_may_be_tried_again(
    registry: ToolRegistry, order: Order, context: ToolContext, stop: Exception
) -> None:
    order.stop = stop
    with pytest.raises(type(stop)):
        registry.run(context, "call-0001", "order", {"item": "tea"})

    order.stop = None
    registry.run(context, "call-0001", "order", {"item": "tea"})

    assert order.ordered == ["acme: 1 tea"]


def test_five_who_bring_the_same_call_at_once_get_one_effect_and_equal_answers(
    one_at_a_time: "DynamoDBClient", order: Order, context: ToolContext, clock: Clock
) -> None:
    registry = ToolRegistry((order,), Table(one_at_a_time, CONVERSATIONS, clock), clock)
    gate = threading.Barrier(5)

    def bring(_: int) -> ToolResult:
        gate.wait()
        return registry.run(context, "call-0001", "order", {"item": "tea"})

    with ThreadPoolExecutor(5) as threads:
        outcomes = list(threads.map(bring, range(5)))

    assert order.ordered == ["acme: 1 tea"]
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_call_whose_first_run_never_ends_is_not_waited_for_for_ever(
    conversations_table: Table, context: ToolContext, clock: Clock
) -> None:
    class Slow(Order):
        def run(self, context: ToolContext, arguments: OrderArguments) -> ToolResult:
            with pytest.raises(Conflict) as caught:
                patient.run(context, "call-0001", "order", {"item": "tea"})
            assert caught.value.code == "call_running"
            return super().run(context, arguments)

    slow = Slow()
    patient = ToolRegistry((slow,), conversations_table, clock, sleep=clock.advance)
    begin = clock.now

    patient.run(context, "call-0001", "order", {"item": "tea"})

    assert slow.ordered == ["acme: 1 tea"]
    assert clock.now - begin == pytest.approx(RUNNING_SECONDS, abs=0.2)


def test_a_company_is_told_only_of_its_own_tools(registry: ToolRegistry) -> None:
    assert [spec.name for spec in registry.specs()] == ["order"]
    assert [spec.name for spec in registry.specs(a_company(tools=("order",)))] == ["order"]
    assert registry.specs(a_company(tools=())) == []


def test_a_tool_is_described_as_a_json_schema_that_forbids_the_rest(registry: ToolRegistry) -> None:
    spec = registry.specs()[0]

    assert spec.parameters == {
        "type": "object",
        "additionalProperties": False,
        "required": ["item"],
        "properties": {
            "item": {"type": "string", "minLength": 1, "maxLength": 20, "description": "What to order."},
            "amount": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1},
        },
    }
    assert json.loads(json.dumps(spec.parameters)) == spec.parameters


def test_a_refusal_becomes_a_result_that_a_model_can_read() -> None:
    outcome = failed(Forbidden("Not here", code="tool_not_enabled"))

    assert outcome == ToolResult(success=False, result={"error": "tool_not_enabled", "message": "Not here"})
