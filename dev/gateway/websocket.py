"""The WebSocket API: one visitor's socket becomes CONNECT, MESSAGE and DISCONNECT events of the relay function."""

import asyncio
import json
import logging
import random
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from dev.gateway.connections import MESSAGE_BYTES, Connection, Connections, GoneError
from dev.gateway.http_event import API_ID, clock, request_id
from dev.gateway.workers import FunctionError, LambdaFunction, PayloadTooLargeError, Runners

logger = logging.getLogger("gateway")

STAGE = "ws-stage"
TIMEOUT_SECONDS = 29.0
SHUFFLE_SECONDS = 0.03
HEAD_START_SECONDS = 0.25
"""How long a message has its socket for itself: quick ones are served in their order, as it mostly happens on AWS."""


@dataclass(frozen=True)
class SocketLimits:
    """How long API Gateway keeps a socket, and how many new ones it takes; a test passes seconds instead of hours.

    Source: docs.aws.amazon.com/apigateway, "Amazon API Gateway quotas", WebSocket APIs.
    """

    idle_seconds: float = 600.0
    life_seconds: float = 7200.0
    connects_per_second: int = 500


class Turnstile:
    """Lets so many new sockets through in any second, and tells the others to come again."""

    def __init__(self, per_second: int) -> None:
        self.per_second = per_second
        self._entered: deque[float] = deque()

    def lets_in(self, now: float) -> bool:
        while self._entered and self._entered[0] <= now - 1:
            self._entered.popleft()
        if len(self._entered) >= self.per_second:
            return False
        self._entered.append(now)
        return True


@dataclass(frozen=True)
class Ending:
    """Why a socket ended, as `$disconnect` is told."""

    code: int
    reason: str = ""


