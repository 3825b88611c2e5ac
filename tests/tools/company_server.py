"""A company's own server behind its tools: it checks the signature as Standard Webhooks has it, and remembers."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from aisdr.own_tools import HttpTool
from dev.serve import serving

SECRET = "whsec_" + base64.b64encode(b"the company's own 32 byte secret").decode()


class CompanyServer:
    """`answer` is what it says to the next requests. One effect a call id, as its documentation asks for."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[dict[str, Any]] = []
        self.effects: dict[str, dict[str, Any]] = {}
        self.answer: Any = {"reserved": True, "say": "It is reserved."}
        self.status = 200

    async def post(self, request: Request) -> Response:
        raw = await request.body()
        if not signed(raw, request.headers.get("webhook-id", ""), request.headers):
            return JSONResponse({"error": "signature"}, 401)
        body = json.loads(raw)
        self.requests.append({"headers": dict(request.headers), "body": body})
        self.effects.setdefault(body["callId"], body["arguments"])
        match self.answer:
            case "endless":
                return StreamingResponse(_endless(), media_type="application/json")
            case "redirect":
                return RedirectResponse("/elsewhere", 307)
            case "never":
                await asyncio.sleep(30)
                return Response()
            case "late":
                await asyncio.sleep(10)
                return JSONResponse({"reserved": True, "say": "It is reserved after all."})
            case bytes():
                return Response(self.answer, self.status)
            case _:
                return JSONResponse(self.answer, self.status)


def signed(raw: bytes, message_id: str, headers: Any) -> bool:
    """Written from the specification, not from our sender."""
    key = base64.b64decode(SECRET.split("_", 1)[1])
    content = b".".join([message_id.encode(), headers.get("webhook-timestamp", "").encode(), raw])
    expected = "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return expected in headers.get("webhook-signature", "").split(" ")


async def _endless() -> AsyncIterator[bytes]:
    yield b'{"more": "'
    while True:
        yield b"x" * 1024
        await asyncio.sleep(0)


@contextmanager
def open_company_server() -> Iterator[CompanyServer]:
    server = CompanyServer()
    app = Starlette(routes=[Route("/{path:path}", server.post, methods=["POST"])])
    with serving(app) as url:
        server.url = url
        yield server


def reserve_demo(server: str, **changes: Any) -> HttpTool:
    """A tool that a company could have: it reserves a demo device."""
    values: dict[str, Any] = {
        "name": "reserve_demo",
        "title": "Reserve a demo device?",
        "description": "Reserve a demo device for the visitor at one of the showrooms.",
        "parameters": {
            "properties": {
                "city": {"type": "string", "enum": ["Berlin", "Lyon"], "description": "Where the showroom is."},
                "people": {"type": "integer", "minimum": 1, "maximum": 9, "title": "How many people"},
                "note": {"type": "string", "maxLength": 300},
                "wheelchair": {"type": "boolean"},
            },
            "required": ["city"],
        },
        "url": f"{server}/reserve",
        "secret": SECRET,
        "timeout_seconds": 2,
        "max_bytes": 512,
    }
    return HttpTool(**values | changes)
