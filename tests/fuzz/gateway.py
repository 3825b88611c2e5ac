"""The gateway of the tools with nothing behind it: what a tool would do is noted, and no record is kept."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from aisdr.company import Company
from aisdr.session import Session
from aisdr.table import Item, Table
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.create_meeting_link import CreateMeetingLink
from aisdr.tools.get_demo_clip import GetDemoClip
from aisdr.tools.log_lead import LogLead
from aisdr.tools.registry import ToolRegistry
from aisdr.tools.request_human import RequestHuman
from aisdr.tools.search_knowledge import SearchKnowledge
from aisdr.tools.show_visual import ShowVisual
from tests.material import ORIGIN, a_company

FORBIDDEN = "request_human"
"""The one tool that this visitor's company does not allow."""
_CLASSES: tuple[Any, ...] = (SearchKnowledge, ShowVisual, GetDemoClip, CreateMeetingLink, LogLead, RequestHuman)


@dataclass(frozen=True)
class Visitor:
    company: Company
    session: Session
    allowed: frozenset[str]


@dataclass(frozen=True)
class Noted:
    """A tool with the name and the arguments of a real one."""

    name: str
    arguments: type[Arguments]
    ran: list[tuple[str, Arguments]]
    description: str = "Does nothing"
    writes: bool = False

    def run(self, context: ToolContext, arguments: Arguments) -> ToolResult:
        self.ran.append((self.name, arguments))
        return ToolResult(result={"ran": self.name})


class Shelf:
    """What the gateway has for its table, without a memory that grows: each call is the first of its conversation."""

    def __init__(self) -> None:
        self._item: Item | None = None

    def put_new(self, item: Item) -> bool:
        self._item = item
        return True

    def put(self, item: Item) -> None:
        self._item = item

    def get(self, pk: str, sk: str) -> Item | None:
        return None

    def update(self, pk: str, sk: str, expression: str, **_: Any) -> Item:
        return {}

    def delete(self, pk: str, sk: str) -> bool:
        self._item = None
        return True


@cache
def visitor() -> Visitor:
    allowed = frozenset(each.name for each in _CLASSES) - {FORBIDDEN}
    company = a_company(tools=tuple(sorted(allowed)))
    return Visitor(company, Session("s1", "acme", ORIGIN, 1_800_000_000.0), allowed)


@cache
def gateway() -> tuple[ToolRegistry, list[tuple[str, Arguments]]]:
    """The real registry, and what has been run since the list was emptied."""
    ran: list[tuple[str, Arguments]] = []
    tools = [Noted(each.name, each.arguments, ran) for each in _CLASSES]
    return ToolRegistry(tools, cast("Table", Shelf())), ran
