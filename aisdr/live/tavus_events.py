"""What Tavus says inside a call, in our words.

Tavus says much of it twice: under an old and a new name, as it is being said and once more as a whole. Twins get the
same key, or are equal. Source: https://docs.tavus.io (interactions protocol); the room's own events are daily-js's.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aisdr.audit import word
from aisdr.events import CallEnded, LiveEvent, QualityWarned, Role, Utterance
from aisdr.live.arguments import as_object, tool_call
from aisdr.live.tavus_api import either
from aisdr.live.tavus_languages import code_of

MOST_NUMBER = 2**53
_OURS: dict[str, Role] = {"user": "visitor", "replica": "assistant", "pal": "assistant"}
_ENDINGS = (
    ("max_call_duration", "time"),
    ("participant_left_timeout", "left"),
    ("participant_absent_timeout", "absent"),
    ("end_conversation_endpoint_hit", "ended"),
    ("daily_room_has_been_deleted", "room_gone"),
    ("bot_could_not_join_meeting", "not_joined"),
    ("exception_encountered", "vendor_failed"),
    ("internal error", "vendor_failed"),
)
"""Beginnings, because Tavus's own pages write them with and without a "reached"."""


def read_event(event: Mapping[str, Any]) -> Sequence[LiveEvent]:
    """Only what means something to us; the browser draws the rest from the raw events itself."""
    properties = as_object(event.get("properties"))
    match event.get("event_type"):
        case "conversation.tool_call" | "conversation.perception_tool_call":
            return _tool_call(event, properties)
        case "conversation.utterance":
            role = _role(properties) or "assistant"
            # Of the face it is all that it meant to say. When it was cut off, what it said comes as the streamed twin.
            cut_off = role == "assistant" and properties.get("interrupted") is True
            return [] if cut_off else _utterance(event, role, properties)
        # What the face really said. The visitor's own `final` comes in the middle of a turn and is left alone.
        case "conversation.utterance.streaming" if properties.get("final") is True:
            if _role(properties) != "assistant":
                return []
            cut = properties.get("is_interrupted") is True
            return [replace(each, spoken=True, cut=cut) for each in _utterance(event, "assistant", properties)]
        case "system.shutdown":
            return [CallEnded(ending(either(properties, "shutdown_reason", "reason")))]
        case None if isinstance(event.get("action"), str):
            return _of_the_room(event)
        case _:
            return []


def ending(reason: Any) -> str:
    """Why a call ended, in one of our words; a reason that Tavus has not told us about yet stays its own."""
    said = reason if isinstance(reason, str) and reason else "ended"
    return next((ours for theirs, ours in _ENDINGS if said.startswith(theirs)), said[:80])


def utterance_key(conversation_id: Any, role: Role, part: Any) -> str:
    return _short(f"{conversation_id}|{role}|{part}")


def _role(properties: Mapping[str, Any]) -> Role | None:
    role = properties.get("role")
    return _OURS.get(role) if isinstance(role, str) else None


def _utterance(event: Mapping[str, Any], role: Role, properties: Mapping[str, Any]) -> list[Utterance]:
    speech = properties.get("speech")
    if not isinstance(speech, str) or not speech.strip():
        return []
    # One row a turn for the visitor (the inference id changes within a turn), one a thought for the face.
    part = event.get("turn_idx") if role == "visitor" else event.get("inference_id")
    key = utterance_key(event.get("conversation_id"), role, part if part is not None else event.get("seq"))
    # How the visitor looked and sounded comes along with the words, too. Nobody needs it, so nobody keeps it.
    language = code_of(properties.get("language")) if role == "visitor" else None
    return [Utterance(role, speech, key, language=language, order=_order(event))]


def _order(event: Mapping[str, Any]) -> int | None:
    """The room may turn messages around on their way; Tavus numbers them."""
    number = event.get("seq")
    known = isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= MOST_NUMBER
    return number if known else None


def _of_the_room(event: Mapping[str, Any]) -> list[LiveEvent]:
    """The room itself speaks: daily-js's own events, which carry an `action` and no `event_type`."""
    match event.get("action"):
        case "network-quality-change" if event.get("networkState") == "bad":
            return [QualityWarned("network bad")]
        case "network-connection" if event.get("event") == "interrupted":
            return [QualityWarned("network interrupted")]
        case "cpu-load-change" if event.get("cpuLoadState") == "high":
            return [QualityWarned("cpu high")]
        case "camera-error":  # also says that there is no microphone
            kind = as_object(event.get("error")).get("type")
            return [QualityWarned(f"device {word(str(kind or 'unknown'))}")]
        case "nonfatal-error":
            return [QualityWarned(f"room {word(str(event.get('type') or 'unknown'))}")]
        case _:
            return []


def _tool_call(event: Mapping[str, Any], properties: Mapping[str, Any]) -> list[LiveEvent]:
    name = properties.get("name")
    if not isinstance(name, str):
        return []
    call = tool_call(str(properties.get("tool_call_id") or ""), name, properties.get("arguments"))
    call = replace(call, order=_order(event))
    if call.call_id:
        return [call]
    # An inline tool of an old persona: the same call is known again by where it was made and what it asks for.
    where = [event.get("conversation_id"), event.get("inference_id"), name, call.arguments]
    return [replace(call, call_id=_short(json.dumps(where, sort_keys=True)))]


def _short(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:24]
