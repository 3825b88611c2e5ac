"""What the ledger's conditional writes refuse by themselves, when whoever asks has read nothing of it before."""

from typing import Any

import pytest

from aisdr.budget import Spending, account_key, correct, day_key, month_key, take
from aisdr.company import Company
from aisdr.errors import Conflict, LimitReached
from aisdr.ledger import Ledger, Operation
from aisdr.table import Table
from tests.material import Clock, a_company

WISH: Any = {"mode": "video", "vendor": "tavus"}
KEY = "key-of-a-visitor"


class TooEarly(Ledger):
    """Reads before the other one has written, the first time."""

    blind = 1

    def get(self, company_id: str, operation: str) -> Operation | None:
        self.blind -= 1
        return None if self.blind >= 0 else super().get(company_id, operation)


def test_whoever_wrote_the_same_key_meanwhile_has_reserved_for_both(conversations_table: Table, clock: Clock) -> None:
    first, _ = Ledger(conversations_table, clock).reserve(a_company(), "s1", KEY, "print", 0.1, **WISH)
    late = TooEarly(conversations_table, clock)

    assert late.reserve(a_company(), "s1", KEY, "print", 0.1, **WISH) == (first, False)

    assert late.today("acme") == {"calls": 1, "seconds": 600, "cents": 100, "active": 1}


def test_a_key_that_stands_for_something_else_meanwhile_is_a_conflict(conversations_table: Table, clock: Clock) -> None:
    Ledger(conversations_table, clock).reserve(a_company(), "s1", KEY, "print", 0.1, **WISH)
    late = TooEarly(conversations_table, clock)

    with pytest.raises(Conflict):
        late.reserve(a_company(), "s2", KEY, "another print", 0.1, **WISH)

    assert late.today("acme")["active"] == 1


DAY = "2027-01-15"


def spend(table: Table, company: Company, spending: Spending) -> None:
    with table.transaction(Conflict("no")) as writes:
        take(writes, company, DAY, spending)


@pytest.mark.parametrize("limit", ["minutes_per_day", "minutes_per_month"])
def test_a_minute_of_the_budget_has_sixty_seconds(conversations_table: Table, limit: str) -> None:
    roomy = {"minutes_per_day": 9999, "minutes_per_month": 9999, "money_per_day": 9999, "money_per_month": 9999}
    company = a_company(limits=roomy | {limit: 10})

    with pytest.raises(LimitReached):
        spend(conversations_table, company, Spending(1, 601, 0))
    spend(conversations_table, company, Spending(1, 600, 0))
    with pytest.raises(LimitReached):
        spend(conversations_table, company, Spending(1, 1, 0))
    spend(conversations_table, company, Spending(1, 0, 0))


def test_what_is_known_later_is_added_under_the_days_own_condition(conversations_table: Table) -> None:
    once: dict[str, Any] = {
        "also": "told :one",
        "condition": "attribute_not_exists(told) OR told < :one",
        "values": {":one": 1},
    }

    def correct_once() -> None:
        with conversations_table.transaction(Conflict("told before")) as writes:
            correct(writes, "acme", DAY, Spending(0, -30, -5), **once)

    correct_once()
    with pytest.raises(Conflict, match="told before"):
        correct_once()

    day = conversations_table.get(account_key("acme"), day_key(DAY))
    month = conversations_table.get(account_key("acme"), month_key(DAY))
    assert day is not None
    assert month is not None
    assert (day["seconds"], day["cents"], day["told"]) == (-30, -5, 1)
    assert (month["seconds"], month["cents"], "told" in month) == (-30, -5, False)


def test_what_is_over_is_not_put_off(conversations_table: Table, clock: Clock) -> None:
    ledger = Ledger(conversations_table, clock)
    operation, _ = ledger.reserve(a_company(), "s1", KEY, "print", 0.1, **WISH)
    ledger.fail(operation)
    key = (ledger.key("acme", operation.operation_id), "operation")
    before = conversations_table.get(*key)
    clock.advance(60)

    ledger.put_off(operation)

    assert conversations_table.get(*key) == before


def test_what_is_put_off_stands_behind_those_that_wait_for_longer(conversations_table: Table, clock: Clock) -> None:
    ledger = Ledger(conversations_table, clock)
    first, _ = ledger.reserve(a_company(), "s1", KEY, "print", 0.1, **WISH)
    clock.advance(1)
    second, _ = ledger.reserve(a_company(), "s2", "another-key-of-s2", "print", 0.1, **WISH)
    clock.advance(60)

    ledger.put_off(first)

    assert [each.operation_id for each in ledger.overdue()] == [second.operation_id, first.operation_id]
