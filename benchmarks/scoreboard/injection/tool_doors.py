"""The doors by which somebody calls a tool: each brings one call, and tells by which code it was refused, if at all."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from aisdr.errors import AisdrError
from benchmarks.scoreboard.injection.abuses import Abuse
from benchmarks.scoreboard.injection.tool_house import House
from benchmarks.scoreboard.scene.stage import DELIVERY_SECRET
from tests import doors
from tests.material import ORIGIN
from tests.sockets import CALL

A_CONNECTION_BEARS = 25
"""Frames in a burst; a flood is another figure's matter."""
Door = Callable[[House, Abuse], str]
"""Brings one call; answers with the code of its refusal, empty when there was none."""


def by_http(house: House, abuse: Abuse, **body: Any) -> str:
    token = house.services.sessions.issue(house.visitor.session).token
    body = {"companyId": "acme", "name": abuse.tool, "arguments": abuse.arguments} | body
    reply = doors.call("POST", "/api/tavus/tool", body=body, authorization=f"Bearer {token}", origin=ORIGIN)
    return _code(reply)


def by_delivery(house: House, abuse: Abuse, conversation: str = CALL) -> str:
    body = {"name": abuse.tool, "arguments": json.dumps(abuse.arguments), "conversation_id": conversation}
    raw = json.dumps(body).encode()
    signature = hmac.new(DELIVERY_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return _code(doors.call("POST", "/api/tavus/delivery", body=raw, x_tavus_signature=signature))


def by_relay(house: House, abuse: Abuse) -> str:
    number = next(house.visitor.numbers)
    connection = f"c{number // A_CONNECTION_BEARS}"
    if number % A_CONNECTION_BEARS in (0, 1):
        house.visitor.connect(connection, "video", CALL)
    frames = house.visitor.tool_call(
        abuse.tool, json.dumps(abuse.arguments), f"call-{number}", seq=number, connection_id=connection
    )
    for frame in frames:
        if frame["type"] == "error":
            return str(frame["error"]["code"])
        if frame["type"] == "send":
            output = frame["message"]["properties"]["output"]
            result = json.loads(output) if isinstance(output, str) else output
            return str(result.get("error", ""))
    return "no answer"


def by_agent(house: House, abuse: Abuse) -> str:
    """As the agent calls: a model's arguments are an object, or were no JSON."""
    try:
        house.services.tools.run(house.context, None, abuse.tool, abuse.arguments)
    except AisdrError as error:
        return error.code
    return ""


DOORS: dict[str, Door] = {"http": by_http, "delivery": by_delivery, "relay": by_relay, "agent": by_agent}


def by_word(house: House, identity: str, values: dict[str, str] | None = None) -> str:
    """The visitor's word on a confirmation, not a call."""
    token = house.services.sessions.issue(house.visitor.session).token
    body = {"confirmationId": identity, "accept": True} | ({"values": values} if values else {})
    return _code(
        doors.call("POST", "/api/tool/confirmation", body=body, authorization=f"Bearer {token}", origin=ORIGIN)
    )


def _code(reply: doors.Reply) -> str:
    if reply.status >= 500:
        return f"status {reply.status}"
    return "" if reply.status == 200 else str(reply.json()["error"]["code"])
