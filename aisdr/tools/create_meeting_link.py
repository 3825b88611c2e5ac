"""Tool: a booking page with the visitor's data filled in."""

from typing import ClassVar

from pydantic import Field

from aisdr.answer import MeetingCard
from aisdr.booking import PLACEHOLDERS, filled
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.said import Employer, Name, OptionalEmail


class CreateMeetingLinkArguments(Arguments):
    name: Name = Field(None, description="The visitor's name, if they gave it.")
    email: OptionalEmail = Field(None, description="The visitor's e-mail address, if they gave it.")
    company: Employer = Field(None, description="The visitor's company, if they gave it.")
    topic: str | None = Field(None, max_length=200, description="What the meeting is about.")


class CreateMeetingLink:
    """Fills the company's `bookingUrl`: its placeholders, or without any the parameters that its vendor documents."""

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
        said = {name: getattr(arguments, name) or "" for name in PLACEHOLDERS}
        url = filled(template, said)
        card = MeetingCard(title=f"Book a meeting with {context.company.display_name}", url=url)
        return ToolResult(result={"url": url, "say": "You can pick a time here."}, cards=(card,))
