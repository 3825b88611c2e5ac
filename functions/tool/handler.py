"""Tool: the catalogue, the doors through which a call comes (from a visitor's session, from Tavus's servers), and the
visitor's word on what would be written down."""

from aisdr.starting import started  # isort: split

from typing import Annotated, Any

from fastapi import Header, Request
from pydantic import Field

from aisdr.answer import Card
from aisdr.company import CompanyId
from aisdr.services import services
from aisdr.tools.base import ToolContext, ToolResult
from aisdr.web import CurrentSession, at_most, create_app, lambda_handler, require_own_company
from aisdr.wire import Body, Wire

app = create_app("tool")
MOST_CALL_BYTES = 64 * 1024
"""The longest form that a visitor fills in takes a quarter of it."""


class ToolDescription(Wire):
    """A tool as Tavus, OpenAI and our own agent know it. `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: dict[str, Any]


class Catalogue(Wire):
    tools: tuple[ToolDescription, ...]


class RunTool(Body):
    """`callId` makes the call safe to repeat; without one each request is a call of its own."""

    company_id: CompanyId
    name: str = Field(max_length=64)
    arguments: dict[str, Any]
    call_id: str | None = Field(None, min_length=8, max_length=128)


class ConfirmTool(Body):
    """The visitor's word on a confirm card: `values` are its fields as corrected, by name."""

    confirmation_id: str = Field(min_length=1, max_length=64)
    accept: bool
    values: dict[str, Annotated[str, Field(max_length=4000)]] | None = Field(None, max_length=40)


class ToolOutcome(Wire):
    """`result` is for whoever called, `cards` are for the visitor's eyes."""

    success: bool
    result: dict[str, Any]
    cards: tuple[Card, ...]


def _outcome(result: ToolResult) -> ToolOutcome:
    return ToolOutcome(success=result.success, result=result.result, cards=result.cards)


@app.get("/api/tavus/tool")
async def catalogue() -> Catalogue:
    """Every tool with its JSON Schema."""
    specs = services().tools.specs()
    return Catalogue(tools=tuple(ToolDescription(**vars(each)) for each in specs))


@app.post("/api/tavus/tool")
@at_most(MOST_CALL_BYTES)
async def run_tool(call: RunTool, session: CurrentSession) -> ToolOutcome:
    """Runs one tool for the session of the token. What would write something down answers with a card to confirm."""
    require_own_company(session, call.company_id)
    context = ToolContext(services().companies.get(session.company_id), session)
    outcome = _outcome(services().tools.run(context, call.call_id, call.name, call.arguments))
    return services().media_links.whole(session, outcome)


@app.post("/api/tool/confirmation")
@at_most(MOST_CALL_BYTES)
async def confirm_tool(word: ConfirmTool, session: CurrentSession) -> ToolOutcome:
    """Carries out what the visitor confirmed, once; a repeated word gets the first one's answer."""
    confirming = services().confirming
    outcome = _outcome(confirming.carry_out(session, word.confirmation_id, accept=word.accept, values=word.values))
    return services().media_links.whole(session, outcome)


@app.post("/api/tavus/delivery")
@at_most(MOST_CALL_BYTES)
async def deliver_tool(request: Request, signature: Annotated[str, Header(alias="X-Tavus-Signature")]) -> ToolOutcome:
    """A tool call from Tavus's own servers: HMAC-SHA256 of the raw body, answered from the record when repeated."""
    raw = await request.body()
    return _outcome(services().delivery.run(services().delivery.read(raw, signature)))


handler = lambda_handler(app)
started(lambda: services().sessions)
