"""What the doctor says of one thing: it works, it does not and what helps, or nobody needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from websockets.exceptions import WebSocketException

from aisdr.errors import AisdrError

FAILURES = (BotoCoreError, ClientError, httpx.HTTPError, WebSocketException, OSError, ValueError)
"""How stores, vendors and our own doors fail when they are asked from outside."""


@dataclass(frozen=True)
class Finding:
    """`remedy` is what to do about a failure."""

    what: str
    state: Literal["ok", "failed", "skipped"]
    told: str = ""
    remedy: str = ""


class Broken(Exception):
    """A check found something wrong. `remedy` is for this very fault."""

    def __init__(self, told: str, remedy: str) -> None:
        super().__init__(told)
        self.told, self.remedy = told, remedy


def look(what: str, ask: Callable[[], str], remedy: str) -> Finding:
    """`ask` returns what it found, or fails; `remedy` is for failures that bring none of their own."""
    try:
        return Finding(what, "ok", ask())
    except Broken as broken:
        return Finding(what, "failed", broken.told, broken.remedy)
    except AisdrError as error:
        return Finding(what, "failed", error.message, remedy)
    except FAILURES as error:
        return Finding(what, "failed", _named(error), remedy)


def skip(what: str, why: str) -> Finding:
    return Finding(what, "skipped", why)


def _named(error: Exception) -> str:
    """By its kind, and AWS's by its code: a whole message may hold an address with a secret in it."""
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"answered {status}" if status else type(error).__name__
