"""Faults on request: the next matching call is slow, refused, cut short or reset, before or after it took effect."""

import asyncio
import json
import socket
import struct
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "busy": (400, {"message": "User has reached maximum concurrent conversations"}),
    "credits": (402, {"message": "The user is out of conversational credits"}),
    "key": (401, {"message": "Invalid access token"}),
}


class Fault(BaseModel):
    """One thing that goes wrong; it is used up after `times` calls."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["busy", "credits", "key"] | None = None  # one of the refusals in the vendor's own words
    method: str = "*"
    path: str = "*"  # exact, or a beginning followed by a star
    times: int = 1
    delay: float = 0.0  # real seconds before the answer
    handled: bool = False  # True: the call takes effect and only its answer is lost
    status: int | None = None
    body: Any = None  # a string goes out as it is, anything else as JSON
    headers: dict[str, str] = {}
    truncate: bool = False  # half of the real answer, then silence
    reset: bool = False  # the connection is reset without an answer

    @model_validator(mode="after")
    def _in_the_vendors_words(self) -> "Fault":
        if self.kind is not None:
            self.status, self.body = _REFUSALS[self.kind]
        return self

    def matches(self, method: str, path: str) -> bool:
        fits = path == self.path or (self.path.endswith("*") and path.startswith(self.path[:-1]))
        return fits and self.method in ("*", method)

    @property
    def reaches_the_program(self) -> bool:
        instead = self.reset or self.status is not None or self.body is not None
        return self.handled or self.truncate or not instead

    def answer(self) -> Response:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        headers = {"content-type": "application/json"} | self.headers
        return Response(text, status_code=self.status or 200, headers=headers)


class FaultDoor:
    """Stands in front of the program and lets a fault happen instead of, or around, an answer."""

    def __init__(self, program: ASGIApp) -> None:
        self.program = program
        self.faults: list[Fault] = []
        self.prevented: list[dict[str, str]] = []
        """What was asked for and never reached the program: its journal knows nothing of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._taken(scope) if scope["type"] == "http" else None
        if fault is None:
            await self.program(scope, receive, send)
            return
        if not fault.reaches_the_program:
            self.prevented.append({"method": scope["method"], "path": scope["path"]})
        await asyncio.sleep(fault.delay)
        if fault.truncate:
            await self._truncated(scope, receive, send)
            return
        if fault.handled:
            await self.program(scope, receive, _discard)
        if fault.reset:
            await _hang_up(send, reset=True)
        elif fault.status is not None or fault.body is not None:
            await fault.answer()(scope, receive, send)
        elif not fault.handled:
            await self.program(scope, receive, send)

    def _taken(self, scope: Scope) -> Fault | None:
        if scope["path"].startswith("/_lookalike"):
            return None
        for fault in self.faults:
            if fault.matches(scope["method"], scope["path"]):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def _truncated(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def halve(message: Message) -> None:
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                message = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            await send(message)

        await self.program(scope, receive, halve)
        await _hang_up(send, reset=False)


async def _discard(_message: Message) -> None:
    pass


async def _hang_up(send: Send, *, reset: bool) -> None:
    """ASGI has no word for this, so we take the connection from uvicorn's request cycle, whose method `send` is."""
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    if reset:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not a goodbye
        transport.abort()
    else:
        transport.close()
    await asyncio.sleep(0.05)  # until the server has noticed: it would otherwise answer 500 for us
