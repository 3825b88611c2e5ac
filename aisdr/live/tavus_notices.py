"""What Tavus tells us by webhook, in our words.

The body is unsigned and comes from the internet: every type is looked at, every length is bounded.
Source: https://docs.tavus.io/sections/webhooks-and-callbacks
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aisdr.events import Role
from aisdr.live.arguments import as_object
from aisdr.live.base import Notice, Recording, Said
from aisdr.live.tavus_events import utterance_key

MOST_TURNS = 500
"""A call of an hour has fewer."""
_MOST_TEXT_CHARACTERS, _MOST_ADDRESS_CHARACTERS = 8000, 2048
_ROLES: dict[Any, Role] = {"user": "visitor", "assistant": "assistant"}


def read_notice(body: Mapping[str, Any]) -> Notice | None:
    """None when it is not about a conversation at all."""
    call_id, name = body.get("conversation_id"), body.get("event_type")
    if not isinstance(call_id, str) or not call_id:
        return None
    name = name[:80] if isinstance(name, str) else ""
    properties = as_object(body.get("properties"))
    match name:
        case "system.replica_joined" | "system.pal_joined":
            return Notice(call_id, "joined", name=name)
        case "system.shutdown":
            return Notice(call_id, "ended", name=name)
        case "application.transcription_ready":
            return Notice(call_id, "transcript", said=_said(call_id, properties.get("transcript")), name=name)
        case "application.recording_ready":
            recording = _recording(properties)
            return Notice(call_id, "recording" if recording else "other", recording=recording, name=name)
        case "application.perception_analysis":
            analysis = properties.get("analysis")
            perceived = _text(analysis, _MOST_TEXT_CHARACTERS)
            return Notice(call_id, "perception" if perceived else "other", perceived=perceived, name=name)
        case _:
            return Notice(call_id, "other", name=name)


def moment(value: Any) -> float | None:
    """Epoch seconds of Tavus's ISO text or epoch number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e11 else None  # also false for what is not a number
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _said(call_id: str, transcript: Any) -> tuple[Said, ...]:
    entries = transcript[:MOST_TURNS] if isinstance(transcript, list) else []
    return tuple(said for said in (_turn(call_id, as_object(entry)) for entry in entries) if said)


def _turn(call_id: str, entry: Mapping[str, Any]) -> Said | None:
    """Only what visitor and face said: `system` and `tool` entries are Tavus's own bookkeeping."""
    role, content = entry.get("role"), _text(entry.get("content"), _MOST_TEXT_CHARACTERS)
    ours = _ROLES.get(role) if isinstance(role, str) else None
    if ours is None or not content.strip():
        return None
    inference = entry.get("inference_id")
    # The visitor's inference id changes within a turn, so it names nothing.
    key = utterance_key(call_id, ours, inference) if ours == "assistant" and isinstance(inference, str) else None
    return Said(ours, content, moment(entry.get("timestamp")), key)


def _recording(properties: Mapping[str, Any]) -> Recording | None:
    uri, bucket, path = (properties.get(name) for name in ("storage_uri", "bucket_name", "s3_key"))
    if not isinstance(uri, str) and isinstance(bucket, str) and isinstance(path, str):
        uri = f"s3://{bucket}/{path}"
    if not isinstance(uri, str) or not uri:
        return None
    return Recording(_text(uri, _MOST_ADDRESS_CHARACTERS), _duration(properties.get("duration")))


def _duration(seconds: Any) -> float | None:
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < 1e6
    return float(seconds) if known else None


def _text(value: Any, most: int) -> str:
    """At most so many characters, all of which can be stored: JSON may hold halves of characters."""
    return value[:most].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
