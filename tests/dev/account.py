"""An account at the Tavus look-alike, over plain HTTP, and what tests of its room ask of it too."""

import time
from collections.abc import Callable
from typing import Any

import httpx

PAL, FACE = "pcb7a34da5fe", "r90bbd427f71"
KEY = "tvsk_of_a_test"
TOOL = {"name": "search_knowledge", "parameters": {"type": "object", "properties": {"query": {"type": "string"}}}}
PATIENCE_SECONDS = 30


def start(tavus: httpx.Client, **wishes: Any) -> dict[str, Any]:
    answer = tavus.post("/v2/conversations", json={"pal_id": PAL, **wishes})
    assert answer.status_code == 200, answer.text
    conversation: dict[str, Any] = answer.json()
    return conversation


def advance(tavus: httpx.Client, seconds: float) -> None:
    tavus.post("/_lookalike/clock", json={"advance": seconds})


def room_report(tavus: httpx.Client, kind: str, room: str) -> None:
    tavus.post("/_lookalike/daily", json={"type": kind, "payload": {"room": room, "session_id": "visitor"}})


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.02)
