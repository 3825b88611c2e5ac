"""Puts the Daily look-alike together: REST for rooms and tokens, the door for browsers, and a page for people."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiortc.exceptions import InvalidStateError
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dev.daily import portrait
from dev.daily.avatar import Seat
from dev.daily.config import DailyConfig
from dev.daily.page import room_page, rooms_page
from dev.daily.rooms import Refused, Room, Rooms

_HERE = Path(__file__).parent


def create_app(config: DailyConfig | None = None) -> Starlette:
    daily = Daily(config or DailyConfig())
    return Starlette(
        routes=daily.routes(),
        lifespan=daily.lifespan,
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])],
        exception_handlers={Refused: daily.refuse, _RestError: _rest_error},
    )


class _RestError(Exception):
    """Daily's REST errors: a word and a sentence."""

    def __init__(self, status: int, error: str, info: str) -> None:
        super().__init__(info)
        self.status, self.body = status, {"error": error, "info": info}


class Daily:
    def __init__(self, config: DailyConfig) -> None:
        self.config = config
        self.rooms = Rooms(config.token_secret)

    def routes(self) -> list[Route]:
        return [
            Route("/", self.index, methods=["GET"]),
            Route("/room.js", self.script, methods=["GET"]),
            Route("/v1/rooms", self.create_room, methods=["POST"]),
            Route("/v1/rooms/{name}", self.get_room, methods=["GET"]),
            Route("/v1/rooms/{name}", self.delete_room, methods=["DELETE"]),
            Route("/v1/meeting-tokens", self.create_token, methods=["POST"]),
            Route("/_lookalike/rooms/{name}", self.state, methods=["GET"]),
            Route("/_lookalike/rooms/{name}/avatar", self.seat_avatar, methods=["POST"]),
            Route("/{name}", self.page, methods=["GET"]),
            Route("/{name}/lookup", self.lookup, methods=["POST"]),
            Route("/{name}/join", self.join, methods=["POST"]),
            Route("/{name}/leave", self.leave, methods=["POST"]),
        ]

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        drawing = asyncio.create_task(asyncio.to_thread(portrait.frame, portrait.pose(0, 0)))
        yield
        await drawing
        for name in list(self.rooms.open):
            await self.rooms.close(name)

    async def create_room(self, request: Request) -> Response:
        body = await self._managed(request)
        properties = body.get("properties") or {}
        name = body.get("name")
        if not isinstance(name, str) or not name:
            raise _RestError(400, "invalid-request-error", "this look-alike needs a name for a room")
        if name in self.rooms.open:
            raise _RestError(400, "invalid-request-error", f"a room named {name} already exists")
        base = self.config.public_url or str(request.base_url).rstrip("/")
        room = Room(
            name=name,
            url=f"{base}/{name}",
            private=body.get("privacy") == "private",
            max_participants=properties.get("max_participants"),
            expires=properties.get("exp"),
        )
        self.rooms.open[name] = room
        return JSONResponse(_described(room))

    async def get_room(self, request: Request) -> Response:
        await self._managed(request)
        return JSONResponse(_described(self._room(request)))

    async def delete_room(self, request: Request) -> Response:
        await self._managed(request)
        room = self._room(request)
        await self.rooms.close(room.name)
        return JSONResponse({"deleted": True, "name": room.name})

    async def create_token(self, request: Request) -> Response:
        body = await self._managed(request)
        return JSONResponse({"token": self.rooms.token(body.get("properties") or {})})

    async def seat_avatar(self, request: Request) -> Response:
        """Not Daily's: this is how the Tavus look-alike puts its face into a room."""
        body = await self._managed(request)
        try:
            self._room(request).seat(Seat.model_validate(body))
        except ValidationError as wrong:
            raise _RestError(400, "invalid-request-error", str(wrong)) from wrong
        return JSONResponse({"seated": True})

    async def state(self, request: Request) -> Response:
        """Not Daily's: what a test may want to know about a room."""
        room = self._room(request)
        return JSONResponse(
            {
                "participants": room.participants,
                "microphone_frames": sum(visitor.peer.microphone_frames for visitor in room.visitors.values()),
                "context": room.avatar.context if room.avatar else [],
            }
        )

    async def lookup(self, request: Request) -> Response:
        body = await request.json()
        self.rooms.admit(request.path_params["name"], body.get("token"))
        return JSONResponse({"max_app_message_size": 4096})

    async def join(self, request: Request) -> Response:
        body = await request.json()
        room = self.rooms.admit(request.path_params["name"], body.get("token"))
        try:
            visitor, sdp = await room.enter(body["sdp"], str(body.get("user_name") or ""))
        except (KeyError, ValueError, InvalidStateError) as unusable:
            raise Refused("connection-error", "The offer could not be understood") from unusable
        return JSONResponse({"sdp": sdp, "session_id": visitor.session_id})

    async def leave(self, request: Request) -> Response:
        body = await request.json()
        room = self.rooms.open.get(request.path_params["name"])
        if room is not None:
            room.leave(str(body.get("session_id")))
        return Response(status_code=204)

    async def index(self, _request: Request) -> Response:
        return HTMLResponse(rooms_page(list(self.rooms.open.values())))

    async def script(self, _request: Request) -> Response:
        return FileResponse(_HERE / "room.js", media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    async def page(self, request: Request) -> Response:
        return HTMLResponse(room_page(request.path_params["name"]))

    async def refuse(self, _request: Request, refused: Exception) -> Response:
        assert isinstance(refused, Refused)
        status = 404 if refused.kind == "no-room" else 403
        return JSONResponse({"error": {"type": refused.kind, "msg": refused.text}}, status_code=status)

    def _room(self, request: Request) -> Room:
        name = request.path_params["name"]
        room = self.rooms.open.get(name)
        if room is None:
            raise _RestError(404, "not-found", f"room {name} not found")
        return room

    async def _managed(self, request: Request) -> dict[str, Any]:
        """The body of a call that only holders of the key may make."""
        if request.headers.get("authorization") != f"Bearer {self.config.key}":
            raise _RestError(401, "authentication-error", "invalid API key")
        raw = await request.body()
        try:
            body = await request.json() if raw else {}
        except ValueError as broken:
            raise _RestError(400, "invalid-request-error", "the body is not JSON") from broken
        return body if isinstance(body, dict) else {}


async def _rest_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, _RestError)
    return JSONResponse(error.body, status_code=error.status)


def _described(room: Room) -> dict[str, Any]:
    return {
        "id": room.name,
        "name": room.name,
        "api_created": True,
        "privacy": "private" if room.private else "public",
        "url": room.url,
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "config": {"max_participants": room.max_participants},
    }
