"""Every environment variable the package reads, as one object that is built once."""

import os
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, SecretStr, ValidationError

from aisdr.errors import NotConfigured
from aisdr.secret import Keys, SecretStore, StoredSecret


def _comma_list(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _address(value: Any) -> Any:
    return value.rstrip("/") if isinstance(value, str) else value


def _keys(value: Any) -> Keys:
    return value if isinstance(value, Keys) else Keys(value)


Address = Annotated[str, BeforeValidator(_address)]
NamedSecrets = Annotated[Keys, PlainValidator(_keys)]


class Settings(BaseModel):
    """Where the neighbours live and which secrets we hold. The alias of a field is its environment variable.

    A secret may be left to AWS Secrets Manager: its variable with `_ARN` behind the name says where it is kept.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", arbitrary_types_allowed=True)

    environment: str = Field("local", pattern=r"^[a-z][a-z0-9]{1,11}$", alias="AISDR_ENVIRONMENT")
    """Whose metrics these are: the name of the deployment."""
    public_url: Address = Field("http://localhost:3000", alias="AISDR_PUBLIC_URL")
    """Where visitors' browsers reach the HTTP API, the hosted page and the media."""
    websocket_url: Address = Field("ws://localhost:3000/ws", alias="AISDR_WEBSOCKET_URL")
    """Where visitors' browsers open the relay."""
    connections_endpoint: Address | None = Field(None, alias="WS_ENDPOINT")
    """The `@connections` endpoint of the WebSocket API that answers are posted to."""
    signing_keys: NamedSecrets = Field(default_factory=Keys, alias="AISDR_SIGNING_KEYS")
    """JSON object key id -> secret. The first one signs, all of them verify, so that a key can be rotated."""
    signing_keys_arn: str | None = Field(None, alias="AISDR_SIGNING_KEYS_ARN")
    edge_keys: NamedSecrets = Field(default_factory=Keys, alias="AISDR_EDGE_KEYS")
    """JSON object key id -> secret. What does not bring one of them did not come through our distribution."""
    edge_keys_arn: str | None = Field(None, alias="AISDR_EDGE_KEYS_ARN")

    companies_table: str = Field("aisdr-companies", alias="AISDR_COMPANIES_TABLE")
    conversations_table: str = Field("aisdr-conversations", alias="AISDR_CONVERSATIONS_TABLE")
    index_dir: str = Field(".data/index", alias="AISDR_INDEX_DIR")
    """Folder of the embedded search engine: one SQLite file per company."""
    search_engine: Literal["embedded", "opensearch"] = Field("embedded", alias="AISDR_SEARCH_ENGINE")
    """Where a new company's chunks are kept; `aisdr reindex` moves one that is there already."""
    opensearch_url: Address | None = Field(None, alias="AISDR_OPENSEARCH_URL")
    opensearch_service: Literal["", "es", "aoss"] = Field("", alias="AISDR_OPENSEARCH_SERVICE")
    """How requests are signed: `es` for a managed domain, `aoss` for Serverless, empty for a node that asks no name."""
    embedder: str = Field("minilm", pattern=r"^(minilm|e5|(bedrock|openai):.+)$", alias="AISDR_EMBEDDER")
    """`minilm`, `e5`, `bedrock:MODEL` or `openai:MODEL`: what a new company's texts are embedded with."""
    picture_embedder: str = Field("", pattern=r"^(bedrock:.+)?$", alias="AISDR_PICTURE_EMBEDDER")
    """`bedrock:MODEL` of a multimodal model; empty: pictures are found by their captions and the text in them."""
    explain: bool = Field(False, alias="AISDR_EXPLAIN")
    """Whether `POST /api/search` may tell how a result came about: for an operator's own machine, not for visitors."""
    media_bucket: str = Field("aisdr-media", alias="AISDR_MEDIA_BUCKET")

    tavus_api_url: Address = Field("https://tavusapi.com", alias="TAVUS_API_URL")
    tavus_api_key: SecretStr | None = Field(None, alias="TAVUS_API_KEY")
    tavus_api_key_arn: str | None = Field(None, alias="TAVUS_API_KEY_ARN")
    tavus_tool_secret: SecretStr | None = Field(None, alias="TAVUS_TOOL_SECRET")
    """Shared secret of Tavus tools that are delivered to `POST /api/tavus/delivery` with HMAC authentication."""
    tavus_tool_secret_arn: str | None = Field(None, alias="TAVUS_TOOL_SECRET_ARN")
    tavus_minute_price: float = Field(0.37, ge=0, alias="AISDR_TAVUS_MINUTE_PRICE")
    """What one video minute costs, in the currency of `limits.moneyPerDay`; plans differ."""
    room_hosts: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] = Field(
        ("*.daily.co",), alias="AISDR_ROOM_HOSTS"
    )
    """Hosts that a vendor's room may have; `*.` stands for any subdomain. Plain http only for loopback names."""

    openai_base_url: Address = Field("https://api.openai.com/v1", alias="OPENAI_BASE_URL")
    openai_api_key: SecretStr | None = Field(None, alias="OPENAI_API_KEY")
    openai_api_key_arn: str | None = Field(None, alias="OPENAI_API_KEY_ARN")
    voice_minute_price: float = Field(0.10, ge=0, alias="AISDR_VOICE_MINUTE_PRICE")
    """What one minute of realtime voice may cost; it depends on the model and on how much is said."""

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, store: SecretStore | None = None
    ) -> "Settings":
        """Reads the environment; an empty variable counts as absent. Secrets of the store are read when they are used.

        Raises:
            NotConfigured: a variable has the wrong form; the message names it and never shows its value.
        """
        values: dict[str, Any] = {
            name: value for name, value in (os.environ if environment is None else environment).items() if value != ""
        }
        store = store or SecretStore()
        for name in SECRETS:
            if name not in values and f"{name}_ARN" in values:
                stored = StoredSecret(values[f"{name}_ARN"], store)
                values[name] = Keys(stored) if name in NAMED_SECRETS else stored
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            names = [str(problem["loc"][0]) for problem in error.errors()]
            raise NotConfigured(f"The environment variable {', '.join(names)} has the wrong form") from None


NAMED_SECRETS = ("AISDR_SIGNING_KEYS", "AISDR_EDGE_KEYS")
SECRETS = (*NAMED_SECRETS, "TAVUS_API_KEY", "TAVUS_TOOL_SECRET", "OPENAI_API_KEY")
"""Each has a twin with `_ARN` behind its name."""
