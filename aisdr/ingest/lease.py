"""One ingestion of a company at a time: two would take each other's new sources for old ones.

A lease is a row that its holder prolongs as long as it lives. Whoever is killed loses it after a minute, and at once
where the next run is on the same machine and sees that the holder is no more.
"""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aisdr.errors import Conflict
from aisdr.observability import logger
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope

LEASE_SECONDS = 60.0
"""How long a holder that says nothing keeps it; it says something three times as often."""


class Leases:
    """Who may write a company's knowledge now."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    @contextmanager
    def held(self, scope: TenantScope, seconds: float = LEASE_SECONDS) -> Iterator[threading.Event]:
        """Nobody else ingests for this company within the block.

        Yields:
            Set when the lease was lost all the same, as after a long sleep of the machine: whoever works on stops.

        Raises:
            Conflict: somebody else holds it; the message says who, and until when.
        """
        holder = {
            "host": socket.gethostname(),
            "boot": _boot(),
            "pid": os.getpid(),
            "holder_token": secrets.token_hex(8),
        }
        self._take(scope, holder, seconds)
        lost, over = threading.Event(), threading.Event()
        keeper = threading.Thread(target=self._keep, args=(scope, holder, seconds, lost, over), daemon=True)
        keeper.start()
        try:
            yield lost
        finally:
            over.set()
            keeper.join()
            self._give_back(scope, holder)

    def _take(self, scope: TenantScope, holder: Item, seconds: float) -> None:
        now = self._clock()
        pk, sk = _key(scope)
        row = {"pk": pk, "sk": sk, **holder, "since": now, "expires_at": int(now + seconds) + 1}
        while not self._table.put_new(row):
            held = self._table.get(*_key(scope))
            if held is None:  # it ended in between
                continue
            if not _is_dead(held):
                raise Conflict(
                    f"Company '{scope.company_id}' is being ingested by process {held['pid']} on {held['host']} since "
                    f"{time.strftime('%H:%M:%S', time.gmtime(held['since']))} UTC: wait until it is done, or add "
                    "--wait. Should it have died, this ends by itself within a minute",
                    code="ingestion_running",
                )
            self._give_back(scope, held)

    def _keep(
        self, scope: TenantScope, holder: Item, seconds: float, lost: threading.Event, over: threading.Event
    ) -> None:
        until = self._clock() + seconds
        while not over.wait(seconds / 3):
            try:
                row = self._table.update(
                    *_key(scope),
                    "SET expires_at = :until",
                    values={":until": int(self._clock() + seconds) + 1, ":token": holder["holder_token"]},
                    condition="holder_token = :token",
                )
            except Exception as error:  # the store may be back before the lease is over
                logger.warning("lease not prolonged", company_id=scope.company_id, error=type(error).__name__)
                if self._clock() < until:
                    continue
                row = None
            if row is None:
                lost.set()
                return
            until = self._clock() + seconds

    def _give_back(self, scope: TenantScope, holder: Item) -> None:
        """Ends the lease, unless it is another's by now."""
        self._table.update(
            *_key(scope),
            "SET expires_at = :past",
            values={":past": 0, ":token": holder["holder_token"]},
            condition="holder_token = :token",
        )


def _key(scope: TenantScope) -> tuple[str, str]:
    return f"{scope.company_id}#ingestion", "lease"


def _boot() -> str:
    """Tells machines apart that call themselves the same, as those of functions do; empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _is_dead(held: Item) -> bool:
    """Whether the holder was a process of this machine and is no more."""
    if (held["host"], held.get("boot")) != (socket.gethostname(), _boot()):
        return False
    try:
        os.kill(int(held["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
