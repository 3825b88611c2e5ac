"""Files that were dropped and that visitors do not find, and why: for whoever looks after the company.

`failed`: something is wrong with the file. `waiting`: it needs the operator's machine, because a function has not what
reads it. A file leaves the list when it was read or is gone, and after thirty days in any case.
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from aisdr.table import Table
from aisdr.table.schema import TIME_TO_LIVE
from aisdr.tenant import TenantScope

KEPT_SECONDS = 30 * 24 * 3600
_PREFIX = "unread#"

State = Literal["failed", "waiting"]


@dataclass(frozen=True)
class Unread:
    """One file."""

    source_id: str
    state: State
    reason: str
    """And what helps."""
    at: float
    """When it was looked at, in epoch seconds."""


class UnreadFiles:
    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def note(self, scope: TenantScope, source_id: str, state: State, reason: str) -> None:
        now = self._clock()
        self._table.put(
            {
                "pk": _owner(scope),
                "sk": _row(source_id),
                "source_id": source_id,
                "unread_state": state,
                "reason": reason,
                "looked_at": now,
                TIME_TO_LIVE: int(now + KEPT_SECONDS),
            }
        )

    def forget(self, scope: TenantScope, source_id: str) -> None:
        """It was read, or is gone; one that never was on the list is no error."""
        self._table.delete(_owner(scope), _row(source_id))

    def read(self, scope: TenantScope, source_ids: Iterable[str]) -> None:
        """The same for many, most of which never were on the list."""
        listed = {each.source_id for each in self.all(scope)}
        for source_id in listed.intersection(source_ids):
            self.forget(scope, source_id)

    def all(self, scope: TenantScope) -> list[Unread]:
        rows = self._table.query(_owner(scope), prefix=_PREFIX)
        found = (Unread(row["source_id"], row["unread_state"], row["reason"], row["looked_at"]) for row in rows)
        return sorted(found, key=lambda each: each.source_id)


def _owner(scope: TenantScope) -> str:
    return f"{scope.company_id}#ingestion"


def _row(source_id: str) -> str:
    """Shorter than any path may be: a sort key ends at 1,024 bytes, where a path may end, too."""
    return _PREFIX + hashlib.sha256(source_id.encode()).hexdigest()[:32]