class WebSocketApi:
    """Serves the sockets. `in_order=False` begins the messages of one socket shuffled, which AWS may do."""

    def __init__(
        self,
        functions: Iterable[LambdaFunction],
        workers: Runners,
        connections: Connections,
        *,
        limits: SocketLimits | None = None,
        in_order: bool = True,
    ) -> None:
        self.routes = {route: function for function in functions for route in function.routes if " " not in route}
        self.workers = workers
        self.connections = connections
        self.limits = limits or SocketLimits()
        self.turnstile = Turnstile(self.limits.connects_per_second)
        self.in_order = in_order

    async def serve(self, socket: WebSocket) -> None:
        connection = Connection(
            id=request_id(),
            socket=socket,
            source_ip=socket.client.host if socket.client else "127.0.0.1",
            user_agent=socket.headers.get("user-agent", ""),
        )
        status, subprotocol = await self._connect(connection)
        if not 200 <= status < 300:
            # A refusal is an HTTP answer to the handshake; there was no socket, so there is no $disconnect.
            await socket.send_denial_response(JSONResponse({"message": HTTPStatus(status).phrase}, status_code=status))
            return
        ending = Ending(1006, "Connection lost")
        try:
            await socket.accept(subprotocol=subprotocol)
            self.connections.add(connection)
            ending = await self._converse(connection)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the visitor left between our answer and the handshake
        finally:
            self.connections.remove(connection.id)
            await self._disconnect(connection, ending)
            await asyncio.gather(*connection.work)

    async def _connect(self, connection: Connection) -> tuple[int, str | None]:
        if not self.turnstile.lets_in(time.monotonic()):
            return 429, None  # no function hears of it
        function = self.routes.get("$connect")
        if function is None:
            return 200, None
        event = _with_handshake(self._event(connection, "$connect", "CONNECT"), connection.socket)
        try:
            result = await self.workers.invoke(function, event, TIMEOUT_SECONDS)
        except (FunctionError, PayloadTooLargeError):
            return 502, None
        status = result.get("statusCode") if isinstance(result, dict) else None
        if not isinstance(status, int) or not 100 <= status <= 599:
            logger.error("$connect answered without a statusCode")
            return 502, None
        headers = {name.lower(): value for name, value in (result.get("headers") or {}).items()}
        return status, headers.get("sec-websocket-protocol")

    async def _converse(self, connection: Connection) -> Ending:
        """Reads on while a message is being worked on: so a post to a visitor who has left fails at once."""
        messages: asyncio.Queue[str | None] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(connection, messages))
        try:
            return await self._read(connection, messages)
        finally:
            self.connections.remove(connection.id)
            messages.put_nowait(None)
            await delivery

    async def _read(self, connection: Connection, messages: asyncio.Queue[str | None]) -> Ending:
        while True:
            until = min(connection.active + self.limits.idle_seconds, connection.opened + self.limits.life_seconds)
            if (left := until - time.monotonic()) <= 0:
                await connection.close(1001, "Going away")
                return Ending(1001, "Going away")
            try:
                async with asyncio.timeout(left):  # without a task of its own for each frame
                    frame = await connection.socket.receive()
            except TimeoutError:
                continue  # a post to the visitor may have moved the limit
            if frame["type"] == "websocket.disconnect":
                return Ending(frame.get("code") or 1005, frame.get("reason") or "")
            connection.touch()
            data = frame["text"].encode() if frame.get("text") is not None else frame["bytes"]
            if len(data) > MESSAGE_BYTES:
                await connection.close(1009, "Message too long")
                return Ending(1009, "Message too long")
            messages.put_nowait(data.decode(errors="replace"))

    async def _deliver(self, connection: Connection, messages: asyncio.Queue[str | None]) -> None:
        """Begins one message after the other. A long one does not hold the next ones up: AWS runs them side by side."""
        while (body := await messages.get()) is not None:
            serve = self._message if self.in_order else self._message_some_time
            work = asyncio.create_task(serve(connection, body))
            connection.work.add(work)
            work.add_done_callback(connection.work.discard)
            if self.in_order:
                await asyncio.wait({work}, timeout=HEAD_START_SECONDS)

    async def _message_some_time(self, connection: Connection, body: str) -> None:
        await asyncio.sleep(random.uniform(0, SHUFFLE_SECONDS))  # noqa: S311 - a shuffle, not a secret  # nosec B311
        await self._message(connection, body)

    async def _message(self, connection: Connection, body: str) -> None:
        route = self._route(body)
        event = self._event(connection, route, "MESSAGE") | {"body": body}
        event["requestContext"]["messageId"] = request_id()
        function, problem = self.routes.get(route), "Forbidden"
        if function is not None:
            problem = "Internal server error"
            try:
                result = await self.workers.invoke(function, event, TIMEOUT_SECONDS)
                if isinstance(result, dict) and "statusCode" in result:
                    return
                logger.error("%s answered %s without a statusCode", function.name, route)
            except (FunctionError, PayloadTooLargeError):
                pass  # the worker has logged it; the visitor is told below
        answer = {"message": problem, "connectionId": connection.id, "requestId": event["requestContext"]["requestId"]}
        try:
            await connection.send(json.dumps(answer).encode())
        except GoneError:
            return

    async def _disconnect(self, connection: Connection, ending: Ending) -> None:
        function = self.routes.get("$disconnect")
        if function is None:
            return
        host = connection.socket.headers.get("host", "localhost")
        headers = {"Host": host, "x-api-key": "", "x-restapi": ""}
        event = self._event(connection, "$disconnect", "DISCONNECT") | {
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
        }
        event["requestContext"] |= {"disconnectStatusCode": ending.code, "disconnectReason": ending.reason}
        try:
            await self.workers.invoke(function, event, TIMEOUT_SECONDS)
        except (FunctionError, PayloadTooLargeError):
            return  # nobody is left to be told; the worker has logged it

    def _route(self, body: str) -> str:
        """`$request.body.action` when the table has a route of that name, `$default` for all else."""
        try:
            message = json.loads(body)
        except ValueError:
            return "$default"
        action = message.get("action") if isinstance(message, dict) else None
        return action if isinstance(action, str) and action in self.routes and action[:1] != "$" else "$default"

    def _event(self, connection: Connection, route: str, kind: str) -> dict[str, Any]:
        now = clock(datetime.now(UTC))
        identifier = request_id()
        context = {
            "routeKey": route,
            "eventType": kind,
            "extendedRequestId": identifier,
            "requestTime": now["time"],
            "requestTimeEpoch": now["timeEpoch"],
            "messageDirection": "IN",
            "stage": STAGE,
            "connectedAt": int(connection.connected_at.timestamp() * 1000),
            "requestId": identifier,
            "domainName": connection.socket.headers.get("host", "localhost"),
            "connectionId": connection.id,
            "apiId": API_ID,
            "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
        }
        return {"requestContext": context, "isBase64Encoded": False}


def _with_handshake(event: dict[str, Any], socket: WebSocket) -> dict[str, Any]:
    """Headers and query belong to `$connect` only: what later events need, the function has to remember."""
    headers: dict[str, list[str]] = {}
    for name, value in socket.headers.items():
        headers.setdefault(_title(name), []).append(value)
    event |= {"headers": {name: values[-1] for name, values in headers.items()}, "multiValueHeaders": headers}
    query: dict[str, list[str]] = {}
    for name, value in socket.query_params.multi_items():
        query.setdefault(name, []).append(value)
    if query:
        event["queryStringParameters"] = {name: values[-1] for name, values in query.items()}
        event["multiValueQueryStringParameters"] = query
    return event


def _title(name: str) -> str:
    """The server below hands us lower-case names, a browser sends `Sec-WebSocket-Protocol`: a reader must take both."""
    return "-".join({"websocket": "WebSocket"}.get(part, part.capitalize()) for part in name.split("-"))
