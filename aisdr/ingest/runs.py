"""Whether the last run over an origin came to its end: a crawl that did not has links that nobody has followed yet."""

import time
from collections.abc import Callable

from aisdr.table import Table
from aisdr.tenant import TenantScope


class Runs:
    """One row for each origin of a company."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def finished(self, scope: TenantScope, origin: str) -> bool:
        """True for an origin that was never begun, too."""
        row = self._table.get(*_key(scope, origin))
        return row is None or bool(row["complete"])

    def begin(self, scope: TenantScope, origin: str) -> None:
        pk, sk = _key(scope, origin)
        self._table.put({"pk": pk, "sk": sk, "began_at": self._clock(), "complete": False})

    def complete(self, scope: TenantScope, origin: str) -> None:
        pk, sk = _key(scope, origin)
        self._table.put({"pk": pk, "sk": sk, "ended_at": self._clock(), "complete": True})


def _key(scope: TenantScope, origin: str) -> tuple[str, str]:
    return f"{scope.company_id}#ingestion", f"origin#{origin}"
