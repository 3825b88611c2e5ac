"""Tavus CVI: video calls with an avatar. Every word of Tavus's API stands in this file.

Tavus renamed replica to Face and persona to PAL in June 2026; both name families are still served. We write the new
names and read either. Source: https://docs.tavus.io (api-reference, interactions protocol, webhooks).
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatch
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from pydantic_core import from_json

from aisdr.errors import LimitReached, NotConfigured, VendorError
from aisdr.events import CallEnded, LiveEvent, Role, ToolCall, Utterance
from aisdr.live.base import CallRequest, CallStatus, LiveCall, Notice

ABSENT_SECONDS = 60
"""Ends a call that nobody joined; also the life of the meeting token. Tavus bills from creation, its default is 300."""
LEFT_SECONDS = 15
CREATE_TIMEOUT = httpx.Timeout(8.0, connect=2.0)
READ_TIMEOUT = httpx.Timeout(4.0, connect=2.0)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_BUSY = "maximum concurrent conversations"
_VENDOR = "tavus"


class TavusClient:
    """The HTTP API under `{base_url}/v2`. Each method returns Tavus's own JSON.

    Raises:
        NotConfigured: "Tavus API key not configured".
        LimitReached: `avatar_busy`, `vendor_credits`.
        VendorError: anything else.
    """

    def __init__(self, base_url: str, api_key: SecretStr | None) -> None:
        self._base_url = base_url.removesuffix("/v2")
        self._api_key = api_key
        self._http = httpx.Client(timeout=READ_TIMEOUT)

    def key(self) -> str:
        """Raises: NotConfigured."""
        if self._api_key is None:
            raise NotConfigured("Tavus API key not configured: set TAVUS_API_KEY", code="tavus_not_configured")
        return self._api_key.get_secret_value()

    def create_conversation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Spends money. A failure that may hide a success says `outcome_unknown`; it must not be repeated."""
        return self._call("POST", "/v2/conversations", json=body, spends=True)

    def get_conversation(self, conversation_id: str) -> dict[str, Any]:
        return self._call("GET", f"/v2/conversations/{conversation_id}", params={"verbose": "true"})

    def list_conversations(self, status: str) -> list[dict[str, Any]]:
        return self._list("/v2/conversations", {"status": status})

    def end_conversation(self, conversation_id: str) -> None:
        self._call("POST", f"/v2/conversations/{conversation_id}/end")

    def delete_conversation(self, conversation_id: str, *, hard: bool = False) -> None:
        self._call("DELETE", f"/v2/conversations/{conversation_id}", params={"hard": "true"} if hard else None)

    def list_faces(self) -> list[dict[str, Any]]:
        return self._list("/v2/faces", {})

    def create_pal(self, body: Mapping[str, Any]) -> str:
        """Returns the PAL's id."""
        return str(_either(self._call("POST", "/v2/pals", json=body), "pal_id", "persona_id"))

    def get_pal(self, pal_id: str) -> dict[str, Any]:
        pal = self._call("GET", f"/v2/pals/{pal_id}")
        wrapped = pal.get("data")  # the OpenAPI document draws a list here, live servers send the flat object
        return wrapped[0] if isinstance(wrapped, list) and wrapped else pal

    def patch_pal(self, pal_id: str, operations: list[dict[str, Any]]) -> None:
        """RFC 6902 operations; 304 (nothing changed) is success."""
        self._call("PATCH", f"/v2/pals/{pal_id}", json=operations)

    def put_tool(self, body: Mapping[str, Any]) -> str:
        """Creates the account's tool of this name, or brings it up to date. Returns its id."""
        named = self._list("/v2/tools", {"name_or_uuid": body["name"]})
        known = next((each for each in named if each.get("name") == body["name"]), None)
        if known is None:
            return str(self._call("POST", "/v2/tools", json=body)["tool_id"])
        self._call("PATCH", f"/v2/tools/{known['tool_id']}", json=body)
        return str(known["tool_id"])

    def attach_tools(self, pal_id: str, tool_ids: list[str]) -> None:
        self._call("POST", f"/v2/pals/{pal_id}/tools", json={"tool_ids": tool_ids})

    def create_document(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._call("POST", "/v2/documents", json=body)

    def get_document(self, document_id: str) -> dict[str, Any]:
        return self._call("GET", f"/v2/documents/{document_id}")

    def delete_document(self, document_id: str) -> None:
        self._call("DELETE", f"/v2/documents/{document_id}")

    def _list(self, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        # The first page is 0 for some lists and 1 for others; one large page avoids the question.
        answer = self._call("GET", path, params={**params, "limit": "1000"})
        data = answer.get("data")
        return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []

    def _call(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None, spends: bool = False
    ) -> dict[str, Any]:
        headers = {"x-api-key": self.key()}
        try:
            response = self._http.request(
                method,
                f"{self._base_url}{path}",
                json=json,
                params=params,
                headers=headers,
                timeout=CREATE_TIMEOUT if spends else READ_TIMEOUT,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _failure("cannot be reached", retryable=True) from error
        except httpx.HTTPError as error:
            raise _failure("did not answer cleanly", retryable=not spends, outcome_unknown=spends) from error
        if response.status_code == 304:
            return {}
        if response.is_error:
            raise _refusal(response, spends=spends)
        if not response.content:
            return {}
        try:
            answer = response.json()
        except ValueError as error:
            raise _failure("answered something unreadable", retryable=not spends, outcome_unknown=spends) from error
        if not isinstance(answer, dict):
            raise _failure("answered something unexpected", retryable=not spends, outcome_unknown=spends)
        return answer


class TavusDocuments:
    """A company's sources as documents of the Tavus knowledge base, which the avatar's brain reads in a call."""

    def __init__(self, client: TavusClient) -> None:
        self._client = client

    def register(self, name: str, url: str, tags: tuple[str, ...]) -> str:
        """Asks Tavus to read a public address (there is no upload). Returns the new document's id."""
        body = {"document_name": name, "document_url": url, "tags": list(tags)}
        return str(self._client.create_document(body)["document_id"])

    def remove(self, document_id: str) -> None:
        """One that is gone already is no error."""
        try:
            self._client.delete_document(document_id)
        except VendorError as error:
            if error.code != "vendor_not_found":
                raise


def _failure(what: str, *, retryable: bool = False, outcome_unknown: bool = False) -> VendorError:
    return VendorError(f"Tavus {what}", vendor=_VENDOR, retryable=retryable, outcome_unknown=outcome_unknown)


def _refusal(response: httpx.Response, *, spends: bool) -> Exception:
    """Tavus says "busy" with 400 and "no credit" with 402: capacity, not failure, so the body decides."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    said = str(next((body[key] for key in ("message", "error", "detail") if body.get(key)), "")) if body else ""
    if _BUSY in said:
        return LimitReached("All video avatars are busy; try again in a minute", code="avatar_busy")
    if response.status_code == 402:
        return LimitReached("The Tavus account is out of conversational credits", code="vendor_credits")
    if response.status_code == 401:
        return NotConfigured("Tavus refused the API key; check TAVUS_API_KEY", code="tavus_not_configured")
    if response.status_code >= 500:
        return _failure(f"failed with {response.status_code}", retryable=not spends, outcome_unknown=spends)
    return VendorError(
        f"Tavus refused with {response.status_code}: {said[:200]}",
        vendor=_VENDOR,
        retryable=response.status_code == 429,
        code="vendor_not_found" if response.status_code == 404 else None,
    )


def _either(record: Mapping[str, Any], *names: str) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


class TavusVideo:
    """The live vendor `tavus`: a Daily room with a talking face, driven by app-messages."""

    name = _VENDOR

    def __init__(self, client: TavusClient, room_hosts: tuple[str, ...]) -> None:
        self._client = client
        self._room_hosts = room_hosts

    def check_configured(self) -> None:
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
            raise _failure("gave no conversation", outcome_unknown=True)
        if not self._may_join(call.url):
            self.end(call.call_id)
            raise _failure("gave a room on a host that AISDR_ROOM_HOSTS does not allow")
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
        reason = _either(properties, "shutdown_reason", "reason") or conversation.get("shutdown_reason")
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
                return CallEnded(str(_either(properties, "shutdown_reason", "reason") or "ended"))
            case _:
                return None

    def tool_result(
        self, event: Mapping[str, Any], call: ToolCall, result: Mapping[str, Any], *, success: bool
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
        face = _either(record, "face_id", "replica_id")
        return LiveCall(call_id, url, record.get("meeting_token"), str(face) if face else None)

    def _may_join(self, url: str) -> bool:
        parts = urlsplit(url)
        host = parts.hostname or ""
        allowed = any(fnmatch(host, pattern) for pattern in self._room_hosts)
        return allowed and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


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
