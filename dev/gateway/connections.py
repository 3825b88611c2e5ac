"""The `@connections` API: how a function speaks to an open WebSocket, as boto3's apigatewaymanagementapi expects it."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

MESSAGE_BYTES = 128 * 1024
SENDING_SECONDS = 0.25
"""How long a post waits for a reader who is slow; what was taken then is still on its way to them."""
CLOSING_SECONDS = 1.0


class BufferFullError(Exception):
    """The visitor does not read what they were sent before, and there is room for no more of it."""


class GoneError(Exception):
    """Nobody is there: the connection is closed, or it never was open."""


@dataclass
class Connection:
    """One open WebSocket of a visitor."""

    id: str
    socket: WebSocket
    source_ip: str
    user_agent: str
    connected_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    opened: float = field(default_factory=time.monotonic)
    active: float = field(default_factory=time.monotonic)
    work: "set[asyncio.Task[None]]" = field(default_factory=set)
    """Messages that a function is at work on."""
    _sending: "asyncio.Task[None] | None" = None

    def touch(self) -> None:
        self.active = time.monotonic()

    @property
    def last_active_at(self) -> datetime:
        return self.connected_at + timedelta(seconds=self.active - self.opened)

    async def send(self, data: bytes) -> None:
        try:
            try:
                await self.socket.send_text(data.decode())
            except UnicodeDecodeError:
                await self.socket.send_bytes(data)
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            raise GoneError(self.id) from error
        self.touch()

    async def post(self, data: bytes) -> None:
        """Like `send`, without waiting for a reader who is slow. Raises: GoneError, BufferFullError."""
        if self._sending is not None and not self._sending.done():
            raise BufferFullError(self.id)
        self._sending = asyncio.ensure_future(self.send(data))
        done, _ = await asyncio.wait({self._sending}, timeout=SENDING_SECONDS)
        if done:
            self._sending.result()
        else:
            self._sending.add_done_callback(_forget)

    async def close(self, code: int, reason: str = "") -> None:
        try:
            await self.socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            return  # the other side was faster


class Connections:
    """The WebSockets that are open now, and the three verbs of the `@connections` API."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}

    def add(self, connection: Connection) -> None:
        self._open[connection.id] = connection

    def remove(self, connection_id: str) -> None:
        self._open.pop(connection_id, None)

    async def serve(self, request: Request) -> Response:
        # Without a signature AWS refuses before it looks at anything; so a web page cannot post here either.
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return _error(403, "ForbiddenException", "Forbidden")
        connection = self._open.get(request.path_params["connection_id"])
        if connection is None:
            return _error(410, "GoneException", "410")
        match request.method:
            case "POST":
                return await self._post(connection, await request.body())
            case "DELETE":
                self.remove(connection.id)
                # Who reads nothing reads no goodbye either, and nobody waits for them.
                closing = asyncio.ensure_future(connection.close(1000))
                connection.work.add(closing)
                closing.add_done_callback(connection.work.discard)
                await asyncio.wait({closing}, timeout=CLOSING_SECONDS)
                return Response(status_code=204)
            case _:
                return _describe(connection)

    async def _post(self, connection: Connection, data: bytes) -> Response:
        if len(data) > MESSAGE_BYTES:
            return _error(413, "PayloadTooLargeException", "Message too long")
        try:
            await connection.post(data)
        except GoneError:
            self.remove(connection.id)
            return _error(410, "GoneException", "410")
        except BufferFullError:
            return _error(429, "LimitExceededException", "The WebSocket client side buffer is full")
        return Response(status_code=200)


def _forget(sending: "asyncio.Task[None]") -> None:
    if not sending.cancelled():
        sending.exception()  # they left with it: the next post says so


def _describe(connection: Connection) -> Response:
    return JSONResponse(
        {
            "connectedAt": connection.connected_at.isoformat(),
            "lastActiveAt": connection.last_active_at.isoformat(),
            "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
        }
    )


def _error(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"message": message}, status_code=status, headers={"x-amzn-errortype": kind})
