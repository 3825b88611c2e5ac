"""One visitor of `acme` with all that a browser can do: requests, frames of the relay, and what came back of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from benchmarks.scoreboard.scene.stage import Stage
from tests import doors

Decided = tuple[str, str, str]
"""Action, decision and reason."""

EMAIL, PHONE = "zebra.canary@mail.example", "+1 555 010 4477"
CARD, SOCIAL = "4111 1111 1111 1111", "123-45-6789"
CANARY = "zebra-canary"


@dataclass
class Step:
    """`act` returns what a browser or a vendor got; `left` are the decisions that it must leave, in any order."""

    name: str
    act: Callable[[], Any]
    left: list[Decided]


@dataclass
class Visit:
    """One visitor of `acme`, and what is left in their hands."""

    stage: Stage
    text: str
    secrets: list[str] = field(default_factory=list)
    """All that opened a door in this visit."""
    refusals: list[str] = field(default_factory=list)
    """Bodies of all answers that said no."""
    answers: list[str] = field(default_factory=list)
    """Bodies of all answers, and all frames."""
    grant: Any = None
    """What opened the conversation; `call` opened the call that is on, `other` somebody else's conversation."""
    call: Any = None
    other: Any = None
    socket: str = ""
    told: Any = None
    """What the last tool said."""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One HTTP request. Its answer as JSON, if it is any."""
        answer = doors.call(method, path, body=body, **headers)
        self.answers.append(answer.text)
        if answer.status >= 400:
            self.refusals.append(answer.text)
        try:
            told = json.loads(answer.text) if answer.text else {}
        except ValueError:
            return {}
        for name in ("token", "ticket", "meetingToken"):
            if isinstance(told, dict) and told.get(name):
                self.secrets.append(told[name])
        video = told.get("video") if isinstance(told, dict) else None
        if video and video.get("meetingToken"):
            self.secrets.append(video["meetingToken"])
        return told

    def open(self, company_id: str = "acme", *, mode: str = "text", origin: str | None = None, **more: Any) -> Any:
        body = {"companyId": company_id, "mode": mode} | more.pop("body", {})
        site = origin or f"https://{company_id}.example"
        return self.ask("POST", "/api/session", body, origin=site, **more)

    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.grant['token']}", "origin": self.stage.origin}

    def relay(self, route: str, **event: Any) -> Any:
        about = {"routeKey": route, "connectionId": self.socket, "requestId": "r"}
        return import_module("functions.ws-relay.handler").handler({"requestContext": about, **event}, None)

    def frame(self, action: str, **body: Any) -> list[dict[str, Any]]:
        self.relay("$default", body=json.dumps({"action": action} | body))
        frames = self.stage.postbox.frames(self.socket)
        self.answers.append(json.dumps(frames))
        return frames

    def connect(self, ticket: str) -> Any:
        headers = {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": self.stage.origin}
        return self.relay("$connect", headers=headers)

    def run(self, name: str, arguments: Any) -> Any:
        body = {"companyId": "acme", "name": name, "arguments": arguments}
        self.told = self.ask("POST", "/api/tavus/tool", body, **self.bearer())
        return self.told

    def word(self, identity: str, *, accept: bool) -> Any:
        body = {"confirmationId": identity, "accept": accept}
        return self.ask("POST", "/api/tool/confirmation", body, **self.bearer())

    def waiting(self) -> str:
        return str(self.told["result"]["confirmationId"])

    def buy(self, key: str, mode: str = "video", body: Mapping[str, Any] | None = None) -> Any:
        wish = {"consent": {"version": "1"}, "resume": self.grant["token"]} | dict(body or {})
        self.secrets.append(key)
        return self.open(mode=mode, body=wish, idempotency_key=key)
