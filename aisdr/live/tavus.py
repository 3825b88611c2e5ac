"""Tavus CVI: video calls with an avatar. What happens in and around a call, between Tavus's words and ours.

Source: https://docs.tavus.io (interactions protocol, webhooks); the HTTP API stands in `tavus_api.py`.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from aisdr.company import Company
from aisdr.errors import Forbidden, VendorError
from aisdr.events import CallEnded, LiveEvent, Role, ToolCall, Utterance
from aisdr.live.base import CallRequest, CallStatus, LiveCall, Notice
from aisdr.live.tavus_api import VENDOR, TavusClient, either, failure

ABSENT_SECONDS = 60
"""Ends a call that nobody joined; also the life of the meeting token. Tavus bills from creation, its default is 300."""
LEFT_SECONDS = 15
MOST_MESSAGE_CHARACTERS = 3900
"""daily-js throws at more than 4096 characters of JSON, and the avatar would wait for its result in vain."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class TavusVideo:
    """The live vendor `tavus`: a Daily room with a talking face, driven by app-messages."""

    name = VENDOR

    def __init__(self, client: TavusClient, room_hosts: tuple[str, ...]) -> None:
        self._client = client
        self._room_hosts = room_hosts

    not_created = "Failed to create Tavus session: try again in a minute, or go on in text"

    def check(self, company: Company) -> None:
        if not company.offers("video"):
            raise Forbidden(
                "Tavus video not enabled for this company: set useTavusVideo and list 'video' in modes",
                code="video_not_enabled",
            )
        self._client.key()

    def start(self, request: CallRequest) -> LiveCall:
        company = request.company
        body = {
            "face_id": company.tavus_replica_id,
            "pal_id": company.tavus_persona_id,
            "conversation_name": request.name,
            "callback_url": request.callback_url,
            "conversational_context": request.context,
            "custom_greeting": company.greeting,
            "document_tags": list(company.tavus_document_tags) if company.use_tavus_kb else None,
            "document_retrieval_strategy": "balanced",
            "require_auth": True,
            "max_participants": 2,
            "properties": {
                "max_call_duration": request.max_seconds,
                "participant_absent_timeout": ABSENT_SECONDS,
                "participant_left_timeout": LEFT_SECONDS,
                "enable_closed_captions": True,
                "enable_recording": False,
            },
        }
        answer = self._client.create_conversation({key: value for key, value in body.items() if value})
        call = self._as_call(answer)
        if call is None:
            raise failure("gave no conversation", outcome_unknown=True)
        if not self._may_join(call.url):
            self.end(call.call_id)
            raise failure("gave a room on a host that AISDR_ROOM_HOSTS does not allow")
        return call

    def end(self, call_id: str) -> None:
        try:
            self._client.end_conversation(call_id)
        except VendorError as error:
            # Ending a call that is over is refused with a 4xx; only a failure to reach Tavus leaves it running.
            if error.retryable or error.outcome_unknown:
                raise

    def status(self, call_id: str) -> CallStatus:
        conversation = self._client.get_conversation(call_id)
        if conversation.get("status") != "ended":
            return CallStatus(active=True)
        events = map(_object, conversation.get("events") or [])
        shutdown = next((each for each in events if each.get("event_type") == "system.shutdown"), {})
        properties = _object(shutdown.get("properties"))
        reason = either(properties, "shutdown_reason", "reason") or conversation.get("shutdown_reason")
        started, ended = _moment(conversation.get("created_at")), _moment(shutdown.get("timestamp"))
        seconds = ended - started if started is not None and ended is not None else None
        return CallStatus(active=False, reason=reason, seconds=seconds)

    def find(self, name: str) -> LiveCall | None:
        # A call that nobody joined ends by itself within a minute, but it was bought all the same.
        for status in ("active", "ended"):
            for conversation in self._client.list_conversations(status):
                call = self._as_call(conversation) if conversation.get("conversation_name") == name else None
                if call is not None:
                    return call
        return None

    def read(self, event: Mapping[str, Any]) -> LiveEvent | None:
        """Only the events that change something for us; the browser draws the rest from the raw events itself."""
        properties = _object(event.get("properties"))
        match event.get("event_type"):
            case "conversation.tool_call" | "conversation.perception_tool_call":
                return _tool_call(event, properties)
            case "conversation.utterance" if isinstance(properties.get("speech"), str) and properties["speech"]:
                role: Role = "visitor" if properties.get("role") == "user" else "assistant"
                # One row a turn for the visitor (the inference id changes within a turn), one a thought for the face.
                part = event.get("turn_idx") if role == "visitor" else event.get("inference_id")
                identity = f"{event.get('conversation_id')}|{role}|{part if part is not None else event.get('seq')}"
                return Utterance(role, properties["speech"], _short(identity))
            case "system.shutdown":
                return CallEnded(str(either(properties, "shutdown_reason", "reason") or "ended"))
            case _:
                return None

    def tool_result(
        self, event: Mapping[str, Any], call: ToolCall, result: Mapping[str, Any], *, success: bool
    ) -> dict[str, Any]:
        message = _result_message(event, call, result, success=success)
        while _length(message) > MOST_MESSAGE_CHARACTERS and (shorter := _shortened(result)) != result:
            result = shorter
            message = _result_message(event, call, result, success=success)
        return message

    def read_notice(self, body: Mapping[str, Any]) -> Notice | None:
        conversation_id = body.get("conversation_id")
        if not isinstance(conversation_id, str):
            return None
        match body.get("event_type"):
            case "system.replica_joined" | "system.pal_joined":
                return Notice(conversation_id, "joined")
            case "system.shutdown":
                return Notice(conversation_id, "ended")
            case _:
                return Notice(conversation_id, "other")

    def _as_call(self, record: Mapping[str, Any]) -> LiveCall | None:
        call_id, url = record.get("conversation_id"), record.get("conversation_url")
        if not isinstance(call_id, str) or not isinstance(url, str):
            return None
        return LiveCall(call_id, url, record.get("meeting_token"))

    def _may_join(self, url: str) -> bool:
        parts = urlsplit(url)
        host = parts.hostname or ""
        allowed = any(fnmatch(host, pattern) for pattern in self._room_hosts)
        return allowed and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _result_message(
    event: Mapping[str, Any], call: ToolCall, result: Mapping[str, Any], *, success: bool
) -> dict[str, Any]:
    envelope = {"message_type": "conversation", "conversation_id": event.get("conversation_id")}
    if _object(event.get("properties")).get("tool_call_id"):
        properties = {
            "tool_call_id": call.call_id,
            "output": dict(result),
            "status": "success" if success else "error",
        }
        return envelope | {"event_type": "conversation.tool_result", "properties": properties}
    # An inline tool of an old persona has no id and no result channel: its result becomes context.
    text = f"Result of {call.name}: {json.dumps(result, ensure_ascii=False)}"
    return envelope | {"event_type": "conversation.append_llm_context", "properties": {"context": text}}


