"""Every environment variable the package reads, as one object that is built once.

Without pydantic, which takes as long to load as everything else that a socket's `$connect` needs.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from aisdr.errors import NotConfigured
from aisdr.secret import Keys, Secret, SecretStore, StoredSecret


def _address(value: str) -> str:
    return value.rstrip("/")


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _price(value: str) -> float:
    price = float(value)
    if not math.isfinite(price) or price < 0:
        raise ValueError("no price")
    return price


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 < seconds <= 60:
        raise ValueError("no seconds")
    return seconds


def _count(value: str) -> int:
    count = int(value)
    if count < 1:
        raise ValueError("no count")
    return count


def _switch(value: str) -> bool:
    return {"1": True, "true": True, "0": False, "false": False}[value.lower()]


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda value: words[words.index(value)]


def _like(pattern: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError("another form")
        return value

    return read


def _variable(name: str, default: Any = None, read: Callable[[str], Any] = str) -> Any:
    """`read` raises ValueError or LookupError for what it cannot take."""
    return field(default_factory=lambda: default, metadata={"variable": name, "read": read})


@dataclass(frozen=True)
class Settings:
    """Where the neighbours live and which secrets we hold.

    A secret may be left to AWS Secrets Manager: its variable with `_ARN` behind the name says where it is kept.
    """

    environment: str = _variable("AISDR_ENVIRONMENT", "local", _like("[a-z][a-z0-9]{1,11}"))
    """Whose metrics these are: the name of the deployment."""
    public_url: str = _variable("AISDR_PUBLIC_URL", "http://localhost:3000", _address)
    """Where visitors' browsers reach the HTTP API, the hosted page and the media."""
    websocket_url: str = _variable("AISDR_WEBSOCKET_URL", "ws://localhost:3000/ws", _address)
    """Where visitors' browsers open the relay."""
    connections_endpoint: str | None = _variable("WS_ENDPOINT", None, _address)
    """The `@connections` endpoint of the WebSocket API that answers are posted to."""
    store_seconds: float = _variable("AISDR_STORE_SECONDS", 1.0, _seconds)
    """How long one answer of DynamoDB's may take; it is asked twice."""
    most_sockets: int = _variable("AISDR_MOST_SOCKETS", 2000, _count)
    """How many sockets of one company may be open at once."""
    network_sockets: int = _variable("AISDR_NETWORK_SOCKETS", 200, _count)
    """How many of them from one network, an IPv4 /24 or an IPv6 /64."""
    signing_keys: Keys = _variable("AISDR_SIGNING_KEYS", Keys(), Keys)
    """JSON object key id -> secret. The first one signs, all of them verify, so that a key can be rotated."""
    signing_keys_arn: str | None = _variable("AISDR_SIGNING_KEYS_ARN")
    edge_keys: Keys = _variable("AISDR_EDGE_KEYS", Keys(), Keys)
    """JSON object key id -> secret. What does not bring one of them did not come through our distribution."""
    edge_keys_arn: str | None = _variable("AISDR_EDGE_KEYS_ARN")

    media_keys: Keys = _variable("AISDR_MEDIA_KEYS", Keys(), Keys)
    """JSON object key id -> RSA private key in PEM. The first one signs the addresses of media for visitors only."""
    media_keys_arn: str | None = _variable("AISDR_MEDIA_KEYS_ARN")

    companies_table: str = _variable("AISDR_COMPANIES_TABLE", "aisdr-companies")
    conversations_table: str = _variable("AISDR_CONVERSATIONS_TABLE", "aisdr-conversations")
    index_dir: str = _variable("AISDR_INDEX_DIR", ".data/index")
    """Folder of the embedded search engine: one SQLite file per company."""
    search_engine: Literal["embedded", "opensearch"] = _variable(
        "AISDR_SEARCH_ENGINE", "embedded", _one_of("embedded", "opensearch")
    )
    """Where a new company's chunks are kept; `aisdr reindex` moves one that is there already."""
    opensearch_url: str | None = _variable("AISDR_OPENSEARCH_URL", None, _address)
    opensearch_service: Literal["", "es", "aoss"] = _variable("AISDR_OPENSEARCH_SERVICE", "", _one_of("", "es", "aoss"))
    """How requests are signed: `es` for a managed domain, `aoss` for Serverless, empty for a node that asks no name."""
    embedder: str = _variable("AISDR_EMBEDDER", "minilm", _like("minilm|e5|(bedrock|openai):.+"))
    """`minilm`, `e5`, `bedrock:MODEL` or `openai:MODEL`: what a new company's texts are embedded with."""
    picture_embedder: str = _variable("AISDR_PICTURE_EMBEDDER", "", _like("(bedrock:.+)?"))
    """`bedrock:MODEL` of a multimodal model; empty: pictures are found by their captions and the text in them."""
    transcriber: str = _variable("AISDR_TRANSCRIBER", "moonshine", _like("moonshine|transcribe|off|openai:.+"))
    """Who writes down speech: `moonshine` (here, English), `transcribe` (Amazon), `openai:MODEL` or `off`."""
    describer: str = _variable("AISDR_DESCRIBER", "", _like("((openai|bedrock):.+)?"))
    """`openai:MODEL` or `bedrock:MODEL` that sees: says what pictures show that nobody has described. Empty: nobody."""
    audit_log: str = _variable("AISDR_AUDIT_LOG", "")
    """CloudWatch log group for the records of operators' commands. Empty: a file beside the index."""
    explain: bool = _variable("AISDR_EXPLAIN", False, _switch)
    """Whether `POST /api/search` may tell how a result came about: for an operator's own machine, not for visitors."""
    media_bucket: str = _variable("AISDR_MEDIA_BUCKET", "aisdr-media")
    knowledge_bucket: str = _variable("AISDR_KNOWLEDGE_BUCKET", "aisdr-knowledge")
    """Where companies' people drop files: `{company_id}/{path}`."""

    tavus_api_url: str = _variable("TAVUS_API_URL", "https://tavusapi.com", _address)
    tavus_api_key: Secret | None = _variable("TAVUS_API_KEY", None, Secret)
    tavus_api_key_arn: str | None = _variable("TAVUS_API_KEY_ARN")
    tavus_tool_secret: Secret | None = _variable("TAVUS_TOOL_SECRET", None, Secret)
    """Shared secret of Tavus tools that are delivered to `POST /api/tavus/delivery` with HMAC authentication."""
    tavus_tool_secret_arn: str | None = _variable("TAVUS_TOOL_SECRET_ARN")
    tavus_minute_price: float = _variable("AISDR_TAVUS_MINUTE_PRICE", 0.37, _price)
    """What one video minute costs, in the currency of `limits.moneyPerDay`; plans differ."""
    room_hosts: tuple[str, ...] = _variable("AISDR_ROOM_HOSTS", ("*.daily.co",), _list)
    """Hosts that a vendor's room may have; `*.` stands for any subdomain. Plain http only for loopback names."""

    openai_base_url: str = _variable("OPENAI_BASE_URL", "https://api.openai.com/v1", _address)
    openai_api_key: Secret | None = _variable("OPENAI_API_KEY", None, Secret)
    openai_api_key_arn: str | None = _variable("OPENAI_API_KEY_ARN")
    voice_minute_price: float = _variable("AISDR_VOICE_MINUTE_PRICE", 0.10, _price)
    """What one minute of realtime voice may cost; it depends on the model and on how much is said."""

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, store: SecretStore | None = None
    ) -> "Settings":
        """Reads the environment; an empty variable counts as absent. Secrets of the store are read when they are used.

        Raises:
            NotConfigured: a variable has the wrong form; the message names it and never shows its value.
        """
        given = {name: value for name, value in (os.environ if environment is None else environment).items() if value}
        store = store or SecretStore()
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for each in fields(cls):
            name = VARIABLES[each.name]
            try:
                if name in given:
                    values[each.name] = each.metadata["read"](given[name])
                elif name in SECRETS and f"{name}_ARN" in given:
                    stored = StoredSecret(given[f"{name}_ARN"], store)
                    values[each.name] = Keys(stored) if name in NAMED_SECRETS else stored
            except (ValueError, LookupError):
                wrong.append(name)
        if wrong:
            raise NotConfigured(f"The environment variable {', '.join(wrong)} has the wrong form")
        return cls(**values)


VARIABLES: dict[str, str] = {each.name: each.metadata["variable"] for each in fields(Settings)}
"""Field → the environment variable it is read from."""
NAMED_SECRETS = ("AISDR_SIGNING_KEYS", "AISDR_EDGE_KEYS", "AISDR_MEDIA_KEYS")
SECRETS = (*NAMED_SECRETS, "TAVUS_API_KEY", "TAVUS_TOOL_SECRET", "OPENAI_API_KEY")
"""Each has a twin with `_ARN` behind its name."""
