"""How long a request may take: its client may be in a hurry, and hurries nobody else with it."""

from uuid import uuid4

import pytest

from aisdr import time_left
from aisdr.services import Services
from tests.doors import Reply, call
from tests.material import ORIGIN, a_company
from tests.tavus import KEY, Tavus


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


def wished(**headers: str) -> Reply:
    wish = {"companyId": "acme", "mode": "video", "consent": {"version": "1"}}
    return call("POST", "/api/session", body=wish, origin=ORIGIN, idempotency_key=str(uuid4()), **headers)


def test_a_client_in_a_hurry_shortens_its_own_steps_and_not_those_of_a_paid_vendor() -> None:
    time_left.begin("400")

    assert 0 < time_left.seconds(8.0) <= 0.1
    assert time_left.seconds_of_ours(8.0) == 8.0


@pytest.mark.parametrize("said", [None, "", "soon", "-1", "1.5", "99999", "9" * 10])
def test_nobody_waits_for_longer_than_twelve_seconds(said: str | None) -> None:
    time_left.begin(said)

    assert 11 < time_left.seconds(60.0) < 12
    assert 11 < time_left.seconds_of_ours(60.0) < 12


def test_a_shorter_time_of_ours_holds_for_everybody() -> None:
    time_left.begin(None)
    time_left.at_most(8.0)

    assert time_left.seconds(60.0) < 8
    assert time_left.seconds_of_ours(60.0) < 8


def test_strangers_in_a_hurry_make_no_vendor_look_as_if_it_failed(services: Services, tavus: Tavus) -> None:
    services.companies.put(a_company(limits={"concurrent_calls": 9, "network_calls_per_hour": 9}), expected_version=0)

    hurried = [wished(x_deadline_ms="1").status for _ in range(3)]

    assert hurried == [200, 200, 200]
    assert tavus.tried("POST", "/v2/conversations") == 3
