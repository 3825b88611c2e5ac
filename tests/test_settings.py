"""Settings: the environment, read once, with errors that name the variable and never show what it holds."""

import pytest

from aisdr.errors import NotConfigured
from aisdr.settings import Settings


def test_without_any_variable_the_defaults_of_a_laptop_hold() -> None:
    settings = Settings.from_environment({})

    assert settings.public_url == "http://localhost:3000"
    assert settings.tavus_api_url == "https://tavusapi.com"
    assert settings.tavus_api_key is None
    assert settings.signing_keys == {}


def test_no_variables_means_none_and_not_those_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVUS_API_KEY", "tvsk_of_somebody")

    assert Settings.from_environment({}).tavus_api_key is None


def test_variables_are_read_in_their_own_forms() -> None:
    settings = Settings.from_environment(
        {
            "AISDR_PUBLIC_URL": "https://sdr.example/",
            "AISDR_SIGNING_KEYS": '{"new": "a secret", "old": "another"}',
            "AISDR_ROOM_HOSTS": "*.daily.co, localhost",
            "AISDR_TAVUS_MINUTE_PRICE": "0.25",
        }
    )

    assert settings.public_url == "https://sdr.example"
    assert list(settings.signing_keys.items()) == [("new", "a secret"), ("old", "another")]
    assert settings.room_hosts == ("*.daily.co", "localhost")
    assert settings.tavus_minute_price == 0.25


def test_an_empty_variable_counts_as_absent() -> None:
    assert Settings.from_environment({"TAVUS_API_KEY": ""}).tavus_api_key is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AISDR_SIGNING_KEYS", "tvsk_pasted_into_the_wrong_line"),
        ("AISDR_SIGNING_KEYS", '["a secret without a name"]'),
        ("AISDR_SIGNING_KEYS", '{"k1": 7}'),
        ("AISDR_TAVUS_MINUTE_PRICE", "a secret price"),
        ("AISDR_TAVUS_MINUTE_PRICE", "-1"),
        ("AISDR_TAVUS_MINUTE_PRICE", "NaN"),
    ],
)
def test_a_variable_of_the_wrong_form_is_named_and_its_value_is_not_shown(name: str, value: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        Settings.from_environment({name: value})

    assert name in caught.value.message
    assert value not in caught.value.message


def test_secrets_do_not_appear_when_settings_are_printed() -> None:
    settings = Settings.from_environment({"TAVUS_API_KEY": "tvsk_secret", "AISDR_SIGNING_KEYS": '{"k": "hush hush"}'})

    assert "tvsk_secret" not in repr(settings)
    assert "hush" not in repr(settings)
