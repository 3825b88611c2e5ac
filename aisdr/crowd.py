"""How many sockets a company has open at once, and how many of them from one network: so that one company's crowd
leaves room for the others, and one visitor's for the company's own.

Counted by the ten minutes in which they were opened. `$disconnect` may never come, and a single count would go up for
ever; but API Gateway ends every socket after two hours, so what was opened before that counts no more, whoever told
its end. A count is one row, with an attribute for each ten minutes: the write that adds to it tells the sum.
"""

import time
from collections.abc import Callable

from aisdr.errors import LimitReached
from aisdr.table import Item, Table

MOST_SOCKETS = 2000
MOST_OF_A_NETWORK = 200
"""An office comes from one address, and a socket is there while somebody asks something, or has asked it and has the
page open. Of 2,000 people in one office one in ten would have to be at it with the same company at the same time."""
SOCKET_SECONDS = 2 * 3600
_PART_SECONDS = 600
_PREFIX = "opened_"


class Crowd:
    """Each company's open sockets, and each network's among them: more than there are as long as an end is not told,
    and one less where the table's answer to an end was lost and it was counted twice.

    Args:
        most_of_a_network: of one company.
    """

    def __init__(
        self,
        table: Table,
        most: int = MOST_SOCKETS,
        clock: Callable[[], float] = time.time,
        *,
        most_of_a_network: int = MOST_OF_A_NETWORK,
    ) -> None:
        self._table = table
        self._most = most
        self._most_of_a_network = most_of_a_network
        self._clock = clock

    def enter(self, company_id: str, opened_at: float, network: str | None = None) -> None:
        """Counts first and looks then: of many at once never more get in than fit, at worst a few less.

        Args:
            network: the mark of where the visitor is; None when that is not known, and then it is not looked at.

        Raises:
            LimitReached: `sockets_busy`, `network_sockets_busy`.
        """
        if network is not None and self._add(_key(company_id, network), opened_at) > self._most_of_a_network:
            self._take(_key(company_id, network), opened_at)
            raise LimitReached(
                f"All {self._most_of_a_network} sockets that one network may have here are open; close some, or ask "
                "over HTTP",
                code="network_sockets_busy",
            )
        if self._add(_key(company_id), opened_at) > self._most:
            self.leave(company_id, opened_at, network)
            raise LimitReached(
                f"All {self._most} sockets of this company are open; try again in a minute, or ask over HTTP",
                code="sockets_busy",
            )

    def leave(self, company_id: str, opened_at: float, network: str | None = None) -> None:
        """To be called once for each that entered."""
        self._take(_key(company_id), opened_at)
        if network is not None:
            self._take(_key(company_id, network), opened_at)

    def size(self, company_id: str, network: str | None = None) -> int:
        return self._sum(self._table.get(_key(company_id, network), _ROW) or {})

    def _add(self, key: str, opened_at: float) -> int:
        """Adds one, and returns how many there are."""
        row = self._table.update(
            key,
            _ROW,
            f"ADD {_part(opened_at)} :one SET expires_at = :expires",
            values={":one": 1, ":expires": int(opened_at + SOCKET_SECONDS + 2 * _PART_SECONDS)},
        )
        assert row is not None, "an update without a condition"
        over = [each for each in row if each.startswith(_PREFIX) and each < self._oldest()]
        if over:  # once in ten minutes, so that a row does not grow for ever
            self._table.update(key, _ROW, f"REMOVE {', '.join(over)}")
        return self._sum(row)

    def _take(self, key: str, opened_at: float) -> None:
        part = _part(opened_at)
        condition = f"attribute_exists({part})"  # what is over was removed already
        self._table.update(key, _ROW, f"ADD {part} :less", values={":less": -1}, condition=condition)

    def _sum(self, row: Item) -> int:
        oldest = self._oldest()
        return sum(max(0, int(row[each])) for each in row if each.startswith(_PREFIX) and each >= oldest)

    def _oldest(self) -> str:
        return _part(self._clock() - SOCKET_SECONDS)


_ROW = "sockets"


def _key(company_id: str, network: str | None = None) -> str:
    return f"{company_id}#sockets" if network is None else f"{company_id}#sockets#{network}"


def _part(moment: float) -> str:
    """The attribute of the ten minutes in which it lies; in the order of the alphabet they are in that of time."""
    return f"{_PREFIX}{int(moment) // _PART_SECONDS:012d}"
