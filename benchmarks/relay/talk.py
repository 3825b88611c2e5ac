"""What the browsers of live calls send, and how a reply is known to belong to what was sent."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

Kind = Literal["speaking", "other", "utterance", "ping", "say"]
MIX: dict[Kind, int] = {"speaking": 45, "other": 10, "utterance": 20, "ping": 15, "say": 10}
"""Of a hundred messages. In a call both sides begin and stop speaking more often than they finish an utterance.

People type rarely while they speak and a browser pings every four minutes; both are far more frequent here, because
they are what is answered, and only an answer can be timed, lost or overtaken.
"""
ANSWERED: frozenset[Kind] = frozenset({"ping", "say"})
WORDS = "Our prices depend on the number of stores, and the Growth plan is what most teams of your size begin with. "
_EVENT_TYPES = {
    "speaking": ("conversation.user.started_speaking", "conversation.replica.stopped_speaking"),
    "other": ("conversation.perception_analysis", "conversation.quality"),
}
_SAYING = re.compile(r"say-(\d+)")
_TURN = re.compile(r"turn-(\d+)")


@dataclass(frozen=True)
class Message:
    """One message of a browser. `reply` is what its answer is known by, where it has one."""

    kind: Kind
    text: str
    reply: str | None = None
    turn: int = 0
    """The number of the turn that it makes, if it makes one."""


class Talk:
    """The messages of one visitor's call, one after another."""

    def __init__(self, call_id: str, seed: int) -> None:
        self._call_id = call_id
        self._random = random.Random(seed)  # noqa: S311 - the same load in every run
        self.events = 0
        self.turns = 0
        self._sayings = 0

    def __iter__(self) -> Iterator[Message]:
        kinds, weights = list(MIX), list(MIX.values())
        while True:
            yield self.message(self._random.choices(kinds, weights)[0])

    def message(self, kind: Kind) -> Message:
        match kind:
            case "ping":
                return Message(kind, '{"action":"ping"}', "pong")
            case "say":
                self._sayings += 1  # no turn yet: the avatar says what it was asked, and that comes as an utterance
                mark = f"say-{self._sayings}"
                return Message(kind, json.dumps({"action": "say", "id": mark, "text": f"{mark}: {WORDS}"}), mark)
            case "utterance":
                self.turns += 1
                role = self._random.choice(("user", "replica"))
                spoken = {"role": role, "speech": f"turn-{self.turns}: {WORDS} {WORDS}"}
                identity = {"turn_idx": self.events, "inference_id": f"i{self.events}"}
                return Message(kind, self._event("conversation.utterance", spoken, identity), turn=self.turns)
            case _:
                return Message(kind, self._event(self._random.choice(_EVENT_TYPES[kind]), {}, {}))

    def _event(self, event_type: str, properties: dict[str, Any], more: dict[str, Any]) -> str:
        self.events += 1
        event = {
            "message_type": "conversation",
            "event_type": event_type,
            "conversation_id": self._call_id,
            "seq": self.events,
            "properties": properties,
        }
        return json.dumps({"action": "event", "seq": self.events, "event": event | more})


def in_bursts(messages: Iterator[Message], size: int) -> Iterator[Message]:
    """So many at a time, in any order: as they come to function instances that serve them side by side."""
    order = random.Random(2)  # noqa: S311 - the same load in every run
    while burst := list(islice(messages, size)):
        order.shuffle(burst)
        yield from burst


def number_of_turn(text: str) -> int:
    """Which of a visitor's turns this is, as it was said; 0 for one that nobody said."""
    found = _TURN.match(text)
    return int(found[1]) if found else 0


def reply_of_relay(data: str) -> str | None:
    """By what a frame of the relay answers; None for frames that answer nothing."""
    frame = json.loads(data)
    match frame.get("type"):
        case "pong":
            return "pong"
        case "send" if found := _SAYING.search(data):
            return found[0]
        case "ready" | "send":
            return None
        case _:
            return f"unexpected {data[:120]}"


def reply_of_echo(data: str) -> str | None:
    """The same, of a server that says everything back."""
    frame = json.loads(data)
    match frame["action"]:
        case "ping":
            return "pong"
        case "say":
            return str(frame["id"])
        case _:
            return None
