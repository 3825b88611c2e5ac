"""Tool: stores a visitor's contact data for the company's sales team."""

import re
from typing import ClassVar

from pydantic import Field, field_validator

from aisdr.answer import LeadCard
from aisdr.lead import Lead, Leads
from aisdr.tools.base import Arguments, ToolContext, ToolResult


class LogLeadArguments(Arguments):
    email: str = Field(
        max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$", description="The visitor's e-mail address."
    )
    name: str | None = Field(None, max_length=120, description="The visitor's name.")
    company: str | None = Field(None, max_length=120, description="The visitor's company.")
    phone: str | None = Field(None, max_length=40, description="The visitor's phone number.")
    message: str | None = Field(None, max_length=2000, description="What the visitor wants, in one or two sentences.")

    @field_validator("email", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        """A spoken address arrives as words: "jane dot doe at example dot com", or half of it does."""
        if not isinstance(value, str):
            return value
        if "@" not in value:
            value = re.sub(r"\s+at\s+", "@", value, count=1, flags=re.IGNORECASE)
        return re.sub(r"\s+dot\s+", ".", value, flags=re.IGNORECASE)


class LogLead:
    """Adds a lead with the consent text that the visitor agreed to."""

    name: ClassVar[str] = "log_lead"
    description: ClassVar[str] = (
        "Store the visitor's contact data for the sales team. Only with data that the visitor gave for that purpose; "
        "never guess an address."
    )
    arguments: ClassVar[type[Arguments]] = LogLeadArguments
    writes: ClassVar[bool] = True

    def __init__(self, leads: Leads) -> None:
        self._leads = leads

    def run(self, context: ToolContext, arguments: LogLeadArguments) -> ToolResult:
        stored = self._leads.add(context.session, Lead(**arguments.model_dump()))
        card = LeadCard(name=stored.lead.name, email=stored.lead.email, company=stored.lead.company)
        say = f"Thank you, I have passed {stored.lead.email} on to the team."
        return ToolResult(result={"leadId": stored.lead_id, "say": say}, cards=(card,))
