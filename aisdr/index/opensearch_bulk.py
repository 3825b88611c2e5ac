"""Writing many documents at once: each is taken or refused by itself, and what found no room is sent again.

Source: https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
"""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import stamina

from aisdr.errors import VendorError
from aisdr.index.opensearch_answers import VENDOR
from aisdr.index.opensearch_layout import Json

BATCH_BYTES = 5_000_000
ATTEMPTS = 6
BASE_SECONDS, MOST_SECONDS = 0.1, 2.0
_PASSING = frozenset({409, 429, 500, 502, 503, 504})
"""No room just now, a part of the index that moves, another writer at the same document: a moment later it fits."""


@dataclass(frozen=True)
class _Action:
    """One line of a batch, or two: what to do with a document, and the document."""

    key: str
    lines: tuple[str, ...]


class _NoRoomYet(Exception):
    pass


def batches(lines: Sequence[Json]) -> list[str]:
    """Newline-delimited JSON, cut by bytes, since lines differ widely; an action and its document stay together."""
    cut: list[str] = []
    current: list[str] = []
    size = 0
    for line in lines:
        text = json.dumps(line)
        if size > BATCH_BYTES and ("index" in line or "delete" in line):
            cut.append("\n".join(current) + "\n")
            current, size = [], 0
        current.append(text)
        size += len(text)
    return [*cut, "\n".join(current) + "\n"] if current else cut


def write(batch: str, send: Callable[[str], Json]) -> None:
    """Sends a batch, and then again only those of its documents that found no room: nothing stands twice.

    Args:
        batch: newline-delimited JSON.
        send: posts one, and returns what became of each document.

    Raises:
        VendorError: a document was refused, or found no room in six attempts; the message names it.
    """
    left, tried = list(_actions(batch)), 0

    def wait_for(error: Exception) -> bool | float:
        nonlocal tried
        tried += 1
        full_jitter = random.uniform(0, min(MOST_SECONDS, BASE_SECONDS * 2**tried))  # noqa: S311 - only spreads writers  # nosec B311
        return full_jitter if isinstance(error, _NoRoomYet) else False

    try:
        for attempt in stamina.retry_context(on=wait_for, attempts=ATTEMPTS, timeout=None):
            with attempt:
                left = _without_room(left, send("\n".join(line for each in left for line in each.lines) + "\n"))
                if left:
                    raise _NoRoomYet
    except _NoRoomYet:
        raise VendorError(
            f"OpenSearch has no room for {len(left)} documents, first '{left[0].key}'; ingest again later",
            vendor=VENDOR,
            retryable=True,
        ) from None


def _actions(batch: str) -> Iterator[_Action]:
    lines = iter(batch.splitlines())
    for line in lines:
        ((verb, target),) = json.loads(line).items()
        yield _Action(str(target["_id"]), (line,) if verb == "delete" else (line, next(lines)))


def _without_room(sent: list[_Action], answer: Json) -> list[_Action]:
    left: list[_Action] = []
    for each, item in zip(sent, answer["items"], strict=True):
        ((verb, outcome),) = item.items()
        status = outcome["status"]
        if status < 300 or (verb == "delete" and status == 404):
            continue
        if status not in _PASSING:
            kind = outcome.get("error", {}).get("type", "unknown")
            raise VendorError(f"OpenSearch did not take the document '{each.key}' ({kind})", vendor=VENDOR)
        left.append(each)
    return left
