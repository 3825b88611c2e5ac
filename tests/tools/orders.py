"""A tool that writes orders down, and a visitor who is asked first."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from pydantic import Field

from aisdr.answer import ContactCard
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.registry import ToolRegistry
from tests.material import ORIGIN, Clock, a_company

CARD = ContactCard(title="Your order")
TEA = {"item": "tea", "amount": 2}


class OrderArguments(Arguments):
    item: str = Field(min_length=1, max_length=20)
    amount: int = Field(1, ge=1, le=9)
    wish: str | None = Field(None, max_length=20)


class Order:
    """A tool that writes. Like our stores it keeps one effect a key."""

    name: ClassVar[str] = "order"
    description: ClassVar[str] = "Order something."
    arguments: ClassVar[type[Arguments]] = OrderArguments
    writes: ClassVar[bool] = True

    def __init__(self) -> None:
        self.ordered: dict[str, str] = {}
        self.runs = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def asks(self, arguments: OrderArguments) -> bool:
        return arguments.item != "nothing"

    def question(self, context: ToolContext) -> tuple[str, str]:
        return f"Order from {context.company.display_name}?", "It will be sent."

    def run(self, context: ToolContext, arguments: OrderArguments) -> ToolResult:
        self.runs += 1
        self.before()
        if self.asks(arguments):
            self.ordered.setdefault(context.key, f"{arguments.amount} {arguments.item}")
        self.after()
        return ToolResult(result={"number": len(self.ordered), "say": "Done."}, cards=(CARD,))


@pytest.fixture
def order() -> Order:
    return Order()


@pytest.fixture
def registry(order: Order, conversations_table: Table, clock: Clock) -> ToolRegistry:
    return ToolRegistry((order,), conversations_table, clock, sleep=clock.advance)


@pytest.fixture
def context(clock: Clock) -> ToolContext:
    return ToolContext(a_company(tools=("order",)), Session("s1", "acme", ORIGIN, clock.now))


def ask(
    registry: ToolRegistry, context: ToolContext, call_id: str = "call-0001", arguments: dict[str, Any] | None = None
) -> str:
    waiting = registry.run(context, call_id, "order", TEA if arguments is None else arguments)
    return str(waiting.result["confirmationId"])
