"""Puts the look-alike together: the vendor's routes behind the key check, the control surface, the clock that ticks."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dev.tavus.answers import Refusal, refuse
from dev.tavus.clock import Clock
from dev.tavus.config import TavusConfig
from dev.tavus.control import Control
from dev.tavus.conversations import Conversations
from dev.tavus.delivery import Deliveries
from dev.tavus.documents import Documents
from dev.tavus.faces import Faces
from dev.tavus.faults import FaultDoor
from dev.tavus.guardrails import Guardrails
from dev.tavus.journal import Journal
from dev.tavus.names import understood
from dev.tavus.page import page
from dev.tavus.pals import Pals
from dev.tavus.requests import Verdict, judge
from dev.tavus.rooms import Rooms
from dev.tavus.tools import Tools
from dev.tavus.webhooks import Webhooks

_TICK_SECONDS = 0.1


def create_app(config: TavusConfig | None = None) -> ASGIApp:
    config = config or TavusConfig()
    clock, journal = Clock(config.clock_speed), Journal()
    webhooks, deliveries = Webhooks(clock, config.webhooks), Deliveries()
    rooms = Rooms(config.daily_url, config.daily_key)
    faces = Faces(config.names, clock)
    pals = Pals(config.names, clock, faces)
    tools, documents = Tools(clock, pals), Documents(config, clock, webhooks)
    guardrails = Guardrails(clock)
    conversations = Conversations(config, clock, faces, pals, tools, rooms, webhooks)

    async def tick() -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            await conversations.settle()
            documents.advance()

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(tick())
        yield
        ticking.cancel()
        await webhooks.close()
        await deliveries.close()
        await rooms.aclose()

    async def index(_request: Request) -> Response:
        return HTMLResponse(page(await control.snapshot(), list(journal.requests)))

    async def nothing_here(_request: Request, _error: Exception) -> Response:
        return JSONResponse({"message": "Not found"}, status_code=404)

    app = Starlette(lifespan=lifespan, exception_handlers={Refusal: refuse, 404: nothing_here})
    door = FaultDoor(KeyCheck(app, config, clock, journal))
    control = Control(clock, conversations, documents, tools, guardrails, webhooks, journal, door, deliveries)
    app.router.routes.extend([Route("/", index), *control.routes()])
    for family in (conversations, faces, pals, tools, documents, guardrails):
        app.router.routes.extend(family.routes())
    return door


class KeyCheck:
    """Writes down every call of the vendor's interface and lets none past without a key."""

    def __init__(self, program: ASGIApp, config: TavusConfig, clock: Clock, journal: Journal) -> None:
        self.program, self.config, self.clock, self.journal = program, config, clock, journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v2/"):
            await self.program(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        record = self.journal.asked(self.clock.now(), request.method, request.url.path, str(request.query_params), body)
        record["traceparent"] = request.headers.get("traceparent")

        async def replay() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                record["status"] = message["status"]
            await send(message)

        key = request.headers.get("x-api-key", "")
        if not self.config.accepts(key):
            refusal = JSONResponse({"message": "Invalid access token"}, status_code=401)
            await refusal(scope, replay, noting)
            return
        scope.setdefault("state", {})["key"] = key
        verdict = _judged(request.method, request.url.path, body)
        if verdict is not None:
            record |= {"unknown_fields": list(verdict.unknown), "violations": [*verdict.missing, *verdict.wrong]}
            # What is missing, and patches, are refused further in, in the vendor's own words.
            if verdict.wrong and request.method != "PATCH":
                refusal = JSONResponse({"error": f"Invalid request: {verdict.wrong[0]}"}, status_code=400)
                await refusal(scope, replay, noting)
                return
        await self.program(scope, replay, noting)


def _judged(method: str, path: str, body: bytes) -> Verdict | None:
    """None where there is nothing to judge, or nothing that can be read: the route then says what is wrong."""
    try:
        return judge(method, path, understood(json.loads(body or b"{}")))
    except ValueError:
        return None
