"""What the look-alike was asked: every request, without secrets."""

import json
import re
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from dev.tavus.clock import iso

_SECRET = re.compile(r"key|secret|token|password|authorization", re.IGNORECASE)


class Journal:
    def __init__(self) -> None:
        self.requests: deque[dict[str, Any]] = deque(maxlen=500)

    def asked(self, now: float, method: str, path: str, query: str, body: bytes) -> dict[str, Any]:
        record = {"at": iso(now), "method": method, "path": path, "query": query, "body": _without_secrets(body)}
        self.requests.append(record)
        return record


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