def _length(message: Mapping[str, Any]) -> int:
    """What JavaScript counts: UTF-16 units of the JSON text."""
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le", "surrogatepass")) // 2


def _shortened(result: Mapping[str, Any]) -> dict[str, Any]:
    """One item less of the longest list; where there is no list left, half of the longest text."""
    lists = {key: value for key, value in result.items() if isinstance(value, list | tuple) and value}
    if lists:
        key = max(lists, key=lambda each: len(json.dumps(lists[each])))
        return {**result, key: list(lists[key])[:-1]}
    texts = {key: value for key, value in result.items() if isinstance(value, str) and value}
    if not texts:
        return dict(result)
    key = max(texts, key=lambda each: len(texts[each]))
    return {**result, key: texts[key][: len(texts[key]) // 2]}


def _tool_call(event: Mapping[str, Any], properties: Mapping[str, Any]) -> ToolCall | None:
    name, arguments = properties.get("name"), properties.get("arguments")
    if not isinstance(name, str):
        return None
    malformed = None
    if isinstance(arguments, str):
        try:
            arguments = from_json(arguments or "{}", allow_inf_nan=False)
        except ValueError:
            malformed = "the arguments are not valid JSON"
    if not isinstance(arguments, dict):
        malformed, arguments = malformed or "the arguments are not a JSON object", {}
    identity = properties.get("tool_call_id") or _short(
        json.dumps([event.get("conversation_id"), event.get("inference_id"), name, arguments], sort_keys=True)
    )
    return ToolCall(str(identity), name, arguments, malformed)


def _object(value: Any) -> Mapping[str, Any]:
    """What stands where an object belongs: events come through a browser, which may send anything."""
    return value if isinstance(value, Mapping) else {}


def _short(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:24]


def _moment(value: Any) -> float | None:
    """Epoch seconds of Tavus's ISO text or epoch number."""
    if isinstance(value, int | float):
        return float(value)
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except ValueError:
        return None
