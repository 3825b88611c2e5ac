"""Tool: passes a visitor's contact data to the company's sales team, after the visitor confirmed it."""

from typing import Annotated, ClassVar

from pydantic import Field

from aisdr.answer import LeadCard
from aisdr.lead import Agreement, Lead, Leads
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.form import Shown
from aisdr.tools.said import Email, Employer, Message, Name, Phone


class LogLeadArguments(Arguments):
    email: Email = Field(description="The visitor's e-mail address.")
    name: Name = Field(None, description="The visitor's name.")
    company: Employer = Field(None, description="The visitor's company.")
    phone: Phone = Field(None, description="The visitor's phone number.")
    message: Message = Field(None, description="What the visitor wants, in one or two sentences.")
    qualification: Annotated[Message, Shown("About your needs", "multiline")] = Field(
        None,
        description="What the visitor said about themselves that makes a good lead, such as size, role, time frame; "
        "one short line each, nothing guessed.",
    )


class LogLead:
    """Adds a lead with the consent text that the visitor agreed to."""

    name: ClassVar[str] = "log_lead"
    description: ClassVar[str] = (
        "Pass the visitor's contact data to the sales team. Only with data that the visitor gave for that purpose; "
        "never guess an address. The visitor confirms the values on the screen before anything is stored."
    )
    arguments: ClassVar[type[Arguments]] = LogLeadArguments
    writes: ClassVar[bool] = True

    def __init__(self, leads: Leads) -> None:
        self._leads = leads

    def asks(self, arguments: LogLeadArguments) -> bool:
        return True

    def question(self, context: ToolContext) -> tuple[str, str]:
        privacy = context.company.consent.privacy_url
        note = _note(context)
        title = f"Send your details to {context.company.display_name}?"
        return title, f"{note} Privacy: {privacy}" if privacy else note

    def run(self, context: ToolContext, arguments: LogLeadArguments) -> ToolResult:
        agreed_to = Agreement(text=_note(context), privacy_url=context.company.consent.privacy_url)
        lead = Lead(**arguments.model_dump())
        self._leads.add(context.company, context.session, lead, key=context.key, agreed_to=agreed_to)
        # Only what this visitor confirmed: what others left under the same address is nobody's business here, not even
        # whether the address was known.
        card = LeadCard(name=lead.name, email=lead.email, company=lead.company)
        return ToolResult(result={"say": f"Thank you, I have passed {lead.email} on to the team."}, cards=(card,))


def _note(context: ToolContext) -> str:
    return f"When you confirm, {context.company.display_name} receives these details to get back to you."
