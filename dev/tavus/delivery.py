"""Tools with an address of their own: the vendor's servers call it, sign the call, and hand on what it answers."""

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

MOST_SECONDS = 60


class Deliveries:
    """Signed with HMAC a call is tried once more after a 5xx and never after a 4xx; its body carries no time."""

    def __init__(self) -> None:
        self._client = httpx.AsyncClient(timeout=MOST_SECONDS)

    async def call(self, tool: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
        """The result as the avatar takes it: `output` and `status`."""
        api = tool["delivery"]["api"]
        body = json.dumps({name: call[name] for name in ("name", "arguments", "conversation_id", "tool_call_id")})
        tries = 2 if (api.get("auth") or {}).get("type") == "hmac" else 1
        for attempt in range(tries):
            began = time.monotonic()
            try:
                answer = await self._client.request(
                    api.get("method", "POST"), api["url"], content=body, headers=_headers(api, body.encode())
                )
            except (httpx.HTTPError, httpx.InvalidURL) as failed:
                return {"output": type(failed).__name__, "status": "error"}
            if answer.is_success:
                return {"output": answer.text, "status": "success"}
            if answer.status_code < 500 or attempt + 1 == tries or time.monotonic() - began > MOST_SECONDS:
                break
        return {"output": f"HTTP {answer.status_code}", "status": "error"}

    async def close(self) -> None:
        await self._client.aclose()


def _headers(api: dict[str, Any], body: bytes) -> dict[str, str]:
    auth, headers = api.get("auth") or {}, {"Content-Type": "application/json"}
    match auth.get("type"):
        case "hmac":
            headers["X-Tavus-Signature"] = hmac.new(auth["secret"].encode(), body, hashlib.sha256).hexdigest()
        case "bearer":
            headers["Authorization"] = f"Bearer {auth['token']}"
        case "api_key":
            headers[auth.get("name", "x-api-key")] = auth["value"]
    return headers
