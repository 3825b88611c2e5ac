"""A visitor with an open relay socket, whose frames go in by hand and come out of a letter box."""

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aisdr.configuration import Mode
from aisdr.relay import Relay
from aisdr.services import Services
from aisdr.session import Session
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.postbox import Postbox

CALL = "conv"


@dataclass
class Visitor:
    """One visitor of acme with an open socket `c1`."""

    services: Services
    postbox: Postbox
    session: Session
    relay: Relay
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def connect(self, connection_id: str, mode: Mode = "text", call_id: str | None = None) -> None:
        self.services.entrance.enter(connection_id, self.ticket(mode, call_id), ORIGIN)

    def ticket(self, mode: Mode = "text", call_id: str | None = None) -> str:
        return self.services.sessions.issue(self.session, mode, call_id).ticket

    def send(self, frame: Any, connection_id: str = "c1") -> list[dict[str, Any]]:
        """Sends one frame and returns what came back."""
        self.relay.receive(connection_id, frame if isinstance(frame, str) else json.dumps(frame))
        return self.postbox.frames(connection_id)

    def ask(self, text: str, question_id: str = "q1", connection_id: str = "c1") -> list[dict[str, Any]]:
        return self.send({"action": "ask", "id": question_id, "text": text}, connection_id)

    def forward(self, event: Any, seq: int | None = None, connection_id: str = "c1") -> list[dict[str, Any]]:
        """Forwards a raw event of the live call, as a browser does."""
        seq = next(self.numbers) if seq is None else seq
        return self.send({"action": "event", "seq": seq, "event": event}, connection_id)

    def in_room(self, event_type: str, properties: Any, **more: Any) -> dict[str, Any]:
        """An event of the video call's room."""
        raw = {"message_type": "conversation", "event_type": event_type, "conversation_id": CALL}
        return raw | {"properties": properties} | more

    def tool_call(self, name: str, arguments: Any, call_id: Any = "call_1", **way: Any) -> list[dict[str, Any]]:
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        properties = {"name": name, "arguments": text, "tool_call_id": call_id}
        return self.forward(self.in_room("conversation.tool_call", properties), **way)

    def utterance(self, role: str, text: str, part: int = 1) -> dict[str, Any]:
        properties = {"role": role, "speech": text}
        return self.in_room("conversation.utterance", properties, turn_idx=part, inference_id=f"i{part}")

    def said(self) -> list[tuple[str, str]]:
        return [(turn.role, turn.text) for turn in self.services.transcripts.recent(self.session)]


def visitor_of_acme(services: Services, postbox: Postbox, mode: Mode = "text", **changes: Any) -> Visitor:
    """With `mode` video the visitor sits in the call `conv`."""
    company = a_company(**changes)
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))
    visitor = Visitor(services, postbox, services.sessions.open(company, ORIGIN, None), services.relay)
    visitor.connect("c1", mode, None if mode == "text" else CALL)
    return visitor


def codes(frames: list[dict[str, Any]]) -> list[str]:
    assert all(frame["type"] == "error" for frame in frames), frames
    return [frame["error"]["code"] for frame in frames]


def without_seq(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in frame.items() if key != "seq"} for frame in frames]
