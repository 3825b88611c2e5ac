"""One ingestion of a company at a time."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aisdr.errors import Conflict
from aisdr.ingest.lease import Leases
from aisdr.table import Table
from tests.chunks import ACME, GLOBEX
from tests.material import Clock


@pytest.fixture
def table(conversations_table: Table) -> Table:
    return conversations_table


@pytest.fixture
def leases(table: Table, clock: Clock) -> Leases:
    return Leases(table, clock)


def held_elsewhere(table: Table, clock: Clock, **holder: object) -> None:
    row = {"host": "another.example", "pid": 1, "holder_token": "theirs", "since": clock(), **holder}
    table.put({"pk": "acme#ingestion", "sk": "lease", "expires_at": int(clock()) + 60, **row})


def test_a_second_run_is_refused_and_told_who_is_at_it(leases: Leases) -> None:
    told = r"'acme' is being ingested by process \d+ on \S+ since"

    with leases.held(ACME), pytest.raises(Conflict, match=told), leases.held(ACME):
        pytest.fail("two at once")


def test_another_company_is_free_and_so_is_this_one_afterwards(leases: Leases) -> None:
    with leases.held(ACME), leases.held(GLOBEX):
        pass

    with leases.held(ACME):
        pass


def test_a_dead_process_of_this_machine_holds_nothing(leases: Leases, table: Table, clock: Clock) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    held_elsewhere(table, clock, host=socket.gethostname(), boot=boot, pid=dead.pid)

    with leases.held(ACME) as lost:
        assert not lost.is_set()


def test_another_machine_of_the_same_name_is_not_taken_for_dead(leases: Leases, table: Table, clock: Clock) -> None:
    held_elsewhere(table, clock, host=socket.gethostname(), boot="another", pid=2**22)

    with pytest.raises(Conflict), leases.held(ACME):
        pytest.fail("two at once")


def test_a_holder_elsewhere_that_says_nothing_more_loses_it(leases: Leases, table: Table, clock: Clock) -> None:
    held_elsewhere(table, clock)
    with pytest.raises(Conflict), leases.held(ACME):
        pass
    clock.now += 61

    with leases.held(ACME):
        pass


def test_a_lease_lasts_as_long_as_its_holder_and_is_lost_with_its_row(
    leases: Leases, table: Table, clock: Clock
) -> None:
    with leases.held(ACME, seconds=0.6) as lost:
        clock.now += 100
        assert wait_for(lambda: table.get("acme#ingestion", "lease") is not None)  # prolonged
        assert not lost.is_set()

        held_elsewhere(table, clock)

        assert lost.wait(5)
    assert (table.get("acme#ingestion", "lease") or {})["holder_token"] == "theirs"


def wait_for(seen: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        if seen():
            return True
        time.sleep(0.05)
    return False
