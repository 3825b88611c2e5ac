"""The functions as they are started here, each with an event of API Gateway's that it answers without the network."""

import json
from pathlib import Path
from typing import Any

from benchmarks.cold_start.process import Subject
from functions import FUNCTIONS
from infra.bundle.build import import_path

EVENTS = Path(__file__).parent / "events"
BARE = "bare"
_BARE_SOURCE = 'def handler(event, context):\n    return {"statusCode": 200, "body": "{}"}\n'
SETTINGS = {
    "AISDR_SIGNING_KEYS": json.dumps({"k": "x" * 32}),
    "WS_ENDPOINT": "https://relay.invalid",
    "AISDR_PUBLIC_URL": "https://site.invalid",
}


def bare(folder: Path) -> Subject:
    """What Lambda itself costs: a handler of two lines."""
    place = folder / BARE
    place.mkdir(parents=True, exist_ok=True)
    (place / "index.py").write_text(_BARE_SOURCE)
    return Subject(BARE, (place,), "index.handler", _event("http", "GET", "/"), 200)


def subjects(bundles: Path) -> list[Subject]:
    """A token that is none is refused by everything that would run, up to the first read of the database."""
    asked = {
        "session": (_event("http", "POST", "/api/session", {"companyId": "../x"}), 422),
        "tool": (_event("http", "POST", "/api/tavus/tool", {"companyId": "acme"}), 401),
        "search": (_event("http", "POST", "/api/search", {"companyId": "acme", "query": "price"}), 401),
        "ws-relay": (_event("websocket-connect"), 401),
    }
    functions = {function.name: function for function in FUNCTIONS}
    return [
        Subject(name, tuple(import_path(bundles, functions[name])), functions[name].handler, event, status)
        for name, (event, status) in asked.items()
    ]


def _event(name: str, method: str = "", path: str = "", body: Any = None) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    if method:
        event |= {"rawPath": path, "body": json.dumps(body) if body is not None else None}
        event["requestContext"]["http"] |= {"method": method, "path": path}
    return event
