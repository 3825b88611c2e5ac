"""What the look-alike was asked: every request, without secrets, and the fields it did not know."""

import json
import re
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from dev.tavus.clock import iso

_SECRET = re.compile(r"key|secret|token|password|authorization", re.IGNORECASE)

# What the vendor documents for a conversation. It ignores the rest in silence; here a test can ask that nothing is
# sent in vain.
_CONVERSATION = """
face_id pal_id audio_only callback_url conversation_name conversational_context custom_greeting memory_stores
document_ids document_tags document_retrieval_strategy test_mode require_auth max_participants policy meeting_url
properties
"""
_PROPERTIES = """
max_call_duration participant_left_timeout participant_absent_timeout enable_recording enable_closed_captions
apply_greenscreen require_auth language languages recording_storage recording_s3_bucket_name
recording_s3_bucket_region aws_assume_role_arn livekit_ws_url livekit_room_token
"""
CONVERSATION_FIELDS = frozenset(_CONVERSATION.split())
PROPERTY_FIELDS = frozenset(_PROPERTIES.split())


class Journal:
    def __init__(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=500)

    def asked(self, now: float, method: str, path: str, query: str, body: bytes) -> dict[str, Any]:
        record = {"at": iso(now), "method": method, "path": path, "query": query, "body": _without_secrets(body)}
        self.requests.append(record)
        return record

    def unknown_fields(self, body: dict[str, Any]) -> None:
        """Notes what the latest request said in vain."""
        unknown = sorted(set(body) - CONVERSATION_FIELDS)
        properties = body.get("properties")
        if isinstance(properties, dict):
            unknown += [f"properties.{name}" for name in sorted(set(properties) - PROPERTY_FIELDS)]
        for record in reversed(self.requests):
            if record["path"] == "/v2/conversations" and record["method"] == "POST":
                record["unknown_fields"] = unknown
                return


def _without_secrets(body: bytes) -> Any:
    if not body:
        return None
    try:
        return _masked(json.loads(body))
    except ValueError:
        return f"<{len(body)} bytes that are not JSON>"


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, name) for item in value]
    if isinstance(value, str) and name == "callback_url":
        address = urlsplit(value)  # its path is the capability that lets a webhook in
        return f"{address.scheme}://{address.netloc}/…"
    if isinstance(value, str) and _SECRET.search(name):
        return "********"
    return value
