"""Whatever came from a visitor expires by itself, by the company's own wish or by ours (T-PRV-03)."""

from typing import Any

import pytest

from aisdr.configuration import Webhook
from aisdr.limits import DAY_SECONDS, Retention
from aisdr.services import Services
from tests.conftest import CONVERSATIONS
from tests.material import a_company, items
from tests.scripts.test_erase import EMAIL, NAME, SAID, environment, leave_traces
from tests.tavus import Tavus
from tests.webhook_receiver import SECRET

__all__ = ["environment"]
pytestmark = pytest.mark.slow
NUMBERS_ALONE = ("acme#ledger",)
"""Amounts by day and month, and how many calls run."""


def played(services: Services, **changes: Any) -> list[dict[str, Any]]:
    company = a_company(
        webhook=Webhook(url="https://hooks.acme.example/", secrets=(SECRET,)),
        tavus_replica_id="r90bbd427f71",
        **changes,
    )
    services.companies.put(company, expected_version=0)
    leave_traces(services, company, EMAIL, SAID, NAME)
    return [*items(services.dynamodb, CONVERSATIONS)]


def test_every_row_that_a_visit_leaves_expires_but_for_amounts(services: Services, tavus: Tavus) -> None:
    rows = played(services)

    assert len(rows) > 12
    assert {row["pk"]["S"] for row in rows if "expires_at" not in row} <= set(NUMBERS_ALONE)


@pytest.mark.parametrize(
    ("partition", "days"), [("acme#session#", 3), ("acme#leads", 9), ("acme#handovers", 9), ("acme#consents", 40)]
)
def test_a_company_says_how_long(services: Services, tavus: Tavus, partition: str, days: int) -> None:
    retention = Retention(conversation_days=3, lead_days=9, consent_days=40)
    rows = [row for row in played(services, retention=retention) if row["pk"]["S"].startswith(partition)]
    now = services.sessions._clock()

    ends = [int(row["expires_at"]["N"]) for row in rows if row["expires_at"]["N"] != "1"]
    assert ends
    assert max(ends) <= now + days * DAY_SECONDS
    assert max(ends) > now + (days - 1) * DAY_SECONDS


def test_without_a_word_of_the_company_it_is_finite() -> None:
    retention = Retention()

    assert (retention.conversation_days, retention.lead_days, retention.consent_days) == (30, 730, 1095)
