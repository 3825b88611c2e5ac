"""Functions behind the gateway's sockets, and what their visitors and their operator see."""

from typing import Any

from websockets.sync.client import ClientConnection, connect

from dev.gateway.app import Options
from tests.dev.scene import Scene

ROUTES = ("$connect", "$default", "$disconnect")
# Keeps every event, and lets a test wait for the last one: it comes when the visitor is already gone.
RELAY = """
import json, threading

events, gone, release = [], threading.Event(), threading.Event()

def handler(event, context):
    events.append(event)
    kind = event["requestContext"]["eventType"]
    if kind == "DISCONNECT":
        gone.set()
    if kind == "CONNECT":
        offered = event["headers"].get("Sec-WebSocket-Protocol")
        answer = {"statusCode": int(event.get("queryStringParameters", {}).get("status", 200))}
        return answer | ({"headers": {"Sec-WebSocket-Protocol": "aisdr"}} if offered else {})
    match event.get("body"):
        case "raise":
            raise ValueError("broken")
        case "forget":
            return None
        case "wait":
            release.wait(20)
    return {"statusCode": 200, "body": "never shown"}
"""


def socket_of(base: str, path: str = "/ws", **options: Any) -> ClientConnection:
    return connect(base.replace("http://", "ws://") + path, proxy=None, **options)


def relay(scene: Scene, options: Options | None = None, code: str = RELAY) -> str:
    scene.function("ws-relay", *ROUTES, code=code)
    return scene.open(options)


def events(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.seen("ws-relay", "events")
    return found
