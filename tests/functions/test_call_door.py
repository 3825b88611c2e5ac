"""The doors that start a call count by where their visitor is, as API Gateway tells it, and keep no address."""

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from aisdr.services import Services
from tests import doors
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, a_company, items
from tests.tavus import KEY, Tavus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HERE = "192.0.2.7"
"""Where every test's request comes from; see `tests/doors.py`."""


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


def wish(**headers: str) -> doors.Reply:
    """A call by the mission's door, with a key of its own."""
    said: dict[str, Any] = {"companyId": "acme", "consent": {"version": "1"}}
    return doors.call("POST", "/api/tavus/session", body=said, origin=ORIGIN, idempotency_key=str(uuid4()), **headers)


def open_shop(services: Services) -> None:
    limits = {"network_calls_per_hour": 1, "concurrent_calls": 9}
    services.companies.put(a_company(limits=limits), expected_version=0)


def test_a_second_call_from_the_same_network_is_refused_and_text_is_not(services: Services, tavus: Tavus) -> None:
    open_shop(services)
    assert wish().status == 200

    refused = wish(x_forwarded_for="203.0.113.9, 198.51.100.1")

    assert (refused.status, refused.json()["error"]["code"]) == (429, "network_busy")
    assert len(tavus.conversations()) == 1
    said = {"companyId": "acme", "mode": "text"}
    assert doors.call("POST", "/api/session", body=said, origin=ORIGIN).status == 200


def test_behind_the_distribution_the_visitor_counts_and_not_the_distribution(
    environment: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    environment.setenv("AISDR_EDGE_KEYS", json.dumps({"k": "the key of a distribution " * 2}))
    open_shop(request.getfixturevalue("services"))
    edge = {"x_aisdr_edge": "the key of a distribution " * 2}

    first = wish(x_forwarded_for=f"203.0.113.7, {HERE}", **edge)
    elsewhere = wish(x_forwarded_for=f"198.51.100.7, {HERE}", **edge)
    forged = wish(x_forwarded_for=f"8.8.8.8, 203.0.113.99, {HERE}", **edge)

    assert [each.status for each in (first, elsewhere, forged)] == [200, 200, 429]


def test_no_address_is_stored(services: Services, aws: "DynamoDBClient") -> None:
    open_shop(services)
    assert wish().status == 200

    assert "192.0.2" not in json.dumps(items(aws, CONVERSATIONS))
