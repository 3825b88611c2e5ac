"""The ledger: caps hold exactly, and one key reserves once."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.errors import Conflict, LimitReached
from aisdr.ledger import Ledger
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.ledger_scene import PRICE, VIDEO, ledger, limited, reserve, running
from tests.material import Clock, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["ledger"]


def test_a_reservation_takes_slot_minutes_and_money_for_the_longest_call(ledger: Ledger) -> None:
    operation = reserve(ledger, limited())

    assert operation.state == "reserved"
    assert ledger.today("acme") == {"calls": 1, "seconds": 600, "cents": 370, "active": 1}


@pytest.mark.cell("F-DB-02")
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"concurrent_calls": 2}, "calls_busy"),
        ({"network_calls_per_hour": 2}, "network_busy"),
        ({"calls_per_day": 2}, "budget_spent"),
        ({"minutes_per_day": 20}, "budget_spent"),
        ({"minutes_per_day": 29}, "budget_spent"),
        ({"money_per_day": 7.40}, "budget_spent"),
        ({"money_per_day": 11.09}, "budget_spent"),
        ({"minutes_per_month": 20}, "budget_spent"),
        ({"minutes_per_month": 29}, "budget_spent"),
        ({"money_per_month": 7.40}, "budget_spent"),
        ({"money_per_month": 11.09}, "budget_spent"),
    ],
)
def test_a_cap_lets_two_through_and_the_third_takes_nothing(
    ledger: Ledger, aws: "DynamoDBClient", limits: dict[str, Any], code: str
) -> None:
    company = limited(**limits)
    for key in ("first key", "second key"):
        reserve(ledger, company, key)
    before = items(aws, CONVERSATIONS)

    with pytest.raises(LimitReached) as caught:
        reserve(ledger, company, "third key")

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == before


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"concurrent_calls": 0}, "calls_busy"),
        ({"network_calls_per_hour": 0}, "network_busy"),
        ({"calls_per_day": 0}, "budget_spent"),
        ({"minutes_per_day": 9}, "budget_spent"),
        ({"money_per_day": 3.69}, "budget_spent"),
        ({"money_per_day": 0}, "budget_spent"),
        ({"minutes_per_month": 9}, "budget_spent"),
        ({"money_per_month": 3.69}, "budget_spent"),
    ],
)
def test_a_cap_below_one_call_lets_none_through(
    ledger: Ledger, aws: "DynamoDBClient", limits: dict[str, Any], code: str
) -> None:
    with pytest.raises(LimitReached) as caught:
        reserve(ledger, limited(**limits))

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == []


def test_a_budget_is_used_to_its_last_cent(ledger: Ledger) -> None:
    """Three minutes at 0.07 are 21 cents; in binary floats they are a little more."""
    company = limited(call_seconds=180, money_per_day=0.21)

    ledger.reserve(company, "s1", "key-of-a-visitor", "fingerprint", 0.07, **VIDEO)

    assert ledger.today("acme")["cents"] == 21


def test_a_month_is_the_sum_of_its_days(ledger: Ledger, clock: Clock) -> None:
    company = limited(minutes_per_month=25)
    ledger.settle(running(ledger, company, "yesterday"), 120)
    assert ledger.this_month("acme") == {"calls": 1, "seconds": 120, "cents": 74}

    clock.advance(24 * 3600)
    reserve(ledger, company, "today")
    assert ledger.today("acme")["seconds"] == 600
    assert ledger.this_month("acme") == {"calls": 2, "seconds": 720, "cents": 74 + 370}
    reserve(ledger, company, "today again")

    with pytest.raises(LimitReached, match="this month"):
        reserve(ledger, company, "today once more")


def test_a_new_month_has_a_new_budget(ledger: Ledger, clock: Clock) -> None:
    company = limited(minutes_per_month=10)
    reserve(ledger, company, "this month")

    clock.advance(31 * 24 * 3600)

    assert reserve(ledger, company, "next month").state == "reserved"


@pytest.mark.cell("F-LM-05")
def test_of_twenty_who_want_the_last_three_lines_three_get_one(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    company = limited(concurrent_calls=3)

    def want(number: int) -> bool:
        try:
            reserve(ledger, company, f"key number {number}")
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        got = list(threads.map(want, range(20)))

    assert got.count(True) == 3
    assert ledger.today("acme") == {"calls": 3, "seconds": 1800, "cents": 1110, "active": 3}


@pytest.mark.cell("F-LM-01")
def test_twenty_requests_with_one_key_reserve_once(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    company = limited(concurrent_calls=1)

    with ThreadPoolExecutor(20) as threads:
        answers = list(
            threads.map(lambda _: ledger.reserve(company, "s1", "one key", "fingerprint", PRICE, **VIDEO), range(20))
        )

    assert [is_new for _, is_new in answers].count(True) == 1
    assert len({operation.operation_id for operation, _ in answers}) == 1
    assert ledger.today("acme")["active"] == 1


def test_a_repeated_key_finds_the_same_operation(ledger: Ledger) -> None:
    first = running(ledger, limited())

    again, is_new = ledger.reserve(limited(), "s1", "key-of-a-visitor", "fingerprint", PRICE, **VIDEO)

    assert (again, is_new) == (first, False)
    assert ledger.today("acme")["calls"] == 1


def test_a_key_that_stood_for_another_request_is_a_conflict(ledger: Ledger) -> None:
    reserve(ledger, limited())

    with pytest.raises(Conflict) as caught:
        ledger.reserve(limited(), "s1", "key-of-a-visitor", "another fingerprint", PRICE, **VIDEO)

    assert caught.value.code == "idempotency_conflict"


def test_two_companies_share_neither_keys_nor_caps(ledger: Ledger) -> None:
    acme = reserve(ledger, limited("acme", concurrent_calls=1))
    globex = reserve(ledger, limited("globex", concurrent_calls=1))

    assert acme.operation_id != globex.operation_id
    assert ledger.get("globex", acme.operation_id) is None
