"""A good request for every HTTP door, to be spoiled in one place: its path, headers and body."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.scoreboard.doors import Doors, bearer
from benchmarks.scoreboard.stage import DELIVERY_SECRET, Stage
from tests.voice import OFFER

CALL_KEY = "the one call of this visitor"
PLACE = "«here»"
"""Stands in a body where something else is to be put."""
BODIES: dict[str, Any] = {
    "POST /api/session": {
        "companyId": "acme",
        "mode": "text",
        "consent": {"version": "1"},
        "resume": None,
        "sdpOffer": OFFER[:200],
    },
    "POST /api/tavus/session": {"companyId": "acme", "consent": {"version": "1"}},
    "POST /api/session/{id}/introduction": {
        "visitor": {"name": "Ada", "email": "ada@example.com", "phone": "1", "company": "Acme"},
        "context": {"plan": "Team"},
    },
    "POST /api/session/{id}/rating": {"answerId": "q1", "rating": "up"},
    "POST /api/tavus/webhook/{capability}": {
        "event_type": "system.replica_joined",
        "conversation_id": "c",
        "timestamp": "2026-11-30T10:00:00Z",
        "message_type": "system",
        "properties": {"replica_id": "r"},
    },
    "POST /api/tavus/tool": {
        "companyId": "acme",
        "name": "search_knowledge",
        "arguments": {"query": "plan"},
        "callId": "a call id",
    },
    "POST /api/tool/confirmation": {"confirmationId": "c", "accept": True, "values": {"email": "ada@example.com"}},
    "POST /api/tavus/delivery": {
        "name": "search_knowledge",
        "arguments": '{"query": "plan"}',
        "conversation_id": "c",
        "tool_call_id": "t",
    },
    "POST /api/search": {"companyId": "acme", "query": "plan", "limit": 3, "modalities": ["text"]},
    "POST /api/answer": {"question": "plan", "id": "q1"},
    "POST /api/speech": {"text": "Hi.", "language": "en-US"},
}
WITHOUT_BODY = (
    "POST /api/session/{id}/renew",
    "GET /api/session/{id}",
    "DELETE /api/session/{id}",
    "DELETE /api/session/{id}/conversation",
    "GET /api/widget/{slug}",
    "GET /api/tavus/tool",
)


@dataclass(frozen=True)
class Request:
    door: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    path_values: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    """What an error must not repeat."""

    def sent(self, doors: Doors) -> Any:
        """The answer."""
        headers = self.headers
        if self.door == "POST /api/tavus/delivery" and "x-tavus-signature" not in headers:
            signature = hmac.new(DELIVERY_SECRET.encode(), self.body, hashlib.sha256).hexdigest()
            headers = headers | {"x-tavus-signature": signature}
        return doors.ask(self.door.partition(" ")[0], self.path, headers, self.body)


class Requests:
    """Makes good requests for a visitor whose session is open, and opens another when it is not."""

    def __init__(self, stage: Stage, doors: Doors) -> None:
        self._stage, self._doors = stage, doors
        headers = self._headers | {"idempotency-key": CALL_KEY}
        call = self._asked("POST", "/api/tavus/session", headers, {"companyId": "acme", "consent": {"version": "1"}})
        (operation,) = stage.services.ledger.of_session("acme", call["sessionId"])
        self._capability = stage.services.sessions.capability(operation.operation_id, "acme")
        self._conversation_id: str = call["conversationId"]
        self._session: dict[str, str] = {}

    def good(self, door: str) -> Request:
        """One that the door takes, unless it ends what there is."""
        if not self._session or door.startswith("DELETE"):
            self._session = self._asked("POST", "/api/session", self._headers, {"companyId": "acme"})
        values = {"id": self._session["sessionId"], "slug": "acme", "capability": self._capability}
        headers = self._headers | bearer(self._session["token"])
        if door == "POST /api/tavus/session":
            headers["idempotency-key"] = CALL_KEY
        path = door.partition(" ")[2].format_map(values)
        used = {name: value for name, value in values.items() if "{" + name + "}" in door}
        body = json.dumps(self.body(door)).encode() if door in BODIES else b""
        if door.startswith("DELETE"):
            self._session = {}
        return Request(door, path, headers, body, used)

    def body(self, door: str) -> Any:
        """Its body with the names of things that are there."""
        body = BODIES[door]
        return body | {"conversation_id": self._conversation_id} if "conversation_id" in body else body

    def with_body(self, door: str, body: bytes) -> Request:
        return replace(self.good(door), body=body)

    @property
    def _headers(self) -> dict[str, str]:
        return {"content-type": "application/json", "origin": self._stage.origin}

    def _asked(self, method: str, path: str, headers: dict[str, str], body: Any) -> dict[str, Any]:
        answered: dict[str, Any] = json.loads(self._doors.ask(method, path, headers, json.dumps(body).encode()).body)
        return answered


def places(body: Any) -> Iterator[Any]:
    """The body again and again, with `PLACE` for one of its values in turn, and at last for one of its names."""
    for name, value in body.items():
        if isinstance(value, dict):
            yield from ({**body, name: inner} for inner in places(value))
        yield {**body, name: PLACE}
    first = next(iter(body))
    yield {PLACE: body[first], **{name: value for name, value in body.items() if name != first}}
