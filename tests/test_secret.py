"""Secrets of Secrets Manager: read when used, read again later, and never shown. moto stands in for AWS."""

import json
from typing import Any

import boto3
import jwt
import pytest

from aisdr.errors import NotConfigured, Unauthorized
from aisdr.live.tavus_api import TavusClient
from aisdr.secret import BELIEVED_SECONDS, RETRY_SECONDS, SecretStore
from aisdr.session import Sessions
from aisdr.settings import NAMED_SECRETS, SECRETS, VARIABLES, Settings
from aisdr.table import Table
from tests.material import ORIGIN, Clock, a_company

OLD, NEW = "the key of last year, 32 bytes long", "the key of this year, 32 bytes long"


@pytest.fixture
def manager(aws: Any) -> Any:
    return boto3.client("secretsmanager", region_name="us-east-1")


@pytest.fixture
def store(manager: Any, clock: Clock) -> SecretStore:
    return SecretStore(clock=clock)


def kept(manager: Any, name: str, value: str) -> str:
    return str(manager.create_secret(Name=name, SecretString=value)["ARN"])


def settings(store: SecretStore, **arns: str) -> Settings:
    return Settings.from_environment({f"{name}_ARN": arn for name, arn in arns.items()}, store)


def test_a_secret_is_read_by_its_arn(manager: Any, store: SecretStore) -> None:
    ours = settings(store, TAVUS_API_KEY=kept(manager, "tavus", "tvsk_1"))

    assert ours.tavus_api_key is not None
    assert ours.tavus_api_key.get_secret_value() == "tvsk_1"


def test_nothing_is_asked_for_before_it_is_used_and_then_once(manager: Any, store: SecretStore) -> None:
    arns = {name: kept(manager, name, '{"1": "a value"}') for name in SECRETS}
    asked: list[str] = []
    store._client = boto3.client("secretsmanager", region_name="us-east-1")
    store._client.meta.events.register(
        "provide-client-params.secretsmanager", lambda params, **_: asked.append(params["SecretId"])
    )

    ours = settings(store, **arns)
    assert asked == []

    for _ in range(3):
        assert ours.openai_api_key
        assert ours.openai_api_key.get_secret_value()
    assert asked == [arns["OPENAI_API_KEY"]]


def test_a_variable_with_the_value_itself_wins(store: SecretStore) -> None:
    ours = Settings.from_environment({"OPENAI_API_KEY": "sk-1", "OPENAI_API_KEY_ARN": "arn:nowhere"}, store)

    assert ours.openai_api_key is not None
    assert ours.openai_api_key.get_secret_value() == "sk-1"


def test_every_secret_has_a_twin_that_names_its_place() -> None:
    names = set(VARIABLES.values())

    assert {f"{name}_ARN" for name in SECRETS} == {name for name in names if name.endswith("_ARN")}
    assert set(SECRETS) <= names
    assert set(NAMED_SECRETS) <= set(SECRETS)


def test_a_new_value_is_in_use_after_a_while(manager: Any, store: SecretStore, clock: Clock) -> None:
    arn = kept(manager, "tavus", "tvsk_1")
    assert store.read(arn) == "tvsk_1"
    manager.put_secret_value(SecretId=arn, SecretString="tvsk_2")

    assert store.read(arn) == "tvsk_1"
    clock.advance(BELIEVED_SECONDS)
    assert store.read(arn) == "tvsk_2"


@pytest.mark.cell("F-SM-02")
def test_the_last_good_value_goes_on_while_the_store_refuses(manager: Any, store: SecretStore, clock: Clock) -> None:
    arn = kept(manager, "tavus", "tvsk_1")
    assert store.read(arn) == "tvsk_1"
    manager.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
    clock.advance(BELIEVED_SECONDS)

    assert store.read(arn) == "tvsk_1"

    manager.restore_secret(SecretId=arn)
    manager.put_secret_value(SecretId=arn, SecretString="tvsk_2")
    assert store.read(arn) == "tvsk_1"
    clock.advance(RETRY_SECONDS)
    assert store.read(arn) == "tvsk_2"


def test_a_secret_that_nobody_may_read_is_named_and_its_neighbours_are_not_harmed(
    manager: Any, store: SecretStore
) -> None:
    gone, there = kept(manager, "gone", "x"), kept(manager, "there", "y")
    manager.delete_secret(SecretId=gone, RecoveryWindowInDays=7)

    with pytest.raises(NotConfigured, match=gone):
        store.read(gone)
    assert store.read(there) == "y"


def test_a_secret_without_a_value_counts_as_absent(manager: Any, store: SecretStore) -> None:
    ours = settings(store, TAVUS_API_KEY=str(manager.create_secret(Name="tavus")["ARN"]))

    with pytest.raises(NotConfigured) as caught:
        TavusClient("https://tavusapi.com", ours.tavus_api_key).key()

    assert caught.value.code == "tavus_not_configured"


@pytest.mark.cell("F-SM-03")
def test_two_signing_keys_live_at_once_and_a_third_comes_while_functions_run(
    manager: Any, store: SecretStore, clock: Clock, conversations_table: Table
) -> None:
    arn = kept(manager, "keys", json.dumps({"2027": NEW, "2026": OLD}))
    now = Sessions(conversations_table, settings(store, AISDR_SIGNING_KEYS=arn).signing_keys, clock)
    before = Sessions(conversations_table, {"2026": OLD}, clock)
    session = before.open(a_company(), ORIGIN, None)

    assert now.authenticate(before.issue(session).token, ORIGIN).session_id == session.session_id
    assert jwt.get_unverified_header(now.issue(session).token)["kid"] == "2027"

    manager.put_secret_value(SecretId=arn, SecretString=json.dumps({"2027": NEW}))
    clock.advance(BELIEVED_SECONDS)
    with pytest.raises(Unauthorized):
        now.authenticate(before.issue(session).token, ORIGIN)


def test_keys_of_another_form_are_refused_without_being_shown(manager: Any, store: SecretStore) -> None:
    keys = settings(store, AISDR_SIGNING_KEYS=kept(manager, "keys", "tvsk_pasted_here")).signing_keys

    with pytest.raises(NotConfigured) as caught:
        list(keys)

    assert "tvsk_pasted_here" not in caught.value.message


def test_secrets_of_the_store_do_not_appear_when_settings_are_printed(manager: Any, store: SecretStore) -> None:
    ours = settings(
        store, TAVUS_API_KEY=kept(manager, "t", "tvsk_1"), AISDR_SIGNING_KEYS=kept(manager, "k", f'{{"1": "{OLD}"}}')
    )
    assert ours.tavus_api_key
    assert dict(ours.signing_keys) == {"1": OLD}

    assert "tvsk_1" not in repr(ours)
    assert OLD not in repr(ours)
