"""F-SM and F-CL: a secret is changed or its store is away; clocks differ, the visitor's by minutes, ours by seconds."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

from aisdr.errors import LimitReached, NotConfigured
from aisdr.ledger import Ledger
from aisdr.live.tavus_api import TavusClient
from aisdr.secret import RETRY_SECONDS, SecretStore, StoredSecret
from aisdr.services import Services
from aisdr.session import Sessions
from aisdr.table import Table
from tests.doors import call
from tests.material import KEYS, ORIGIN, Clock, a_chunk, a_company, teach
from tests.tavus import KEY, Tavus


@pytest.fixture
def manager(aws: Any) -> Any:
    return boto3.client("secretsmanager", region_name="us-east-1")


@pytest.fixture
def store(manager: Any, clock: Clock) -> SecretStore:
    return SecretStore(clock=clock)


def read_of(store: SecretStore, manager: Any) -> list[str]:
    """What is asked of the store, as it is asked."""
    asked: list[str] = []
    store._client = manager
    manager.meta.events.register("provide-client-params.secretsmanager", lambda params, **_: asked.append("read"))
    return asked


@pytest.mark.cell("F-SM-01")
def test_a_key_that_was_changed_is_read_again_at_the_first_refusal(
    manager: Any, store: SecretStore, tavus: Tavus
) -> None:
    arn = str(manager.create_secret(Name="tavus", SecretString="tvsk_of_last_year")["ARN"])
    asked = read_of(store, manager)
    client = TavusClient(tavus.url, StoredSecret(arn, store))
    assert client.key() == "tvsk_of_last_year"
    manager.put_secret_value(SecretId=arn, SecretString=KEY)
    asked.clear()

    call_of_it = client.create_conversation({"face_id": "r90bbd427f71"})
    client.end_conversation(call_of_it["conversation_id"])

    assert asked == ["read"]
    assert tavus.running() == 0
    assert len(tavus.conversations()) == 1, "what was refused for its key did not happen, and was repeated once"


@pytest.mark.cell("F-SM-01")
def test_a_key_that_is_wrong_wherever_one_looks_costs_one_look_in_ten_seconds(
    manager: Any, store: SecretStore, tavus: Tavus, clock: Clock
) -> None:
    arn = str(manager.create_secret(Name="tavus", SecretString="tvsk_wrong")["ARN"])
    client = TavusClient(tavus.url, StoredSecret(arn, store))
    assert client.key()
    asked = read_of(store, manager)

    for _ in range(3):
        with pytest.raises(NotConfigured):
            client.create_conversation({"face_id": "r90bbd427f71"})

    assert asked == ["read"]
    clock.advance(RETRY_SECONDS + 1)
    with pytest.raises(NotConfigured):
        client.create_conversation({"face_id": "r90bbd427f71"})
    assert asked == ["read"] * 2


@pytest.mark.cell("F-SM-02")
def test_a_store_that_is_away_at_a_cold_start_costs_the_paid_modes_only(
    services: Services, manager: Any, tavus: Tavus
) -> None:
    away = SecretStore()
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    away._client = boto3.client("secretsmanager", "us-east-1", endpoint_url="http://127.0.0.1:9", config=once)
    lost = StoredSecret("arn:aws:secretsmanager:us-east-1:123456789012:secret:tavus", away)
    services.settings = replace(services.settings, tavus_api_key=lost, tavus_api_url=tavus.url)
    company = a_company()
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))

    def opened(mode: str) -> Any:
        wish = {"companyId": "acme", "mode": mode, "consent": {"version": "1"}}
        return call("POST", "/api/session", body=wish, origin=ORIGIN, idempotency_key=str(uuid4()))

    video, text = opened("video"), opened("text")

    assert (video.status, video.json()["error"]["code"]) == (503, "not_configured"), video.text
    assert text.status == 200
    question = {"question": "What does the Growth plan cost?"}
    answer = call("POST", "/api/answer", body=question, origin=ORIGIN, authorization=f"Bearer {text.json()['token']}")
    assert "$149" in answer.json()["text"]
    assert services.ledger.today("acme")["active"] == 0


@pytest.mark.cell("F-CL-01")
@pytest.mark.parametrize("minutes", [-5, 5])
def test_what_a_visitors_clock_says_changes_nothing(
    conversations_table: Table, clock: Clock, minutes: int, services: Services
) -> None:
    services.companies.put(a_company(), expected_version=0)
    services.sessions._clock = clock
    wrong = str(clock.now + minutes * 60)
    wish = {"companyId": "acme", "mode": "text"}

    grant = call("POST", "/api/session", body=wish, origin=ORIGIN, date=wrong, x_client_time=wrong).json()

    assert grant["expiresAt"] == int(clock.now) + 600
    session = services.sessions.authenticate(grant["token"], ORIGIN)
    clock.advance(599)
    assert services.sessions.authenticate(grant["token"], ORIGIN) == session
    clock.advance(60)
    assert call("GET", f"/api/session/{grant['sessionId']}", authorization=f"Bearer {grant['token']}").status == 401


@pytest.mark.cell("F-CL-02")
@pytest.mark.parametrize(("issuer", "verifier"), [(30, 0), (0, 30), (-30, 0), (0, -30)])
def test_a_token_of_a_server_half_a_minute_off_is_taken(
    conversations_table: Table, clock: Clock, issuer: int, verifier: int
) -> None:
    there = Sessions(conversations_table, KEYS, Clock(clock.now + issuer))
    here = Sessions(conversations_table, KEYS, Clock(clock.now + verifier))
    session = there.open(a_company(), ORIGIN, None)
    tokens = there.issue(session)

    assert here.authenticate(tokens.token, ORIGIN).session_id == session.session_id
    assert here.redeem(tokens.ticket, ORIGIN).session.session_id == session.session_id


@pytest.mark.cell("F-CL-02")
def test_servers_on_two_sides_of_midnight_keep_each_days_cap(conversations_table: Table) -> None:
    """Each call belongs to the day on which it was reserved, by the clock of who reserved it."""
    company = a_company(limits={"calls_per_day": 1, "concurrent_calls": 9})
    midnight = 1_800_057_600.0
    assert midnight % 86_400 == 0
    before, after = (Ledger(conversations_table, Clock(midnight + offset)) for offset in (-30, 30))
    reserved = []
    for number, ledger in enumerate((before, after)):
        operation, _ = ledger.reserve(
            company, "s1", f"the wish number {number}", "f", 0.6, mode="video", vendor="tavus"
        )
        reserved.append(operation)
        with pytest.raises(LimitReached):
            ledger.reserve(company, "s1", f"one too many {number}", "f", 0.6, mode="video", vendor="tavus")

    for operation, ledger in zip(reserved, (after, before), strict=True):  # settled by the other one
        assert ledger.fail(operation)

    for ledger in (before, after):
        assert ledger.today("acme") == {"calls": 0, "seconds": 0, "cents": 0, "active": 0}
