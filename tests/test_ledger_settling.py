"""What a call gives back when it failed or ended, once, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from aisdr.ledger import Ledger
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.ledger_scene import ledger, limited, reserve, running
from tests.material import Clock

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["ledger"]
NOTHING = {"calls": 0, "seconds": 0, "cents": 0, "active": 0}


def test_a_failed_create_gives_everything_back_once(ledger: Ledger) -> None:
    operation = reserve(ledger, limited())

    assert (ledger.fail(operation), ledger.fail(operation)) == (True, False)
    assert ledger.today("acme") == NOTHING


def test_a_settled_call_keeps_what_was_used_and_gives_back_the_rest(ledger: Ledger) -> None:
    operation = running(ledger, limited())

    ledger.settle(operation, 61.2)

    settled = ledger.get("acme", operation.operation_id)
    assert settled is not None
    assert (settled.state, settled.used_seconds) == ("settled", 62)
    assert ledger.today("acme") == {"calls": 1, "seconds": 62, "cents": 39, "active": 0}


@pytest.mark.parametrize(("said", "counted"), [(601, 600), (10**9, 600), (-5, 0), (0, 0)])
def test_a_bill_is_never_above_the_reservation_nor_below_nothing(ledger: Ledger, said: int, counted: int) -> None:
    ledger.settle(running(ledger, limited()), said)

    assert ledger.today("acme")["seconds"] == counted


@pytest.mark.parametrize("late", ["settle", "fail"])
def test_whoever_comes_second_settles_nothing(ledger: Ledger, late: str) -> None:
    operation = running(ledger, limited())
    assert ledger.settle(operation, 120)
    after_the_first = ledger.today("acme")

    second = ledger.settle(operation, 600) if late == "settle" else ledger.fail(operation)

    assert second is False
    assert ledger.today("acme") == after_the_first


def test_of_twenty_who_settle_at_once_one_does(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    operation = running(ledger, limited())

    with ThreadPoolExecutor(20) as threads:
        settled = list(threads.map(lambda seconds: ledger.settle(operation, seconds), range(20)))

    assert settled.count(True) == 1
    assert ledger.today("acme")["active"] == 0
    assert ledger.today("acme")["seconds"] == settled.index(True)


def test_a_running_call_cannot_fail_and_a_wish_cannot_be_settled(ledger: Ledger) -> None:
    """No refund without proof, and no bill without a call."""
    assert not ledger.fail(running(ledger, limited()))
    assert not ledger.settle(reserve(ledger, limited(), "another key"), 60)


def test_a_call_settled_on_the_next_day_is_counted_on_its_own(ledger: Ledger, clock: Clock) -> None:
    operation = running(ledger, limited())

    clock.advance(24 * 3600)
    ledger.settle(operation, 60)

    assert ledger.today("acme") == NOTHING
    clock.advance(-24 * 3600)
    assert ledger.today("acme") == {"calls": 1, "seconds": 60, "cents": 37, "active": 0}


def test_a_new_day_has_a_new_budget_and_the_old_lines(ledger: Ledger, clock: Clock) -> None:
    company = limited(calls_per_day=1, concurrent_calls=2)
    reserve(ledger, company, "yesterday")

    clock.advance(24 * 3600)
    reserve(ledger, company, "today, in time")

    assert ledger.today("acme") == {"calls": 1, "seconds": 600, "cents": 370, "active": 2}
