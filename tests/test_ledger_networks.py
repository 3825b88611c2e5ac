"""A network starts so many calls in any hour, and shares none of its places with others."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from aisdr.errors import LimitReached, StoreBusy
from aisdr.ledger import Ledger
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.ledger_scene import HOME, OFFICE, PRICE, START, VIDEO, ledger, limited, reserve, running
from tests.material import Clock, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["ledger"]


def test_a_network_starts_so_many_calls_in_any_hour(ledger: Ledger, clock: Clock) -> None:
    """Not in each hour of the clock: three at its end and three at the next one's beginning would be six."""
    company = limited(network_calls_per_hour=3)
    for minute in (0, 50, 59):
        clock.now = START + minute * 60
        ledger.settle(running(ledger, company, f"at minute {minute}"), 10)

    clock.now = START + 3599
    with pytest.raises(LimitReached) as caught:
        reserve(ledger, company, "too early")
    assert caught.value.code == "network_busy"

    clock.now = START + 3602
    reserve(ledger, company, "an hour after the first")
    with pytest.raises(LimitReached):
        reserve(ledger, company, "an hour after the first, again")


def test_other_networks_and_other_companies_start_calls_meanwhile(ledger: Ledger) -> None:
    acme, globex = (limited(each, network_calls_per_hour=1) for each in ("acme", "globex"))
    reserve(ledger, acme)

    reserve(ledger, acme, "from elsewhere", network=OFFICE)
    reserve(ledger, globex)

    with pytest.raises(LimitReached):
        reserve(ledger, acme, "another one")


def test_who_says_nothing_of_a_network_shares_one_with_all_who_do_not(ledger: Ledger) -> None:
    company = limited(network_calls_per_hour=1)
    ledger.reserve(company, "s1", "first key", "fingerprint", PRICE, **VIDEO)

    with pytest.raises(LimitReached):
        ledger.reserve(company, "s2", "second key", "fingerprint", PRICE, **VIDEO)


def test_a_create_that_failed_gives_its_start_back_and_a_call_does_not(ledger: Ledger) -> None:
    company = limited(network_calls_per_hour=1)
    ledger.fail(reserve(ledger, company, "refused"))

    ledger.settle(running(ledger, company, "bought"), 5)

    with pytest.raises(LimitReached):
        reserve(ledger, company, "third key")


def test_a_start_that_somebody_else_has_by_now_is_not_given_back(ledger: Ledger, clock: Clock) -> None:
    company = limited(network_calls_per_hour=1)
    old = reserve(ledger, company, "of an hour ago")
    clock.advance(3602)
    reserve(ledger, company, "of now")

    ledger.fail(old)

    with pytest.raises(LimitReached):
        reserve(ledger, company, "third key")


def test_of_twenty_at_once_from_one_network_the_first_six_get_through(
    one_at_a_time: "DynamoDBClient", clock: Clock
) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    company = limited(network_calls_per_hour=6)

    def want(number: int) -> bool:
        try:
            reserve(ledger, company, f"key number {number}")
        except (LimitReached, StoreBusy):
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        got = list(threads.map(want, range(20)))

    assert 1 <= got.count(True) <= 6
    assert ledger.today("acme")["active"] == got.count(True)


def test_those_who_come_at_once_do_not_all_want_the_same_place(ledger: Ledger) -> None:
    wanted = {reserve(ledger, limited(), f"key {each}", network=f"network {each}").network_place for each in range(5)}

    assert len(wanted) > 1


def test_what_is_known_of_a_network_expires_with_the_hour(ledger: Ledger, aws: "DynamoDBClient", clock: Clock) -> None:
    ledger.settle(running(ledger, limited()), 5)

    told = [item for item in items(aws, CONVERSATIONS) if HOME in str(item)]

    assert [item["pk"]["S"] for item in told] == [f"acme#network#{HOME}"]
    assert int(told[0]["expires_at"]["N"]) <= clock.now + 3601
