"""Tavus's HTTP API, in Tavus's own words.

Tavus renamed replica to Face and persona to PAL in June 2026; both name families are still served. We write the new
names and read either. Source: https://docs.tavus.io (api-reference).
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import httpx

from aisdr.errors import LimitReached, NotConfigured, VendorError
from aisdr.observability import TRACED
from aisdr.secret import Secret

VENDOR = "tavus"
CREATE_TIMEOUT = httpx.Timeout(8.0, connect=2.0)
READ_TIMEOUT = httpx.Timeout(4.0, connect=2.0)
PAGE_LENGTH, MOST_PAGES = 100, 50
_BUSY = "maximum concurrent conversations"
_UNKNOWN = re.compile(r"Invalid \w+_(id|uuid)")


class TavusClient:
    """The HTTP API under `{base_url}/v2`. Each method returns Tavus's own JSON.

    Raises:
        NotConfigured: "Tavus API key not configured".
        LimitReached: `avatar_busy`, `vendor_credits`.
        VendorError: anything else.
    """

    def __init__(self, base_url: str, api_key: Secret | None) -> None:
        self._base_url = base_url.removesuffix("/v2")
        self._api_key = api_key

    @cached_property
    def _http(self) -> httpx.Client:
        """Made when the vendor is first asked: it reads every certificate authority of the world."""
        return httpx.Client(timeout=READ_TIMEOUT, event_hooks=TRACED)

    def key(self) -> str:
        """Raises: NotConfigured."""
        if not self._api_key:
            raise NotConfigured("Tavus API key not configured: set TAVUS_API_KEY", code="tavus_not_configured")
        return self._api_key.get_secret_value()

    def create_conversation(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Spends money. A failure that may hide a success says `outcome_unknown`; it must not be repeated."""
        return self._call("POST", "/v2/conversations", json=body, spends=True)

    def get_conversation(self, conversation_id: str) -> dict[str, Any]:
        return self._call("GET", f"/v2/conversations/{conversation_id}", params={"verbose": "true"})

    def list_conversations(self, status: str) -> list[dict[str, Any]]:
        return self._list("/v2/conversations", {"status": status}, "conversation_id")

    def end_conversation(self, conversation_id: str) -> None:
        self._call("POST", f"/v2/conversations/{conversation_id}/end")

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

    def _list(self, path: str, params: Mapping[str, str], *identity: str) -> list[dict[str, Any]]:
        """Every item, whatever number the first page has (0 or 1, by list) and however long a page may be."""
        found: dict[str, dict[str, Any]] = {}
        for page in range(MOST_PAGES):
            answer = self._call("GET", path, params={**params, "limit": str(PAGE_LENGTH), "page": str(page)})
            data = answer.get("data")
            items = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
            found |= {str(either(each, *identity)): each for each in items}
            if (page > 0 and not items) or len(found) >= int(answer.get("total_count") or 0):
                break
        return list(found.values())

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
            raise failure("cannot be reached", retryable=True) from error
        except httpx.HTTPError as error:
            raise failure("did not answer cleanly", retryable=not spends, outcome_unknown=spends) from error
        if response.status_code == 304:
            return {}
        if response.is_error:
            raise _refusal(response, spends=spends)
        if not response.content:
            return {}
        try:
            answer = response.json()
        except ValueError as error:
            raise failure("answered something unreadable", retryable=not spends, outcome_unknown=spends) from error
        if not isinstance(answer, dict):
            raise failure("answered something unexpected", retryable=not spends, outcome_unknown=spends)
        return answer


def failure(what: str, *, retryable: bool = False, outcome_unknown: bool = False) -> VendorError:
    """Tavus did not do what it was asked."""
    return VendorError(f"Tavus {what}", vendor=VENDOR, retryable=retryable, outcome_unknown=outcome_unknown)


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
        return failure(f"failed with {response.status_code}", retryable=not spends, outcome_unknown=spends)
    return VendorError(
        f"Tavus refused with {response.status_code}: {said[:200]}",
        vendor=VENDOR,
        retryable=response.status_code == 429,
        code=_code(response.status_code, said),
    )


def _code(status: int, said: str) -> str | None:
    # Only some families say 404; the others call an id that they do not know invalid.
    if status == 404 or _UNKNOWN.fullmatch(said):
        return "vendor_not_found"
    return "vendor_conflict" if status == 409 else None


def either(record: Mapping[str, Any], *names: str) -> Any:
    """The first of several names that a record has a value under: the newer, or the older word."""
    return next((record[name] for name in names if record.get(name) is not None), None)
