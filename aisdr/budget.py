"""A company's money: where a day and a month of it are counted, and the arithmetic of cents. All that costs shares it.

`{company}#ledger` / `day#2026-11-22`: calls, seconds, cents of that UTC day, and what `usage.py` counts beside them.
`{company}#ledger` / `month#2026-11`: calls, seconds, cents of that UTC month, always the sum of its days.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aisdr.company import Company
from aisdr.errors import LimitReached
from aisdr.limits import Limits
from aisdr.table import Item, Table, Transaction

COUNTED = ("calls", "seconds", "cents")


@dataclass(frozen=True)
class Spending:
    """What is added to a day and its month; negative parts are given back."""

    calls: int
    seconds: int
    cents: int

    def values(self) -> dict[str, Any]:
        return {f":{name}": getattr(self, name) for name in COUNTED}


def account_key(company_id: str) -> str:
    """Partition of what a company has spent: a row for each UTC day and month, and the slots that are taken."""
    return f"{company_id}#ledger"


def day_key(day: str) -> str:
    return f"day#{day}"


def month_key(day: str) -> str:
    """Row of the month that a day such as `2026-11-22` belongs to."""
    return f"month#{day[:7]}"


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def cents(seconds: float, minute_price: float) -> int:
    # In decimals: three minutes at 0.07 are 21 cents, and in binary floats a little more, which would be 22.
    return math.ceil(Decimal(str(seconds)) * Decimal(str(minute_price)) * 100 / 60)


def budget_cents(limits: Limits) -> int:
    """Cents a day."""
    return _cents(limits.money_per_day)


def month_budget_cents(limits: Limits) -> int:
    return _cents(limits.money_per_month)


def is_spent(table: Table, company: Company, now: float) -> bool:
    """Whether the company's money of this UTC day or month is used up, by whatever costs."""
    today = day_of(now)
    if counted(table, company.company_id, day_key(today))["cents"] >= budget_cents(company.limits):
        return True
    return counted(table, company.company_id, month_key(today))["cents"] >= month_budget_cents(company.limits)


def counted(table: Table, company_id: str, row: str) -> dict[str, int]:
    """`calls`, `seconds`, `cents` of a day or a month."""
    item: Item = table.get(account_key(company_id), row) or {}
    return {name: item.get(name, 0) for name in COUNTED}


def take(writes: Transaction, company: Company, day: str, spending: Spending) -> None:
    """Adds spending to day and month, in a transaction that is refused when one of the two would hold too much.

    Raises:
        LimitReached: `budget_spent`, at once: it is more than a whole day or month may hold.
    """
    limits = company.limits
    today, month = _spent(company, "today's"), _spent(company, "this month's")
    seconds_left, cents_left = limits.minutes_per_day * 60 - spending.seconds, budget_cents(limits) - spending.cents
    months_seconds = limits.minutes_per_month * 60 - spending.seconds
    months_cents = month_budget_cents(limits) - spending.cents
    # The conditions below let the first write of a day or month through unseen.
    if limits.calls_per_day < spending.calls or min(seconds_left, cents_left) < 0:
        raise today
    if min(months_seconds, months_cents) < 0:
        raise month
    add = "ADD calls :calls, seconds :seconds, cents :cents"
    room = "seconds <= :seconds_left AND cents <= :cents_left"
    writes.update(
        account_key(company.company_id),
        day_key(day),
        add,
        condition=f"attribute_not_exists(pk) OR (calls <= :calls_left AND {room})",
        values=spending.values()
        | {
            ":calls_left": limits.calls_per_day - spending.calls,
            ":seconds_left": seconds_left,
            ":cents_left": cents_left,
        },
        refusal=today,
    )
    writes.update(
        account_key(company.company_id),
        month_key(day),
        add,
        condition=f"attribute_not_exists(pk) OR ({room})",
        values=spending.values() | {":seconds_left": months_seconds, ":cents_left": months_cents},
        refusal=month,
    )


def correct(
    writes: Transaction,
    company_id: str,
    day: str,
    spending: Spending,
    *,
    also: str = "",
    condition: str | None = None,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Adds what is known later to the day it belongs to and that day's month; no limit can refuse it.

    `also` is added to the day alone, and `condition` is the day's, with `values` of its own.
    """
    add = "ADD calls :calls, seconds :seconds, cents :cents"
    account = account_key(company_id)
    days = spending.values() | dict(values or {})
    writes.update(account, day_key(day), add + (f", {also}" if also else ""), condition=condition, values=days)
    writes.update(account, month_key(day), add, values=spending.values())


def _spent(company: Company, whose: str) -> LimitReached:
    return LimitReached(
        f"'{company.company_id}' has used up {whose} call budget; text stays available", code="budget_spent"
    )


def _cents(money: float) -> int:
    return math.floor(Decimal(str(money)) * 100)
