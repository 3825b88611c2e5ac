"""What the functions are told in the local run: addresses of look-alikes, or of the real vendors that have a key."""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from dev.gateway.signed import new_key

ROOT = Path(__file__).resolve().parents[1]
LOCAL_FILE = ROOT / ".env.local"
COMPANIES_TABLE = "aisdr-companies"
CONVERSATIONS_TABLE = "aisdr-conversations"
MEDIA_BUCKET = "aisdr-media"
OPENAI_LOCAL_KEY = "sk-local"
TAVUS_LOCAL_KEY = "tvsk_local"
VENDORS = ("AISDR_", "AWS_", "OPENAI_", "TAVUS_")


class ConfigurationError(Exception):
    """The message says where and what to do."""


@dataclass(frozen=True)
class Ports:
    """Each can be moved by an environment variable of its own."""

    gateway: int = 3000
    aws: int = 4566
    tavus: int = 4701
    daily: int = 4702
    speech: int = 4703
    openai: int = 4704
    opensearch: int = 9200

    VARIABLES: ClassVar[dict[str, str]] = {
        "gateway": "PORT",
        "aws": "AWS_PORT",
        "tavus": "TAVUS_PORT",
        "daily": "DAILY_PORT",
        "speech": "SPEECH_PORT",
        "openai": "OPENAI_PORT",
        "opensearch": "OPENSEARCH_PORT",
    }

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Ports":
        """Raises: ConfigurationError."""
        chosen: dict[str, int] = {}
        for name, variable in cls.VARIABLES.items():
            value = environment.get(variable, "")
            if value and not (value.isdecimal() and 0 < int(value) < 65536):
                raise ConfigurationError(f"{variable}={value} is not a port: give a number from 1 to 65535.")
            if value:
                chosen[name] = int(value)
        return cls(**chosen)


def read_local_file(path: Path = LOCAL_FILE) -> dict[str, str]:
    """`KEY=VALUE` lines; `#` begins a comment line, quotes around a value are taken off.

    Raises:
        ConfigurationError: a line has no `=`.
    """
    if not path.exists():
        return {}
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigurationError(f"{path.name}, line {number}: write KEY=VALUE, or begin the line with #.")
        value = value.strip()
        quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
        values[name.strip()] = value[1:-1] if quoted else value
    return {name: value for name, value in values.items() if value}


def functions_environment(
    ports: Ports, data: Path, given: Mapping[str, str], inherited: Mapping[str, str] | None = None
) -> dict[str, str]:
    """`given` (.env.local) wins, and alone names a vendor's key: no credential of a person's shell is used unasked.

    Raises:
        ConfigurationError: `given` holds an address that is none.
    """
    machine = os.environ if inherited is None else inherited
    kept = {name: value for name, value in machine.items() if not name.startswith(VENDORS)}
    aws = f"http://127.0.0.1:{ports.aws}"
    ours = {
        "PYTHONUNBUFFERED": "1",
        "AISDR_PUBLIC_URL": f"http://localhost:{ports.gateway}",
        "AISDR_WEBSOCKET_URL": f"ws://localhost:{ports.gateway}/ws",
        "WS_ENDPOINT": f"http://127.0.0.1:{ports.gateway}/ws-stage",
        "AISDR_SIGNING_KEYS": signing_keys(data),
        "AISDR_MEDIA_KEYS": media_keys(data),
        "AISDR_COMPANIES_TABLE": COMPANIES_TABLE,
        "AISDR_CONVERSATIONS_TABLE": CONVERSATIONS_TABLE,
        "AISDR_MEDIA_BUCKET": MEDIA_BUCKET,
        "AISDR_INDEX_DIR": str(data / "index"),
        "AISDR_STORE_SECONDS": "10",  # the emulator shares this machine with everything else
        # Behind a tunnel anybody may open a session; on this machine it is the operator.
        "AISDR_EXPLAIN": "" if "AISDR_PUBLIC_URL" in given else "1",
        "AWS_ENDPOINT_URL_DYNAMODB": aws,
        "AWS_ENDPOINT_URL_S3": aws,
        "AWS_ENDPOINT_URL_POLLY": f"http://127.0.0.1:{ports.speech}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # nosec B105  # what the emulator takes for an account
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if not uses_real_tavus(given):
        ours |= {
            "TAVUS_API_URL": f"http://127.0.0.1:{ports.tavus}",
            "TAVUS_API_KEY": TAVUS_LOCAL_KEY,
            "TAVUS_TOOL_SECRET": "local-tool-secret",  # nosec B105  # both sides of it run on this machine
            "AISDR_ROOM_HOSTS": "localhost,127.0.0.1",
        }
    if not uses_real_openai(given):
        ours |= {"OPENAI_BASE_URL": f"http://127.0.0.1:{ports.openai}/v1", "OPENAI_API_KEY": OPENAI_LOCAL_KEY}
    if "AISDR_PUBLIC_URL" in given:
        ours["AISDR_WEBSOCKET_URL"] = _relay_behind(given["AISDR_PUBLIC_URL"])
    return kept | ours | dict(given)


def _relay_behind(public_url: str) -> str:
    """The gateway answers both at one port, so a tunnel to the one is a tunnel to the other."""
    address = urlsplit(public_url)
    if address.scheme not in ("http", "https") or not address.netloc:
        raise ConfigurationError(f"AISDR_PUBLIC_URL={public_url} is not an address: write https:// and the host.")
    return f"{'wss' if address.scheme == 'https' else 'ws'}://{address.netloc}/ws"


def uses_real_tavus(given: Mapping[str, str]) -> bool:
    return "TAVUS_API_KEY" in given


def uses_real_openai(given: Mapping[str, str]) -> bool:
    """Or another server that speaks its language, which may ask for no key."""
    return "OPENAI_API_KEY" in given or "OPENAI_BASE_URL" in given


def imitates_tavus(environment: Mapping[str, str]) -> bool:
    """Of what `functions_environment` gave: no account of Tavus's has such a key."""
    return environment.get("TAVUS_API_KEY") == TAVUS_LOCAL_KEY


def signing_keys(data: Path) -> str:
    """Made once and kept, so that a visitor's session survives a restart."""
    return _kept(data / "signing-keys.json", lambda: secrets.token_urlsafe(32))


def media_keys(data: Path) -> str:
    """The same for addresses of media."""
    return _kept(data / "media-keys.json", new_key)


def _kept(path: Path, made: Callable[[], str]) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps({"local": made()}))
    return path.read_text()
