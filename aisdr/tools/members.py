"""Every tool there is, for those who must know the names without building anything."""

from aisdr.tools.base import Tool
from aisdr.tools.create_meeting_link import CreateMeetingLink
from aisdr.tools.get_demo_clip import GetDemoClip
from aisdr.tools.log_lead import LogLead
from aisdr.tools.search_knowledge import SearchKnowledge
from aisdr.tools.show_visual import ShowVisual

TOOLS: tuple[type[Tool], ...] = (SearchKnowledge, ShowVisual, GetDemoClip, CreateMeetingLink, LogLead)
TOOL_NAMES = frozenset(tool.name for tool in TOOLS)
