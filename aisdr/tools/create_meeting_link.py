"""Tool: a booking page with the visitor's data filled in."""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import Field

from aisdr.answer import MeetingCard
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.said import Employer, Name, OptionalEmail

PLACEHOLDERS = ("name", "email", "company", "topic")


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


def filled(template: str, said: Mapping[str, str]) -> str:
    """A visitor's words are values in this address and never a part of it: not its host, not a step in its path."""
    parts = urlsplit(template)
    if not re.search(r"\{\w+\}", template):
        return _with_parameters(template, _vendor(parts.hostname or "")(said))

    def value(found: re.Match[str]) -> str:
        words = said.get(found[1], "")
        return "" if set(words) <= {"."} else quote(words, safe="")  # "/.." would climb

    after_host = template.index(parts.netloc) + len(parts.netloc)
    return template[:after_host] + re.sub(r"\{(\w+)\}", value, template[after_host:])


Said = Mapping[str, str]


def _cal(said: Said) -> Said:
    """Source: cal.com/docs, "Pre-fill booking form"."""
    return {"name": said["name"], "email": said["email"], "notes": said["topic"]}


def _calendly(said: Said) -> Said:
    """`a1` is the answer to the page's first own question. Source: help.calendly.com, "Pre-populate invitee info"."""
    return {"name": said["name"], "email": said["email"], "a1": said["topic"]}


def _hubspot(said: Said) -> Said:
    """Source: knowledge.hubspot.com, "Create and edit scheduling pages"."""
    first, _, last = said["name"].partition(" ")
    return {"firstname": first, "lastname": last.strip(), "email": said["email"], "company": said["company"]}


def _unknown(said: Said) -> Said:
    return {}


_VENDORS: dict[str, Callable[[Said], Said]] = {"cal.com": _cal, "calendly.com": _calendly, "hubspot.com": _hubspot}


def _vendor(host: str) -> Callable[[Said], Said]:
    return _VENDORS.get(".".join(host.lower().split(".")[-2:]), _unknown)


def _with_parameters(url: str, values: Said) -> str:
    """Adds what was said; a parameter that the operator wrote stays as it is."""
    parts = urlsplit(url)
    taken = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode({name: value for name, value in values.items() if value and name not in taken}, quote_via=quote)
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, added) if part)))
