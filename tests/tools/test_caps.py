"""Caps: how often tools run in one conversation, counted together for every door."""

import pytest

from aisdr.errors import LimitReached
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.registry import ToolRegistry
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock, a_company, items

MOST_READING, MOST_WRITING, MOST_OF_ALL = 6, 3, 9


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rule with fewer calls, which are records in a table."""
    for name in ("MOST_READING", "MOST_WRITING", "MOST_OF_ALL"):
        monkeypatch.setattr(f"aisdr.tools.caps.{name}", globals()[name])


class Count:
    """Counts its runs. With `writes` it asks the visitor instead."""

    description = "Counts."
    arguments = Arguments

    def __init__(self, name: str, *, writes: bool = False) -> None:
        self.name = name
        self.writes = writes
        self.runs = 0

    def asks(self, arguments: Arguments) -> bool:
        return True

    def question(self, context: ToolContext) -> tuple[str, str]:
        return "Count?", ""

    def run(self, context: ToolContext, arguments: Arguments) -> ToolResult:
        self.runs += 1
        return ToolResult(result={"runs": self.runs})


@pytest.fixture
def context(clock: Clock) -> ToolContext:
    return ToolContext(a_company(tools=("look", "see", "write")), Session("s1", "acme", ORIGIN, clock.now))


@pytest.fixture
def look() -> Count:
    return Count("look")


@pytest.fixture
def registry(look: Count, conversations_table: Table, clock: Clock) -> ToolRegistry:
    return ToolRegistry((look, Count("see"), Count("write", writes=True)), conversations_table, clock, clock.advance)


def test_a_tool_runs_so_often_in_a_conversation_and_no_more(
    registry: ToolRegistry, context: ToolContext, look: Count, clock: Clock
) -> None:
    for _ in range(MOST_READING):
        registry.run(context, None, "look", {})

    with pytest.raises(LimitReached) as refused:
        registry.run(context, None, "look", {})

    assert refused.value.code == "too_many_tool_calls"
    assert look.runs == MOST_READING
    other = ToolContext(context.company, Session("s2", "acme", ORIGIN, clock.now))
    assert registry.run(other, None, "look", {}).success


def test_all_tools_together_have_a_cap(registry: ToolRegistry, context: ToolContext) -> None:
    for _ in range(MOST_OF_ALL - MOST_READING):
        registry.run(context, None, "see", {})
    for _ in range(MOST_READING):
        registry.run(context, None, "look", {})

    with pytest.raises(LimitReached):
        registry.run(context, None, "see", {})


def test_a_visitor_is_asked_so_often_by_one_tool(registry: ToolRegistry, context: ToolContext) -> None:
    for _ in range(MOST_WRITING):
        assert registry.run(context, None, "write", {}).result["status"] == "awaiting_confirmation"

    with pytest.raises(LimitReached):
        registry.run(context, None, "write", {})


@pytest.mark.parametrize("name", ["look", "write"])
def test_a_repeated_call_is_counted_once_and_a_refused_one_leaves_nothing(
    registry: ToolRegistry, context: ToolContext, aws: object, name: str
) -> None:
    for _ in range(MOST_READING + 1):
        registry.run(context, "call-0001", name, {})
    while True:
        try:
            registry.run(context, None, name, {})
        except LimitReached:
            break

    calls = [item for item in items(aws, CONVERSATIONS) if item["sk"]["S"].startswith("toolcall#")]
    assert len(calls) == (MOST_WRITING if name == "write" else MOST_READING)
