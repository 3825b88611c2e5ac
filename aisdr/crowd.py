"""How many sockets a company has open at once, so that one company's crowd leaves room for the others.

Counted by the ten minutes in which they were opened. `$disconnect` may never come, and a single count would go up for
ever; but API Gateway ends every socket after two hours, so what was opened before that counts no more, whoever told
its end.
"""

import time
from collections.abc import Callable

from aisdr.errors import LimitReached
from aisdr.table import Table

MOST_SOCKETS = 2000
SOCKET_SECONDS = 2 * 3600
_PART_SECONDS = 600
_PREFIX = "opened#"


class Crowd:
    """Each company's open sockets, never fewer than there are."""

    def __init__(self, table: Table, most: int = MOST_SOCKETS, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._most = most
        self._clock = clock

    def enter(self, company_id: str, opened_at: float) -> None:
        """Counts first and looks then: of many at once never more get in than fit, at worst a few less.

        Raises:
            LimitReached: `sockets_busy`.
        """
        self._count(company_id, opened_at, 1)
        if self.size(company_id) > self._most:
            self._count(company_id, opened_at, -1)
            raise LimitReached(
                f"All {self._most} sockets of this company are open; try again in a minute, or ask over HTTP",
                code="sockets_busy",
            )

    def leave(self, company_id: str, opened_at: float) -> None:
        """To be called once for each that entered."""
        self._count(company_id, opened_at, -1)

    def size(self, company_id: str) -> int:
        begin = f"{_part(self._clock() - SOCKET_SECONDS):012d}"
        parts = self._table.query(_crowd_key(company_id), prefix=_PREFIX, start=begin)
        return sum(max(0, int(part["sockets"])) for part in parts)

    def _count(self, company_id: str, opened_at: float, sockets: int) -> None:
        expires_at = int(opened_at + SOCKET_SECONDS + 2 * _PART_SECONDS)
        self._table.update(
            _crowd_key(company_id),
            f"{_PREFIX}{_part(opened_at):012d}",
            "ADD sockets :count SET expires_at = :expires",
            values={":count": sockets, ":expires": expires_at},
        )


def _crowd_key(company_id: str) -> str:
    return f"{company_id}#sockets"


def _part(moment: float) -> int:
    return int(moment) // _PART_SECONDS
