"""The tools that a model may call: ours, and each company's own."""

from functools import cached_property
from typing import TYPE_CHECKING

from aisdr.services.search import Search

if TYPE_CHECKING:
    from aisdr.company import Company
    from aisdr.inference.base import ToolSpec
    from aisdr.tools.http_tool import HttpTools
    from aisdr.tools.registry import ToolRegistry


class Tools(Search):
    """Registries of tools."""

    @cached_property
    def tools(self) -> "ToolRegistry":
        from aisdr.configuration import ModelChoice
        from aisdr.tools.create_meeting_link import CreateMeetingLink
        from aisdr.tools.get_demo_clip import GetDemoClip
        from aisdr.tools.log_lead import LogLead
        from aisdr.tools.registry import ToolRegistry
        from aisdr.tools.request_human import RequestHuman
        from aisdr.tools.search_knowledge import SearchKnowledge
        from aisdr.tools.show_visual import ShowVisual

        return ToolRegistry(
            (
                SearchKnowledge(self.knowledge, self.model(ModelChoice())),
                ShowVisual(self.knowledge),
                GetDemoClip(self.knowledge),
                CreateMeetingLink(),
                LogLead(self.leads),
                RequestHuman(self.handovers),
            ),
            self.conversations,
            own=self._own_tools.of,
        )

    @cached_property
    def writing_tools(self) -> "ToolRegistry":
        """Those that leave something behind: all that a function without a search engine may have to finish."""
        from aisdr.tools.log_lead import LogLead
        from aisdr.tools.registry import ToolRegistry
        from aisdr.tools.request_human import RequestHuman

        tools = (LogLead(self.leads), RequestHuman(self.handovers))
        return ToolRegistry(tools, self.conversations, own=self._own_tools.of)

    def described_tools(self, company: "Company") -> "list[ToolSpec]":
        from aisdr.tools.members import described

        return described(company, self._own_tools.of(company))

    @cached_property
    def _own_tools(self) -> "HttpTools":
        """Those that companies have behind addresses of theirs."""
        from aisdr.outbound import Outbound
        from aisdr.tools.http_tool import HttpTools

        return HttpTools(Outbound("company"))
