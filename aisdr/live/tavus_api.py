"""Tavus's HTTP API, in Tavus's own words.

Tavus renamed replica to Face and persona to PAL in June 2026; both name families are still served. We write the new
names and read either. Source: https://docs.tavus.io (api-reference).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aisdr.errors import LimitReached, NotConfigured, VendorError
from aisdr.live.base import MOST_ID_CHARACTERS
from aisdr.live.circuit import OUT_OF_CREDIT, Circuits
from aisdr.live.vendor_client import VendorClient, VendorPatience
from aisdr.live.vendor_http import seconds_of
from aisdr.outbound import Reply
from aisdr.secret import Secret

VENDOR = "tavus"
KEY_REFUSED = "tavus_not_configured"
Operation = Literal["create", "end", "get"]
"""What is asked while a visitor is there; each has a circuit of its own. All else operators ask."""


@dataclass(frozen=True)
class Patience(VendorPatience):
    """Seconds that an answer may take in all."""

    create: float = 8.0
    end: float = 4.0
    get: float = 3.0
    other: float = 10.0


PAGE_LENGTH, MOST_PAGES = 100, 50
_BUSY = "maximum concurrent conversations"
_UNKNOWN = re.compile(r"Invalid \w+_(id|uuid)")


class TavusClient(VendorClient[Patience]):
    """The HTTP API under `{base_url}/v2`. Each method returns Tavus's own JSON.

    Raises:
        NotConfigured: "Tavus API key not configured".
        LimitReached: `avatar_busy`, `vendor_credits`.
        VendorError: anything else.
    """

    name, vendor, key_variable, key_refused = "Tavus", VENDOR, "TAVUS_API_KEY", KEY_REFUSED

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        circuits: Circuits | None = None,
        patience: Patience = Patience(),
    ) -> None:
        super().__init__(base_url.removesuffix("/v2"), api_key, circuits, patience)

    def create_conversation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Spends money. A failure that may hide a success says `outcome_unknown`; it must not be repeated."""

        def create() -> dict[str, Any]:
            answer = self._ask("POST", "/v2/conversations", self._patience.create, spends=True, json=body)
            named, url = answer.get("conversation_id"), answer.get("conversation_url")
            usable = isinstance(named, str) and 0 < len(named) <= MOST_ID_CHARACTERS and isinstance(url, str)
            if not usable:
                raise self.down("gave no conversation", spent=True)
            return answer

        return self._buy(create)

    def get_conversation(self, conversation_id: str) -> dict[str, Any]:
        return self._call("GET", f"/v2/conversations/{conversation_id}", "get", params={"verbose": "true"})

    def list_conversations(self, status: str) -> list[dict[str, Any]]:
        return self._list("/v2/conversations", {"status": status}, "conversation_id", operation="get")

    def end_conversation(self, conversation_id: str) -> None:
        self._call("POST", f"/v2/conversations/{conversation_id}/end", "end")

    def delete_conversation(self, conversation_id: str) -> None:
        """End it first: nobody says that deleting stops the bill."""
        self._call("DELETE", f"/v2/conversations/{conversation_id}")

    def list_faces(self) -> list[dict[str, Any]]:
        return self._list("/v2/faces", {}, "face_id", "replica_id")

    def create_pal(self, body: Mapping[str, Any]) -> str:
        """Returns the PAL's id."""
        return str(either(self._call("POST", "/v2/pals", json=body), "pal_id", "persona_id"))

    def get_pal(self, pal_id: str) -> dict[str, Any]:
        pal = self._call("GET", f"/v2/pals/{pal_id}")
        wrapped = pal.get("data")  # the OpenAPI document draws a list here, live servers send the flat object
        return wrapped[0] if isinstance(wrapped, list) and wrapped else pal

    def patch_pal(self, pal_id: str, operations: list[dict[str, Any]]) -> None:
        """RFC 6902 operations; 304 (nothing changed) is success."""
        self._call("PATCH", f"/v2/pals/{pal_id}", json=operations)

    def list_pals(self) -> list[dict[str, Any]]:
        """The account's own, without Tavus's stock."""
        return self._list("/v2/pals", {"pal_type": "user"}, "pal_id", "persona_id")

    def list_tools(self) -> list[dict[str, Any]]:
        return self._list("/v2/tools", {"type": "user"}, "tool_id")

    def create_tool(self, body: Mapping[str, Any]) -> str:
        """Returns the tool's id."""
        return str(self._call("POST", "/v2/tools", json=body)["tool_id"])

    def update_tool(self, tool_id: str, body: Mapping[str, Any]) -> None:
        self._call("PATCH", f"/v2/tools/{tool_id}", json=body)

    def pal_tools(self, pal_id: str) -> list[dict[str, Any]]:
        return self._list(f"/v2/pals/{pal_id}/tools", {}, "tool_id")

    def attach_tools(self, pal_id: str, tool_ids: list[str]) -> None:
        self._call("POST", f"/v2/pals/{pal_id}/tools", json={"tool_ids": tool_ids})

    def detach_tool(self, pal_id: str, tool_id: str) -> None:
        self._call("DELETE", f"/v2/pals/{pal_id}/tools/{tool_id}")

    def list_guardrails(self) -> list[dict[str, Any]]:
        """Single guardrails, not the sets of before May 2026."""
        return self._list("/v2/guardrails", {"legacy": "false"}, "uuid")

    def create_guardrail(self, body: Mapping[str, Any]) -> str:
        """Returns the guardrail's id."""
        return str(self._call("POST", "/v2/guardrails", json=body)["uuid"])

    def delete_guardrail(self, guardrail_id: str) -> None:
        self._call("DELETE", f"/v2/guardrails/{guardrail_id}")

    def create_document(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._call("POST", "/v2/documents", json=body)

    def get_document(self, document_id: str) -> dict[str, Any]:
        return self._call("GET", f"/v2/documents/{document_id}")

    def list_documents(self) -> list[dict[str, Any]]:
        return self._list("/v2/documents", {}, "document_id")

    def patch_document(self, document_id: str, changes: Mapping[str, Any]) -> None:
        """`document_name` and `tags` (all of them); an address cannot be changed."""
        self._call("PATCH", f"/v2/documents/{document_id}", json=changes)

    def delete_document(self, document_id: str) -> None:
        self._call("DELETE", f"/v2/documents/{document_id}")

    def _list(
        self, path: str, params: Mapping[str, str], *identity: str, operation: Operation | None = None
    ) -> list[dict[str, Any]]:
        """Every item, whatever number the first page has (0 or 1, by list) and however long a page may be."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(MOST_PAGES):
            asked = {**params, "limit": str(PAGE_LENGTH), "page": str(page)}
            answer = self._call("GET", path, operation, params=asked)
            data = answer.get("data")
            items = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
            found |= {str(either(each, *identity)): each for each in items}
            if (page > 0 and not items) or len(found) >= int(answer.get("total_count") or 0):
                break
        return list(found.values())

    def _look(self) -> None:
        self._ask("GET", "/v2/conversations", self._patience.look, params={"limit": "1"})

    def _call(self, method: str, path: str, operation: Operation | None = None, **request: Any) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            return self._ask(method, path, getattr(self._patience, operation or "other"), **request)

        return self._ask_again(operation, ask) if operation else ask()

    def _ask(self, method: str, path: str, seconds: float, *, spends: bool = False, **request: Any) -> dict[str, Any]:
        """`request` holds `json` or `params`."""

        def ask(key: str) -> dict[str, Any]:
            headers = {"x-api-key": key}
            reply = self._send(method, path, seconds, spends=spends, headers=headers, **request)
            if reply.status == 304:
                return {}
            if reply.status >= 400:
                raise _refusal(reply, _said(reply.body).replace(key, "(key)"), spends=spends)
            if not 200 <= reply.status < 300 or not reply.complete:
                raise self.down("answered something unexpected", spent=spends)
            return _object(reply.body, spends=spends) if reply.body or spends else {}

        return self._with_the_newest_key(ask)


def failure(what: str) -> VendorError:
    """Tavus did not do what it was asked."""
    return VendorError(f"Tavus {what}", vendor=VENDOR)


def _object(body: bytes, *, spends: bool) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise TavusClient.down("answered something unreadable", spent=spends) from error
    if not isinstance(answer, dict):
        raise TavusClient.down("answered something unexpected", spent=spends)
    return answer


def _refusal(reply: Reply, said: str, *, spends: bool) -> Exception:
    """Tavus says "busy" with 400 and "no credit" with 402: capacity, not failure, so the body decides."""
    if _BUSY in said:
        return LimitReached("All video avatars are busy; try again in a minute", code="avatar_busy")
    if reply.status == 402:
        return LimitReached("The Tavus account is out of conversational credits", code=OUT_OF_CREDIT)
    if reply.status in (401, 403):
        return NotConfigured("Tavus refused the API key; check TAVUS_API_KEY", code=KEY_REFUSED)
    again = seconds_of(reply.headers.get("retry-after"))
    if reply.status == 429 and spends:
        return LimitReached(
            "Too many video calls begin at once; try again in a minute", code="avatar_busy", retry_after=again
        )
    if reply.status >= 500:
        return TavusClient.down(f"failed with {reply.status}", spent=spends)
    return VendorError(
        f"Tavus refused with {reply.status}: {said[:200]}",
        vendor=VENDOR,
        retryable=reply.status == 429,
        code=_code(reply.status, said),
        retry_after=again,
    )


def _said(body: bytes) -> str:
    try:
        record = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(either(record, "message", "error", "detail") or "") if isinstance(record, dict) else ""


def _code(status: int, said: str) -> str | None:
    # Only some families say 404; the others call an id that they do not know invalid.
    if status == 404 or _UNKNOWN.fullmatch(said):
        return "vendor_not_found"
    return "vendor_conflict" if status == 409 else None


def either(record: Mapping[str, Any], *names: str) -> Any:
    """The first of several names that a record has a value under: the newer, or the older word."""
    return next((record[name] for name in names if record.get(name) is not None), None)
