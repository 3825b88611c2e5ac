"""Tavus CVI: video calls with an avatar, from the wish for one to its end.

What is said in a call stands in `tavus_events.py` and `tavus_messages.py`, webhooks in `tavus_notices.py`, the HTTP API
in `tavus_api.py`. Source: https://docs.tavus.io
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.errors import Forbidden, VendorError
from aisdr.events import LiveEvent, ToolCall
from aisdr.live import tavus_messages as messages
from aisdr.live.arguments import as_object
from aisdr.live.base import CallRequest, CallStatus, LiveCall, Notice, RawMessage, ToolOutput
from aisdr.live.spoken import earlier
from aisdr.live.tavus_api import VENDOR, TavusClient, either, failure
from aisdr.live.tavus_events import ending, read_event
from aisdr.live.tavus_languages import call_language
from aisdr.live.tavus_notices import moment, read_notice

ABSENT_SECONDS = 60
"""Ends a call that nobody joined; also the life of the meeting token. Tavus bills from creation, its default is 300."""
LEFT_SECONDS = 15
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class TavusVideo:
    """The live vendor `tavus`: a Daily room with a talking face, driven by app-messages."""

    name = VENDOR
    mode: Mode = "video"
    repeats_typed = True
    tells_end = True
    not_created = "Failed to create Tavus session: try again in a minute, or go on in text"

    def __init__(self, client: TavusClient, room_hosts: tuple[str, ...], minute_price: float) -> None:
        self._client = client
        self._room_hosts = room_hosts
        self.minute_price = minute_price

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
            "conversational_context": _context(request),
            "custom_greeting": request.greeting,
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
            }
            | ({"language": language} if (language := call_language(company.languages)) else {}),
        }
        answer = self._client.create_conversation({key: value for key, value in body.items() if value})
        call = self._as_call(answer)
        if call is None:
            raise TavusClient.down("gave no conversation", spent=True)
        if not self._may_join(call.url):
            try:
                self.end(call.call_id)
            except VendorError as error:
                raise TavusClient.down(
                    "gave a room on a host that is not allowed, and does not end it", spent=True
                ) from error
            raise failure("gave a room on a host that AISDR_ROOM_HOSTS does not allow")
        return call

    def end(self, call_id: str) -> None:
        try:
            self._client.end_conversation(call_id)
        except VendorError as error:
            # Ending a call that is over is refused with a 4xx; only a failure to reach Tavus leaves it running.
            if error.retryable or error.outcome_unknown:
                raise

    def forget(self, call_id: str) -> None:
        try:
            self._client.delete_conversation(call_id)
        except VendorError as error:
            if error.code != "vendor_not_found":
                raise  # only its absence proves that it is gone

    def status(self, call_id: str) -> CallStatus:
        conversation = self._client.get_conversation(call_id)
        if conversation.get("status") != "ended":
            return CallStatus(active=True)
        events = map(as_object, conversation.get("events") or [])
        shutdown = next((each for each in events if each.get("event_type") == "system.shutdown"), {})
        properties = as_object(shutdown.get("properties"))
        reason = either(properties, "shutdown_reason", "reason") or conversation.get("shutdown_reason")
        started, ended = moment(conversation.get("created_at")), moment(shutdown.get("timestamp"))
        seconds = ended - started if started is not None and ended is not None else None
        return CallStatus(active=False, reason=ending(reason) if reason else None, seconds=seconds)

    def recorded(self, call_id: str) -> Sequence[Notice]:
        conversation = self._client.get_conversation(call_id)
        events = map(as_object, conversation.get("events") or [])
        notices = (read_notice({**event, "conversation_id": call_id}) for event in events)
        return [notice for notice in notices if notice]

    def find(self, name: str) -> LiveCall | None:
        # A call that nobody joined ends by itself within a minute, but it was bought all the same.
        for status in ("active", "ended"):
            for conversation in self._client.list_conversations(status):
                call = self._as_call(conversation) if conversation.get("conversation_name") == name else None
                if call is not None:
                    return call
        return None

    def read(self, event: Mapping[str, Any]) -> Sequence[LiveEvent]:
        return read_event(event)

    def tool_results(
        self, event: Mapping[str, Any], results: Sequence[tuple[ToolCall, ToolOutput]]
    ) -> list[RawMessage]:
        return [message for call, output in results for message in messages.results(event, call, output)]

    def typed(self, call_id: str, text: str) -> list[RawMessage]:
        return messages.typed(call_id, text)

    def told(self, call_id: str, text: str) -> list[RawMessage]:
        return messages.context(call_id, text)

    def spoken(self, call_id: str, text: str) -> list[RawMessage]:
        return messages.speech(call_id, text)

    def interrupted(self, call_id: str) -> list[RawMessage]:
        return messages.interruption(call_id)

    def read_notice(self, body: Mapping[str, Any]) -> Notice | None:
        return read_notice(body)

    def _as_call(self, record: Mapping[str, Any]) -> LiveCall | None:
        call_id, url = record.get("conversation_id"), record.get("conversation_url")
        if not isinstance(call_id, str) or not isinstance(url, str):
            return None
        return LiveCall(call_id, url, record.get("meeting_token"))

    def _may_join(self, url: str | None) -> bool:
        parts = urlsplit(url or "")
        host = parts.hostname or ""
        allowed = any(fnmatch(host, pattern) for pattern in self._room_hosts)
        return allowed and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _context(request: CallRequest) -> str:
    """What was said so far; a face without a PAL of the company's own is told for whom it speaks as well."""
    introduction = "" if request.company.tavus_persona_id else request.company.introduction()
    return "\n\n".join(part for part in (introduction, earlier(request.context)) if part)
