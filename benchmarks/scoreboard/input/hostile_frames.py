"""Frames that no widget would send: each is answered, or its socket is closed and says why."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from benchmarks.scoreboard.input.hostile_texts import MalformedText
from benchmarks.scoreboard.scene.stage import Stage
from dev.gateway.workers import LambdaContext, load

RELAY = "functions.ws-relay.handler.handler"
FRAMES_PER_SOCKET = 15
"""Fewer than the relay takes at once: what floods it is another figure's."""
_CALL = "conversation of no vendor"
_GOOD: tuple[dict[str, Any], ...] = (
    {"action": "hello"},
    {"action": "resume", "after": 0},
    {"action": "ping"},
    {"action": "ask", "id": "q1", "text": "plan", "mode": "text"},
    {"action": "stop", "id": "q1"},
    {"action": "event", "seq": 1, "event": {"event_type": "conversation.utterance", "properties": {"role": "user"}}},
    {"action": "say", "id": "s1", "text": "Hello"},
    {"action": "confirm", "id": "c1", "accept": True, "values": {"email": "ada@example.com"}},
)
_VALUES: tuple[Any, ...] = (None, True, -1, 2**53 + 1, 1.5, "", "x" * 3000, [], {}, [[]], {"": {}})


def hostile_frames(texts: Sequence[MalformedText], strings: Sequence[str]) -> Iterator[Any]:
    """What API Gateway would hand over as a frame's body."""
    yield from (
        None,
        7,
        b"ping",
        {"action": "ping"},
        "",
        " " * 16_385,
        "[" * 10_000,
        "\x00",
        "ping",
        '{"action":"ping"}x',
    )
    for good in _GOOD:
        for name in good:
            yield json.dumps({key: value for key, value in good.items() if key != name})
            yield from (json.dumps(good | {name: value}) for value in _VALUES)
        yield json.dumps(good | {"companyId": "globex"})
        yield json.dumps(good) + json.dumps(good)
        yield '{"action": "hello", ' + json.dumps(good)[1:]
    for text in texts:
        frame = text.body[:16_000].decode("utf-8", "replace")
        yield frame
        yield f'{{"action": "event", "seq": 1, "event": {{"event_type": {frame}}}}}'
        yield json.dumps(_tool_call(frame))
    for string in strings:
        yield string
        yield json.dumps({"action": "stop", "id": string})
        yield json.dumps({"action": "confirm", "id": string, "accept": True, "values": {string: string}})
        yield json.dumps({"action": "ping", "traceparent": string})
        yield json.dumps(_tool_call(string) | {"seq": 2})
        yield json.dumps({"action": "event", "seq": 1, "event": {"event_type": string, "properties": string}})


def _tool_call(arguments: str) -> dict[str, Any]:
    properties = {"name": "search_knowledge", "arguments": arguments, "tool_call_id": arguments[:40]}
    event = {"event_type": "conversation.tool_call", "conversation_id": _CALL, "properties": properties}
    return {"action": "event", "seq": 1, "event": event}


class Sockets:
    """Opens sockets of a video conversation through the relay's function, one after another, and sends frames."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._handler = load(RELAY)
        self._names = (f"socket{number}" for number in count())
        self._session = stage.services.sessions.open(stage.company, stage.origin, None)
        self.frames = self.refused = self.closed = 0
        self.failures: list[str] = []

    def send(self, frames: Iterable[Any]) -> None:
        waiting = list(frames)
        for begin in range(0, len(waiting), FRAMES_PER_SOCKET):
            name = self._opened()
            for frame in waiting[begin : begin + FRAMES_PER_SOCKET]:
                self._sent(name, frame)
            self._still_there(name)

    def _opened(self) -> str:
        name = next(self._names)
        ticket = self._stage.services.sessions.issue(self._session, "video", _CALL).ticket
        headers = {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": self._stage.origin}
        if self._event(name, "$connect", headers=headers)["statusCode"] != 200:
            raise RuntimeError("A socket with a good ticket was not opened")
        return name

    def _sent(self, name: str, frame: Any) -> None:
        self.frames += 1
        try:
            status = self._event(name, "$default", body=frame)["statusCode"]
        except Exception as error:
            self.failures.append(f"{frame!r:.200}: {error!r:.200}")
            return
        came = self._stage.postbox.frames(name)
        errors = [each["error"] for each in came if each.get("type") == "error"]
        self.refused += bool(errors)
        if status != 200 or any(not error["code"] or not error["message"] for error in errors):
            self.failures.append(f"{frame!r:.200}: {status} {errors}")
        if name in self._stage.postbox.gone:
            self.closed += 1
            if not errors:
                self.failures.append(f"{frame!r:.200}: closed without a word")

    def _still_there(self, name: str) -> None:
        if name in self._stage.postbox.gone:
            return
        self._event(name, "$default", body='{"action": "ping"}')
        if not any(each.get("type") == "pong" for each in self._stage.postbox.frames(name)):
            self.failures.append(f"{name} does not answer any more")

    def _event(self, name: str, route: str, **more: Any) -> Any:
        context = {"routeKey": route, "connectionId": name, "requestId": "r", "identity": {"sourceIp": "192.0.2.7"}}
        return self._handler(
            {"requestContext": context, "isBase64Encoded": False} | more, LambdaContext("ws-relay", 30)
        )
