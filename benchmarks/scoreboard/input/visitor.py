"""A visitor behind schemathesis: it carries a good token, and names what is there where a case is meant well."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from schemathesis.hooks import HookContext
from schemathesis.schemas import BaseSchema
from starlette.types import Message, Receive, Scope, Send

from benchmarks.scoreboard.scene.doors import Doors, bearer
from benchmarks.scoreboard.scene.stage import DELIVERY_SECRET, Stage
from tests.voice import OFFER

SIGN = "0" * 64
"""In place of a signature: to be replaced by the right one, as Tavus makes it of the bytes that are sent."""
CALL_KEY, ANSWER = "the one call of this visitor", "q1"


class Visitor:
    """An ASGI program in front of the doors."""

    def __init__(self, stage: Stage, doors: Doors) -> None:
        self._stage, self._doors = stage, doors
        self._tokens: dict[str, str] = {}
        """By session, as long as it is open."""
        self._session_id = self._card = ""
        call = self._open("/api/tavus/session", {"idempotency-key": CALL_KEY})
        self._conversation_id = call["conversationId"]
        (operation,) = stage.services.ledger.of_session("acme", call["sessionId"])
        self._capability = stage.services.sessions.capability(operation.operation_id, "acme")

    def accompany(self, schema: BaseSchema) -> None:
        """From now on every case of this schema is this visitor's."""

        @schema.hook
        def map_case(context: HookContext, case: Any) -> Any:
            return self._mean_well(case)

        @schema.hook
        def after_call(context: HookContext, case: Any, response: Any) -> None:
            self._remember(case, response)

        @schema.auth(refresh_interval=None)
        class Carried:
            get, set = staticmethod(self._token_for), staticmethod(_put)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/api/tavus/delivery":
            scope, receive = await _signed(scope, receive)
        await self._doors(scope, receive, send)

    def _token_for(self, case: Any, _: Any) -> str:
        """The token that a request goes with; schemathesis leaves it out, or breaks it, where it wants to."""
        session_id = (case.path_parameters or {}).get("id")
        return self._tokens.get(str(session_id)) or self._token()

    def _token(self) -> str:
        if self._session_id not in self._tokens:
            opened = self._open("/api/session")
            self._session_id = opened["sessionId"]
            self._get_an_answer(opened["token"])
            wish = {"companyId": "acme", "name": "log_lead", "arguments": {"email": "ada@example.com"}}
            self._card = self._asked("/api/tavus/tool", wish, opened["token"])["result"]["confirmationId"]
        return self._tokens[self._session_id]

    def _get_an_answer(self, token: str) -> None:
        """So that there is one to rate: without it the door finds nothing in a conversation that is there."""
        self._asked("/api/answer", {"question": "plan", "id": ANSWER}, token)

    def _asked(self, door: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        headers = {"content-type": "application/json", "origin": self._stage.origin} | bearer(token)
        answered: dict[str, Any] = json.loads(self._doors.ask("POST", door, headers, json.dumps(body).encode()).body)
        return answered

    def _open(self, door: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        sent = {"content-type": "application/json", "origin": self._stage.origin} | dict(headers or {})
        body = {"companyId": "acme", "consent": {"version": "1"}}
        answer = self._doors.ask("POST", door, sent, json.dumps(body).encode())
        opened: dict[str, Any] = json.loads(answer.body)
        self._tokens[opened["sessionId"]] = opened["token"]
        return opened

    def _remember(self, case: Any, response: Any) -> None:
        if response.status_code == 200 and case.operation.definition.raw["operationId"] in (
            "open_session",
            "open_video",
        ):
            opened = response.json()
            self._tokens[opened["sessionId"]] = opened["token"]
            self._get_an_answer(opened["token"])
        over = case.operation.definition.raw["operationId"] in ("end_session", "erase_conversation")
        if over and response.status_code == 204 and (case.query or {}).get("call") != "only":
            self._tokens.pop(str(case.path_parameters["id"]), None)

    def _mean_well(self, case: Any) -> Any:
        """What was made up within the document's bounds and names nothing that is there, names something that is."""
        if case.meta is None or case.meta.generation.mode.is_negative:
            return case
        if "Origin" in case.headers:
            case.headers["Origin"] = self._stage.origin
        if "X-Tavus-Signature" in case.headers:
            case.headers["X-Tavus-Signature"] = SIGN
        known = {"slug": "acme", "capability": self._capability}
        for name in case.path_parameters or {}:
            if name == "id" and case.path_parameters["id"] not in self._tokens:
                self._token()
                case.path_parameters["id"] = self._session_id
            elif name in known:
                case.path_parameters[name] = known[name]
        if isinstance(case.body, dict):
            case.body = self._known_things(case.body)
        return case

    def _known_things(self, body: dict[str, Any]) -> dict[str, Any]:
        known = {
            "companyId": "acme",
            "consent": {"version": "1"},
            "sdpOffer": OFFER,
            "conversation_id": self._conversation_id,
            "answerId": ANSWER,
            "confirmationId": self._card,
        }
        named = body | {name: value for name, value in known.items() if name in body}
        if "resume" in named:
            named["resume"] = self._token()
        if "name" in named and "arguments" in named and len(named["name"]) % 2:
            named |= {"name": "search_knowledge", "arguments": {"query": "What does it cost?"}}
        return named


def _put(case: Any, token: str, _: Any) -> None:
    case.headers["Authorization"] = f"Bearer {token}"


async def _signed(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    right = hmac.new(DELIVERY_SECRET.encode(), body, hashlib.sha256).hexdigest().encode()
    headers = [(name, right if value == SIGN.encode() else value) for name, value in scope["headers"]]

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return {**scope, "headers": headers}, again
