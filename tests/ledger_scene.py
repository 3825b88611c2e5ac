"""A company with limits, a ledger, and how the tests reserve and run calls in it."""

from typing import Any

import pytest

from aisdr.company import Company
from aisdr.ledger import Ledger, Operation
from aisdr.table import Table
from tests.material import Clock, a_company

PRICE = 0.37
START = 1_800_000_000
VIDEO: Any = {"mode": "video", "vendor": "tavus"}
HOME, OFFICE = "mark-of-a-home", "mark-of-an-office"


@pytest.fixture
def ledger(conversations_table: Table, clock: Clock) -> Ledger:
    return Ledger(conversations_table, clock)


def limited(company_id: str = "acme", **limits: Any) -> Company:
    roomy = {"call_seconds": 600, "concurrent_calls": 100, "network_calls_per_hour": 100, "calls_per_day": 100}
    roomy |= {"minutes_per_day": 9999, "minutes_per_month": 9999, "money_per_day": 9999, "money_per_month": 9999}
    return a_company(company_id, limits=roomy | limits)


def reserve(
    ledger: Ledger, company: Company, key: str = "key-of-a-visitor", session: str = "s1", network: str = HOME
) -> Operation:
    return ledger.reserve(company, session, key, "fingerprint", PRICE, network=network, **VIDEO)[0]


def running(ledger: Ledger, company: Company, key: str = "key-of-a-visitor") -> Operation:
    return ledger.created(reserve(ledger, company, key), f"c-{key}", "https://tavus.daily.co/c1", "room token")
