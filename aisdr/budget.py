"""A company's day of money: where it is counted, and the arithmetic of cents. Live calls and models share it."""

import math
from datetime import UTC, datetime
from decimal import Decimal

from aisdr.configuration import Limits


def account_key(company_id: str) -> str:
    """Partition of what a company has spent: a row for each UTC day, and the slots that are taken."""
    return f"{company_id}#ledger"


def day_key(day: str) -> str:
    return f"day#{day}"


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def cents(seconds: float, minute_price: float) -> int:
    # In decimals: three minutes at 0.07 are 21 cents, and in binary floats a little more, which would be 22.
    return math.ceil(Decimal(str(seconds)) * Decimal(str(minute_price)) * 100 / 60)


def budget_cents(limits: Limits) -> int:
    """Cents a day."""
    return math.floor(Decimal(str(limits.money_per_day)) * 100)
