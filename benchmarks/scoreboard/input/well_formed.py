"""A good request for every HTTP door, to be spoiled in one place: its path, headers and body."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from aisdr.session import Session
from benchmarks.scoreboard.scene.doors import Doors, bearer
from benchmarks.scoreboard.scene.stage import DELIVERY_SECRET, Stage
from tests.voice import OFFER

PLACE = "«here»"
"""Stands in a body where something else is to be put."""
LEFT_SECONDS = 600
"""Another call is bought that long before the session of one ends."""
OF_A_SESSION = 50
"""Requests. A conversation has caps of its own, behind which nothing more would be tried."""
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
    "POST /api/session/{id}/rating": {"answerId": "q1", "rating": "good"},
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


@dataclass(frozen=True)
class Call:
    """A video call that was bought in a session of its own."""

    session: Session
    key: str
    conversation_id: str
    capability: str


class Requests:
    """Makes good requests for a visitor whose session is open, and opens another when it is not."""

    def __init__(self, stage: Stage, doors: Doors) -> None:
        self._stage, self._doors = stage, doors
        self._sessions = stage.services.sessions
        self._call = self._bought()
        self._session: Session | None = None
        self._card = ""
        self._left = 0

    def good(self, door: str) -> Request:
        """One that the door takes. It comes with a token of this moment: who spoils ten thousand outlives any token."""
        session, call = self._open(), self._call
        self._left -= 1
        values = {"id": session.session_id, "slug": "acme", "capability": call.capability}
        calls = door == "POST /api/tavus/session"
        headers = self._headers | bearer(self._sessions.issue(call.session if calls else session).token)
        if calls:
            headers["idempotency-key"] = call.key
        path = door.partition(" ")[2].format_map(values)
        used = {name: value for name, value in values.items() if "{" + name + "}" in door}
        body = json.dumps(self.body(door)).encode() if door in BODIES else b""
        if door.startswith("DELETE"):
            self._session = None
        return Request(door, path, headers, body, used)

    def body(self, door: str) -> Any:
        return self.named(BODIES[door])

    def named(self, body: Any) -> Any:
        """The same body with the names of things that are there, but where something else is to be put."""
        self._open()
        there = {"conversation_id": self._call.conversation_id, "confirmationId": self._card}
        return body | {name: value for name, value in there.items() if name in body and body[name] != PLACE}

    def with_body(self, door: str, body: bytes) -> Request:
        return replace(self.good(door), body=body)

    def _open(self) -> Session:
        """A session in which a question was answered, and a card waits for the visitor's word; and a call beside it."""
        if self._call.session.ends_at - time.time() < LEFT_SECONDS:
            self._call = self._bought()
        if self._session is None or self._left == 0:
            self._left = OF_A_SESSION
            opened = self._asked("POST", "/api/session", self._headers, {"companyId": "acme"})
            self._session = self._sessions.authenticate(opened["token"], self._stage.origin)
            headers = self._headers | bearer(opened["token"])
            self._asked("POST", "/api/answer", headers, BODIES["POST /api/answer"])
            wish = {"companyId": "acme", "name": "log_lead", "arguments": {"email": "ada@example.com"}}
            self._card = self._asked("POST", "/api/tavus/tool", headers, wish)["result"]["confirmationId"]
        return self._session

    def _bought(self) -> Call:
        key, services = str(uuid4()), self._stage.services
        headers = self._headers | {"idempotency-key": key}
        call = self._asked("POST", "/api/tavus/session", headers, BODIES["POST /api/tavus/session"])
        (operation,) = services.ledger.of_session("acme", call["sessionId"])
        session = self._sessions.authenticate(call["token"], self._stage.origin)
        capability = self._sessions.capability(operation.operation_id, "acme")
        return Call(session, key, call["conversationId"], capability)

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
