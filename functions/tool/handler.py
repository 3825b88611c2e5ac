"""Tool: the catalogue, and the doors through which a call is run: by a visitor's session, or by Tavus's servers."""

from typing import Annotated, Any

from fastapi import Header, Request
from pydantic import Field

from aisdr.company import CompanyId
from aisdr.services import services
from aisdr.tools.base import ToolContext
from aisdr.web import CurrentSession, create_app, lambda_handler, require_own_company
from aisdr.wire import Wire

app = create_app("tool")


class ToolDescription(Wire):
    """A tool as Tavus, OpenAI and our own agent know it. `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: dict[str, Any]


class Catalogue(Wire):
    tools: tuple[ToolDescription, ...]


class RunTool(Wire):
    """`callId` makes the call safe to repeat; without one each request is a call of its own."""

    company_id: CompanyId
    name: str = Field(max_length=64)
    arguments: dict[str, Any]
    call_id: str | None = Field(None, min_length=8, max_length=128)


class ToolOutcome(Wire):
    success: bool
    result: dict[str, Any]


@app.get("/api/tavus/tool")
async def catalogue() -> Catalogue:
    """Every tool with its JSON Schema."""
    specs = services().tools.specs()
    return Catalogue(tools=tuple(ToolDescription(**vars(each)) for each in specs))


@app.post("/api/tavus/tool")
async def run_tool(call: RunTool, session: CurrentSession) -> ToolOutcome:
    """Runs one tool for the session of the token."""
    require_own_company(session, call.company_id)
    context = ToolContext(services().companies.get(session.company_id), session)
    outcome = services().tools.run(context, call.call_id, call.name, call.arguments)
    return ToolOutcome(success=outcome.success, result=outcome.result)


@app.post("/api/tavus/delivery")
async def deliver_tool(request: Request, signature: Annotated[str, Header(alias="X-Tavus-Signature")]) -> ToolOutcome:
    """A tool call from Tavus's own servers: HMAC-SHA256 of the raw body, answered from the record when repeated."""
    raw = await request.body()
    outcome = services().delivery.run(services().delivery.read(raw, signature))
    return ToolOutcome(success=outcome.success, result=outcome.result)


handler = lambda_handler(app)
