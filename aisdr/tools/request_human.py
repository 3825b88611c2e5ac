"""Tool: a visitor who wants a person is told how to reach one, and can ask to be contacted."""

from typing import ClassVar

from pydantic import Field

from aisdr.answer import ContactCard
from aisdr.company import Company
from aisdr.handover import HandoverRequest, Handovers
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.said import Message, Name, OptionalEmail, Phone


class RequestHumanArguments(Arguments):
    reason: Message = Field(None, max_length=500, description="What the visitor wants a person for, in one sentence.")
    name: Name = Field(None, description="The visitor's name, if they gave it.")
    email: OptionalEmail = Field(None, description="The visitor's e-mail address, if they gave it.")
    phone: Phone = Field(None, description="The visitor's phone number, if they gave it.")


class RequestHuman:
    """Shows how to reach the company's people. With an address or a number to answer to, the request is passed on too;
    without one there is nobody to get back to, so nothing is written and the visitor is not asked to confirm."""

    name: ClassVar[str] = "request_human"
    description: ClassVar[str] = (
        "Use it when the visitor asks for a human, is upset, or needs what you cannot give. Shows how to reach a "
        "person of the company. With the visitor's e-mail address or phone number the company is asked to get "
        "in touch; the visitor confirms that on the screen first."
    )
    arguments: ClassVar[type[Arguments]] = RequestHumanArguments
    writes: ClassVar[bool] = True

    def __init__(self, handovers: Handovers) -> None:
        self._handovers = handovers

    def asks(self, arguments: RequestHumanArguments) -> bool:
        return bool(arguments.email or arguments.phone)

    def question(self, context: ToolContext) -> tuple[str, str]:
        whom = context.company.display_name
        return "Ask a person to contact you?", f"When you confirm, {whom} receives these details and gets back to you."

    def run(self, context: ToolContext, arguments: RequestHumanArguments) -> ToolResult:
        ways = _ways(context.company)
        cards = (ways,) if ways else ()
        if not self.asks(arguments):
            say = "You can reach a person this way. " if ways else ""
            say += "If you give me your e-mail address or phone number, a colleague will get back to you."
            return ToolResult(result={"passedOn": False, "say": say}, cards=cards)
        reason = arguments.reason or "Wants to talk to a person"
        request = HandoverRequest(**arguments.model_dump() | {"reason": reason})
        stored = self._handovers.add(context.company, context.session, request, key=context.key)
        say = f"I have passed your request on. A person from {context.company.display_name} will get back to you."
        return ToolResult(result={"handoverId": stored.handover_id, "passedOn": True, "say": say}, cards=cards)


def _ways(company: Company) -> ContactCard | None:
    people = company.people
    if not (people.email or people.phone or people.url):
        return None
    return ContactCard(
        title=f"Talk to {people.name or company.display_name}",
        text=people.hours,
        email=people.email,
        phone=people.phone,
        url=people.url,
    )
