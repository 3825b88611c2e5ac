"""Every tool there is, for those who must know and describe them without building anything."""

from collections.abc import Iterable

from aisdr.company import Company
from aisdr.inference.base import ToolSpec
from aisdr.tools.base import Tool, spec_of
from aisdr.tools.create_meeting_link import CreateMeetingLink
from aisdr.tools.get_demo_clip import GetDemoClip
from aisdr.tools.log_lead import LogLead
from aisdr.tools.request_human import RequestHuman
from aisdr.tools.search_knowledge import SearchKnowledge
from aisdr.tools.show_visual import ShowVisual

TOOLS = (SearchKnowledge, ShowVisual, GetDemoClip, CreateMeetingLink, LogLead, RequestHuman)
TOOL_NAMES = frozenset(tool.name for tool in TOOLS)
WRITING_TOOL_NAMES = frozenset(tool.name for tool in TOOLS if tool.writes)


def described(company: Company, own: Iterable[Tool]) -> list[ToolSpec]:
    """As the registry describes them, for functions that start calls and carry no search engine to build it with."""
    return [*(spec_of(tool) for tool in TOOLS if tool.name in company.tools), *map(spec_of, own)]
