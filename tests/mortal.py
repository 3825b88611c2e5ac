"""`python -m tests.mortal`: lives of our functions, each a process of its own that somebody outside may kill.

A line `{"now": …, "visitor": "token"}`, `{…, "caller": "token"}`, `{…, "leaver": "token", "session": "id"}` or `{…,
"tick": true}` is one life, born (`tests/births.py`) of a process that has read all code before and opened nothing.
"""

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from dev.environments import time_of_circuits
from tests import doors
from tests.births import bear
from tests.material import ORIGIN

CALL_ID = "call-of-a-mortal"
CALL_KEY = "2f0f6d1c-6a1e-4c8e-9a55-51d5a8d9a0b1"
"""The Idempotency-Key of the one video call that is wanted, however often."""
EMAIL = "jane@example.com"


def visitor(token: str) -> None:
    """Leaves contact data and confirms it, as the widget does. Whoever repeats it repeats the same wish."""
    headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
    wish = {"companyId": "acme", "name": "log_lead", "arguments": {"email": EMAIL}, "callId": CALL_ID}
    asked = doors.call("POST", "/api/tavus/tool", body=wish, **headers)
    assert asked.status == 200, asked.text
    word = {"confirmationId": asked.json()["result"]["confirmationId"], "accept": True}
    confirmed = doors.call("POST", "/api/tool/confirmation", body=word, **headers)
    assert confirmed.status == 200, confirmed.text


def caller(token: str) -> None:
    """Wants a video call, as the widget does; whatever comes of it."""
    headers = {"authorization": f"Bearer {token}", "origin": ORIGIN, "idempotency_key": CALL_KEY}
    doors.call("POST", "/api/tavus/session", body={"companyId": "acme"}, **headers)


def leaver(token: str, session_id: str) -> None:
    """Ends the call and goes on in text."""
    headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
    left = doors.call("DELETE", f"/api/session/{session_id}?call=only", **headers)
    assert left.status == 204, left.text


def live(life: dict[str, Any]) -> None:
    if "visitor" in life:
        visitor(life["visitor"])
    elif "caller" in life:
        caller(life["caller"])
    elif "leaver" in life:
        leaver(life["leaver"], life["session"])
    else:
        import_module("functions.reconciler.handler").handler({}, None)


def prepare() -> Callable[[dict[str, Any]], None]:
    now = 0.0

    def sleep(seconds: Any) -> None:
        nonlocal now
        now += seconds

    # Before our code is read: from here on nobody's clock moves on its own.
    time.time, time.sleep = lambda: now, sleep
    time_of_circuits(lambda: now)
    for name in ("session", "tool", "reconciler"):
        import_module(f"functions.{name}.handler")
    from aisdr.services import services

    _ = services().dynamodb, services().tools, services().writing_tools, services().webhooks

    def at_its_time(life: dict[str, Any]) -> None:
        nonlocal now
        now = life["now"]
        live(life)

    return at_its_time


if __name__ == "__main__":
    bear(prepare)
