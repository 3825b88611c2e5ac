"""What the functions are told in the local run follows .env.local, and nothing else of a person's machine."""

import json
from pathlib import Path

import pytest

from aisdr.settings import Settings
from dev.environment import ConfigurationError, Ports, functions_environment, read_local_file


def test_the_local_file_is_key_value_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env.local"
    file.write_text("# keys\n\nTAVUS_API_KEY=abc\nexport OPENAI_API_KEY = 'with = sign'\nEMPTY=\n")

    assert read_local_file(file) == {"TAVUS_API_KEY": "abc", "OPENAI_API_KEY": "with = sign"}


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env.local"
    file.write_text("A=1\nTAVUS_API_KEY abc\n")

    with pytest.raises(ConfigurationError, match=r"\.env\.local, line 2"):
        read_local_file(file)


def test_without_a_key_tavus_is_the_look_alike(tmp_path: Path) -> None:
    environment = functions_environment(Ports(gateway=3100, tavus=4800), tmp_path, {}, {})

    settings = Settings.from_environment(environment)

    assert settings.tavus_api_url == "http://127.0.0.1:4800"
    assert settings.tavus_api_key is not None
    assert "localhost" in settings.room_hosts
    assert settings.public_url == "http://localhost:3100"
    assert settings.connections_endpoint == "http://127.0.0.1:3100/ws-stage"


def test_with_a_key_tavus_is_the_real_one(tmp_path: Path) -> None:
    environment = functions_environment(Ports(), tmp_path, {"TAVUS_API_KEY": "abc"}, {"TAVUS_API_URL": "http://other"})

    settings = Settings.from_environment(environment)

    assert settings.tavus_api_url == "https://tavusapi.com"
    assert settings.room_hosts == ("*.daily.co",)


def test_a_persons_own_aws_account_stays_out(tmp_path: Path) -> None:
    machine = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIAREAL", "PATH": "/usr/bin"}

    environment = functions_environment(Ports(), tmp_path, {}, machine)

    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert environment["AWS_ENDPOINT_URL_DYNAMODB"] == "http://127.0.0.1:4566"
    assert environment["PATH"] == "/usr/bin"


def test_a_persons_own_language_model_stays_out(tmp_path: Path) -> None:
    machine = {"OPENAI_API_KEY": "sk-of-another-project", "OPENAI_BASE_URL": "https://other.example"}

    unasked = functions_environment(Ports(openai=4804), tmp_path, {}, machine)
    asked = functions_environment(Ports(), tmp_path, {"OPENAI_API_KEY": "sk-of-this-one"}, machine)

    assert {name: value for name, value in unasked.items() if name.startswith("OPENAI_")} == {
        "OPENAI_BASE_URL": "http://127.0.0.1:4804/v1",
        "OPENAI_API_KEY": "sk-local",
    }
    assert asked["OPENAI_API_KEY"] == "sk-of-this-one"
    assert "OPENAI_BASE_URL" not in asked


def test_another_language_model_at_an_address_without_a_key_is_left_alone(tmp_path: Path) -> None:
    environment = functions_environment(Ports(), tmp_path, {"OPENAI_BASE_URL": "http://localhost:11434/v1"}, {})

    assert environment["OPENAI_BASE_URL"] == "http://localhost:11434/v1"
    assert "OPENAI_API_KEY" not in environment


@pytest.mark.parametrize(
    ("given", "relay"),
    [
        ({"AISDR_PUBLIC_URL": "https://abc.tunnel.example"}, "wss://abc.tunnel.example/ws"),
        ({"AISDR_PUBLIC_URL": "https://abc.tunnel.example/"}, "wss://abc.tunnel.example/ws"),
        ({"AISDR_PUBLIC_URL": "http://192.0.2.7:3000"}, "ws://192.0.2.7:3000/ws"),
        ({"AISDR_PUBLIC_URL": "https://a.example", "AISDR_WEBSOCKET_URL": "wss://b.example/x"}, "wss://b.example/x"),
        ({}, "ws://localhost:3100/ws"),
    ],
)
def test_the_relay_is_behind_the_same_tunnel_as_the_site(tmp_path: Path, given: dict[str, str], relay: str) -> None:
    environment = functions_environment(Ports(gateway=3100), tmp_path, given, {})

    assert Settings.from_environment(environment).websocket_url == relay


@pytest.mark.parametrize("address", ["abc.tunnel.example", "wss://abc.tunnel.example", "https://"])
def test_a_public_address_that_is_none_is_named(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigurationError, match="AISDR_PUBLIC_URL="):
        functions_environment(Ports(), tmp_path, {"AISDR_PUBLIC_URL": address}, {})


def test_the_signing_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = functions_environment(Ports(), tmp_path, {}, {})["AISDR_SIGNING_KEYS"]
    second = functions_environment(Ports(), tmp_path, {}, {})["AISDR_SIGNING_KEYS"]

    assert first == second
    assert len(json.loads(first)["local"]) >= 32
    assert (tmp_path / "signing-keys.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("value", ["http", "0", "70000"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="PORT="):
        Ports.of({"PORT": value})
