"""The HTTP doors as API Gateway sees them: a request becomes an event for the handler that owns its route."""

import asyncio
import base64
import json
import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from functions import FUNCTIONS


@dataclass(frozen=True)
class Reply:
    status: int
    text: str
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.text)


def _give_a_loop() -> None:
    """Mangum takes the current loop of its thread, and an earlier test's `asyncio.run` leaves none behind."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def call(method: str, address: str, *, body: Any = None, function: str | None = None, **headers: str) -> Reply:
    """Sends one request to the handler that owns the route, or to that of `function`.

    `body` is bytes as they are, or anything that becomes JSON. Underscores in header names become hyphens.
    """
    module = f"functions.{function}.handler" if function else _owner(method, urlsplit(address).path)
    return through(import_module(module).handler, method, address, body=body, **headers)


def through(handler: Any, method: str, address: str, *, body: Any = None, **headers: str) -> Reply:
    """The same for any handler."""
    parts = urlsplit(address)
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": unquote(parts.path),
        "rawQueryString": parts.query,
        "headers": sent,
        "requestContext": {
            "requestId": "request-of-a-test",
            "stage": "$default",
            "http": {"method": method, "path": parts.path, "sourceIp": "192.0.2.7", "protocol": "HTTP/1.1"},
        },
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
    }
    _give_a_loop()
    answer = handler(event, None)
    text = answer.get("body") or ""
    return Reply(
        answer["statusCode"],
        base64.b64decode(text).decode("latin-1") if answer.get("isBase64Encoded") else text,
        answer.get("headers") or {},
    )


def _owner(method: str, path: str) -> str:
    for function in FUNCTIONS:
        for route in function.routes:
            verb, _, pattern = route.partition(" ")
            shape = re.sub(r"\{\w+\\?\+\}", ".+", re.sub(r"\{\w+\}", "[^/]+", pattern))
            if verb == method and re.fullmatch(shape, path):
                return function.handler.rpartition(".")[0]
    raise LookupError(f"{method} {path} is nobody's route")
