"""What we say into a Tavus call: app-messages, none of them longer than the room carries."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aisdr.events import ToolCall
from aisdr.live.arguments import as_object
from aisdr.live.base import RawMessage, ToolOutput
from aisdr.live.shortened import shortened

MOST_MESSAGE_CHARACTERS = 3900
"""daily-js throws at more than 4096 characters of JSON, and the avatar would wait for its result in vain."""
_ROOM_FOR_THE_ENVELOPE = 400
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


def results(event: Mapping[str, Any], call: ToolCall, output: ToolOutput) -> list[RawMessage]:
    """The result of a tool call, shortened until it fits."""
    conversation_id = event.get("conversation_id")
    if as_object(event.get("properties")).get("tool_call_id"):
        return [_fitting_result(conversation_id, call, output)]
    # An inline tool of an old persona has no id and no result channel: its result becomes context, and is said.
    text = f"Result of {call.name}: {json.dumps(output.result, ensure_ascii=False)}"
    say = output.result.get("say")
    return [*context(conversation_id, text), *(speech(conversation_id, say) if isinstance(say, str) else [])]


def typed(conversation_id: Any, text: str) -> list[RawMessage]:
    """One message, because two would be two turns."""
    return [_message(conversation_id, "conversation.respond", {"text": _cut(text)})]


def context(conversation_id: Any, text: str) -> list[RawMessage]:
    return [
        _message(conversation_id, "conversation.append_llm_context", {"context": part})
        for part in _parts(text)
        if part.strip()
    ]


def speech(conversation_id: Any, text: str) -> list[RawMessage]:
    """Parts of one speech carry one inference id, and the last says that it is the last."""
    parts = [part for part in _parts(text) if part.strip()]
    inference = hashlib.sha256(f"{conversation_id}|{text}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return [
        _message(
            conversation_id,
            "conversation.echo",
            {"modality": "text", "text": part, "done": number == len(parts)}
            | ({"inference_id": inference} if len(parts) > 1 else {}),
        )
        for number, part in enumerate(parts, start=1)
    ]


def interruption(conversation_id: Any) -> list[RawMessage]:
    return [_message(conversation_id, "conversation.interrupt")]


def length(message: Any) -> int:
    """What JavaScript counts: UTF-16 units of the JSON text."""
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le", "surrogatepass")) // 2


def _message(conversation_id: Any, event_type: str, properties: dict[str, Any] | None = None) -> RawMessage:
    message = {"message_type": "conversation", "event_type": event_type, "conversation_id": conversation_id}
    return message | ({"properties": properties} if properties else {})


def _fitting_result(conversation_id: Any, call: ToolCall, output: ToolOutput) -> RawMessage:
    status = "success" if output.success else "error"

    def carrying(result: Mapping[str, Any]) -> RawMessage:
        properties = {"tool_call_id": call.call_id, "output": dict(result), "status": status}
        return _message(conversation_id, "conversation.tool_result", properties)

    return carrying(shortened(output.result, lambda result: length(carrying(result)) <= MOST_MESSAGE_CHARACTERS))


def _cut(text: str) -> str:
    first = next(iter(_parts(text)), "")
    return first if first == text else f"{first.rstrip()} …"


def _parts(text: str) -> Iterator[str]:
    """The text in pieces that each fit into one message, cut after a sentence, or after a word, or where it must be."""
    most = MOST_MESSAGE_CHARACTERS - _ROOM_FOR_THE_ENVELOPE
    while length(text) > most:
        size = len(text)
        while length(text[:size]) > most:
            size = size * 4 // 5
        head = text[:size]
        ends = [match.end() for match in _SENTENCE.finditer(head)] or [head.rfind(" ") + 1]
        size = ends[-1] if ends[-1] > size // 3 else size
        yield text[:size].rstrip()
        text = text[size:].lstrip()
    yield text
