"""The HTTP doors as API Gateway opens them: a request becomes an event for the function whose path it is."""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from dev.gateway.http_api import Route
from dev.gateway.http_event import Incoming, http_event, http_response, request_id
from dev.gateway.workers import LambdaContext, load
from functions import FUNCTIONS

SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Doors:
    """All functions behind one address, for one request at a time.

    Unlike API Gateway, which knows methods too, a function is asked for every method of its paths: it has to refuse
    the others by itself, and so would a function behind another kind of entrance.
    """

    def __init__(self) -> None:
        pairs = [(route.partition(" "), function) for function in FUNCTIONS for route in function.routes]
        routes = [Route.parse(method, path, function) for (method, _, path), function in pairs if path]
        self._routes = sorted(routes, key=lambda route: route.rank)
        # Mangum takes the current loop of its thread; and whatever is asked is asked there, one after another.
        self._thread = ThreadPoolExecutor(
            1, "door", initializer=lambda: asyncio.set_event_loop(asyncio.new_event_loop())
        )

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """One request; `headers` by their names in lower case."""
        incoming = Incoming(method, path, headers=list((headers or {}).items()), body=body)
        response = self._thread.submit(self._serve, incoming).result(SECONDS)
        return Answer(response.status_code, dict(response.headers), bytes(response.body))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same as an ASGI program."""
        request = Request(scope, receive)
        incoming = Incoming.of(request, await request.body())
        work = self._thread.submit(self._serve, incoming)
        response = await asyncio.wait_for(asyncio.wrap_future(work), SECONDS)
        await response(scope, receive, send)

    def _serve(self, incoming: Incoming) -> Response:
        for route in self._routes:
            matched = route.pattern.fullmatch(incoming.path)
            if matched:
                break
        else:
            return JSONResponse({"message": "Not Found"}, 404)
        identifier = request_id()
        event = http_event(incoming, route.key, matched.groupdict(), identifier)
        return http_response(load(route.function.handler)(event, LambdaContext(route.function.name, SECONDS)))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def json_text(result: Any) -> bytes:
    """A Lambda result's body as bytes."""
    text = result.get("body") or ""
    return base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
