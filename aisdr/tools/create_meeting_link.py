"""Tool: a booking page with the visitor's data filled in."""

from typing import ClassVar
from urllib.parse import quote

from pydantic import Field

from aisdr.answer import MeetingCard
from aisdr.tools.base import Arguments, ToolContext, ToolResult

PLACEHOLDERS = ("name", "email", "company", "topic")


class CreateMeetingLinkArguments(Arguments):
    name: str | None = Field(None, max_length=120, description="The visitor's name, if they gave it.")
    email: str | None = Field(None, max_length=254, description="The visitor's e-mail address, if they gave it.")
    company: str | None = Field(None, max_length=120, description="The visitor's company, if they gave it.")
    topic: str | None = Field(None, max_length=200, description="What the meeting is about.")


class CreateMeetingLink:
    """Fills the placeholders of the company's `bookingUrl`; what the visitor did not say stays empty."""

    name: ClassVar[str] = "create_meeting_link"
    description: ClassVar[str] = (
        "Give the visitor a link to book a meeting with a person of the company. Pass name and e-mail only if the "
        "visitor gave them."
    )
    arguments: ClassVar[type[Arguments]] = CreateMeetingLinkArguments
    writes: ClassVar[bool] = False

    def run(self, context: ToolContext, arguments: CreateMeetingLinkArguments) -> ToolResult:
        template = context.company.booking_url
        if template is None:
            say = "Online booking isn't set up. Leave me your e-mail address and a colleague will write to you."
            return ToolResult(success=False, result={"say": say})
        url = template
        for placeholder in PLACEHOLDERS:
            url = url.replace(f"{{{placeholder}}}", quote(getattr(arguments, placeholder) or "", safe=""))
        card = MeetingCard(title=f"Book a meeting with {context.company.display_name}", url=url)
        return ToolResult(result={"url": url, "say": "You can pick a time here."}, cards=(card,))
