"""How OpenAI, and servers that speak like it, refuse, in our words.

Their own messages stay out: they may quote the key or the conversation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from aisdr.inference.surrogates import whole

_REMEDIES = {
    401: "the key was refused: check OPENAI_API_KEY",
    403: "the key may not use this model",
    429: "the rate limit or the budget of the key is used up",
}


@dataclass(frozen=True)
class Refusal:
    """What it means, and whether trying again makes sense."""

    what: str
    retryable: bool


def refusal(response: httpx.Response, remedies: Mapping[int, str]) -> Refusal:
    """`remedies` are for the statuses that mean something else from door to door."""
    status, code = response.status_code, error_code(response)
    remedy = (_REMEDIES | dict(remedies)).get(status, f"the server answered {status}")
    # A key without money is answered with 429 too, and waiting does not fill it.
    retryable = (status in (408, 409, 429) or status >= 500) and code != "insufficient_quota"
    return Refusal(f"{remedy}{f' ({code})' if code else ''}", retryable)


def error_code(response: httpx.Response) -> str:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return ""
    return error_kind(body.get("error")) if isinstance(body, dict) else ""


def error_kind(error: Any) -> str:
    """The error's code or type."""
    return whole(str(error.get("code") or error.get("type") or ""))[:80] if isinstance(error, dict) else ""
