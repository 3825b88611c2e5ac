"""What one deployment is like: `environments/NAME.toml`, read strictly before anything is built from it."""

import difflib
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from aisdr.wire import Wire
from functions import FUNCTIONS

FOLDER = Path(__file__).parent / "environments"
EDGE_REGION = "us-east-1"
"""Where CloudFront's firewalls and certificates have to live, wherever the data is."""
AUDIT_LOG = "audit"
"""The log group that operators' commands write their records into, named as `log.log_name` has it."""
FAILED_RUNS = "failed-runs"
"""The queue of what the clock could not get done."""
UNKNOWN_ADDRESS = "not-yet-known.invalid"
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,11}$")]
LogDays = Literal[7, 14, 30, 60, 90, 180, 365, 731]


class Unusable(Exception):
    """The file cannot be used; the message names the key and the remedy."""


class Address(Wire):
    """Where visitors find us: a domain of the operator's, or the one that CloudFront gives the distribution."""

    domain: str | None = Field(None, pattern=r"^[a-z0-9.-]+\.[a-z]{2,}$")
    certificate: str | None = Field(None, pattern=r"^arn:aws:acm:us-east-1:\d{12}:certificate/[\w-]+$")
    distribution: str | None = Field(None, pattern=r"^[a-z0-9]+\.cloudfront\.net$")
    """Output `Address` of the stack Edge, which is known after the first deployment."""

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.domain is None) != (self.certificate is None):
            raise ValueError("domain and certificate belong together: give both, or neither")
        return self

    @property
    def host(self) -> str:
        return self.domain or self.distribution or UNKNOWN_ADDRESS


class Emulator(Wire):
    """An emulator of AWS on this machine, in an account's place; what it cannot make is left out of the templates.

    Left out: the log of the distribution's requests, alarms and dashboard. And functions speak to sockets where the
    emulator has them.
    """

    endpoint: str = Field(pattern=r"^http://(127\.0\.0\.1|localhost):\d+$")
    """Where it answers for every service."""
    site: str = Field(pattern=r"^http://(127\.0\.0\.1|localhost):\d+$")
    """Where browsers reach the distribution, which has no name on this machine."""


class Search(Wire):
    """Where companies' chunks are kept: nothing stands by with `none`."""

    engine: Literal["domain", "serverless", "node", "none"] = "none"
    url: str | None = Field(None, pattern=r"^https?://[^/]+$")
    """Of the `node`: an OpenSearch that somebody else runs, and that is asked without a signature."""
    instance: str = "t3.small.search"
    nodes: int = Field(1, ge=1, le=20)
    volume_gb: int = Field(10, ge=10, le=3000)
    standby: bool = False
    """Serverless: twice the capacity, in another zone."""
    operators: tuple[Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:(role|user)/.+$")], ...] = ()
    """Who may write chunks: the roles that people run `aisdr ingest` with. Of the functions only `ingest` writes."""

    @model_validator(mode="after")
    def _together(self) -> Self:
        if (self.engine == "node") != (self.url is not None):
            raise ValueError('engine = "node" and url belong together: give both, or neither')
        return self


class Vendors(Wire):
    """Who is asked, and what they cost. A vendor that is off has no secret here, and nobody's role may read one."""

    tavus: bool = True
    openai: bool = True
    tavus_api_url: str = "https://tavusapi.com"
    openai_base_url: str = "https://api.openai.com/v1"
    tavus_minute_price: float = Field(0.37, ge=0)
    voice_minute_price: float = Field(0.10, ge=0)
    room_hosts: tuple[str, ...] = ("*.daily.co",)
    embedder: str = Field("minilm", pattern=r"^(minilm|(bedrock|openai):.+)$")
    picture_embedder: str = Field("", pattern=r"^(bedrock:.+)?$")
    bedrock_models: tuple[str, ...] = ()
    """Ids of the models that companies may name in `models.chat`."""
    bedrock_rerank: tuple[str, ...] = ()
    """Ids of the models for `search.rerank = "bedrock"`."""


class Media(Wire):
    """Who may see what companies show."""

    public_keys: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")],
        Annotated[str, Field(pattern=r"^\s*-----BEGIN PUBLIC KEY-----[\sA-Za-z0-9+/=]+-----END PUBLIC KEY-----\s*$")],
    ] = Field({}, max_length=5)
    """Name → RSA public key in PEM: whose signatures open media for visitors only. The private halves stand in the
    secret `media-keys`, by the ids that CloudFront gave (output `MediaKeys` of the stack Edge). Without any, no source
    can be for visitors only."""


class Throttle(Wire):
    """What API Gateway lets through, of all visitors together."""

    per_second: int = Field(100, ge=1)
    burst: int = Field(200, ge=1)


class Bounds(Wire):
    """What one company may hold at once, and how long our own store may think."""

    most_sockets: int = Field(2000, ge=1)
    """Of one company at the relay."""
    network_sockets: int = Field(200, ge=1)
    """Of them from one network."""
    store_seconds: float = Field(1.0, ge=0.1, le=10)
    """For one answer, and there are two attempts: of the twelve that a visitor's request has, leave most to others."""


class Firewall(Wire):
    """How many requests one visitor's address may send in five minutes."""

    requests: int = Field(2000, ge=10)
    sessions: int = Field(100, ge=10)
    """To the doors where a session, and so a call, is opened."""
    vendors: int = Field(10_000, ge=10)
    """To the doors that Tavus's servers knock at."""


class Scale(Wire):
    """How large a function is, and how many of it there may be."""

    memory: int = Field(1024, ge=128, le=10_240)
    """Megabytes; the share of a processor grows with it."""
    seconds: int = Field(29, ge=1, le=900)
    reserved: int | None = Field(None, ge=1)
    """Kept for it, and never more; taken from the account's own pool."""
    disk: int = Field(512, ge=512, le=10_240)
    """Megabytes of `/tmp`."""


USUAL = {
    # Readers are processes beside the function's own.
    "ingest": Scale(memory=2048, seconds=900, disk=4096),
    # Nobody waits for it: a vendor or a company's receiver that is slow must not keep the rest from its turn.
    "reconciler": Scale(seconds=120),
}
"""What is usual for a function where the common scale is not."""


class Environment(Wire):
    """One deployment, from its file."""

    name: Name
    account: str = Field(pattern=r"^\d{12}$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    keep: bool = True
    """Whether data outlives its stack: deletion protection, retained tables, point-in-time recovery."""
    log_days: LogDays = 30
    audit_days: Literal[90, 180, 365, 731] = 365
    """How long records of decisions are kept, and cannot be deleted where `keep` is true."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    edge_key: str = "1"
    """Which key of the secret `edge-keys` the distribution sends; the functions accept all of them."""
    alarm_topic: str | None = Field(None, pattern=r"^arn:aws:sns:[\w-]+:\d{12}:.+$")
    address: Address = Address()
    emulator: Emulator | None = None
    search: Search = Search()
    vendors: Vendors = Vendors()
    media: Media = Media()
    http: Throttle = Throttle()
    websocket: Throttle = Throttle(per_second=500, burst=1000)
    firewall: Firewall = Firewall()
    bounds: Bounds = Bounds()
    functions: dict[str, Scale] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_functions(self) -> Self:
        names = [function.name for function in FUNCTIONS]
        for name in self.functions:
            if name not in names:
                raise ValueError(f"functions.{name} is no function: {', '.join(names)}")
        return self

    @property
    def site(self) -> str:
        """Where browsers find us."""
        return self.emulator.site if self.emulator else f"https://{self.address.host}"

    @property
    def signs_media(self) -> bool:
        """Whether there can be media for visitors only. Before an emulator, which verifies nothing, stands who does."""
        return bool(self.media.public_keys) or self.emulator is not None

    @property
    def is_found(self) -> bool:
        """Whether it is known where."""
        return self.emulator is not None or self.address.host != UNKNOWN_ADDRESS

    def found_at(self, distribution: str | None) -> Self:
        """The same at the distribution's own name, unless the file says where."""
        if distribution is None or self.is_found:
            return self
        return self.model_copy(update={"address": Address(distribution=distribution)})

    def named(self, what: str) -> str:
        """The physical name of something, so that one stack can speak of it without asking another."""
        return f"aisdr-{self.name}-{what}"

    def bucket(self, what: str) -> str:
        """Buckets share one namespace with the whole world."""
        return f"aisdr-{self.name}-{what}-{self.account}"

    def scale(self, function: str) -> Scale:
        """What its file says of a function, and what is usual for it where nothing is said."""
        usual, said = USUAL.get(function, Scale()), self.functions.get(function, Scale())
        return usual.model_copy(update={name: getattr(said, name) for name in said.model_fields_set})


def file_of(environment: str) -> Path:
    """The file of an environment that was named, or given as a path."""
    return Path(environment) if "/" in environment else FOLDER / f"{environment}.toml"


def load(file: Path) -> Environment:
    """Raises: Unusable."""
    try:
        return Environment.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        there = ", ".join(sorted(each.stem for each in FOLDER.glob("*.toml")))
        raise Unusable(f"There is no {file}: copy one of {FOLDER} ({there}) and name it") from None
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"{file.name} is not TOML: {error}") from None
    except ValidationError as error:
        problems = "\n".join(
            f"  {_told(problem['loc'], problem['type'], problem['msg'])}" for problem in error.errors()
        )
        raise Unusable(f"{file.name} cannot be used:\n{problems}") from None


def _told(place: tuple[str | int, ...], kind: str, message: str) -> str:
    where = ".".join(str(part) for part in place) or "the file"
    if kind != "extra_forbidden":
        return f"{where}: {message.removeprefix('Value error, ')}"
    meant = difflib.get_close_matches(str(place[-1]), _keys_beside(place), n=1)
    return f"{where}: there is no such key; " + (f"did you mean {meant[0]}?" if meant else "take it away")


def _keys_beside(place: tuple[str | int, ...]) -> list[str]:
    model: type[Wire] = Environment
    for part in place[:-1]:
        field = next((each for each in model.model_fields.values() if each.alias == part), None)
        inner = field.annotation if field else Scale
        model = inner if isinstance(inner, type) and issubclass(inner, Wire) else Scale
    return [str(field.alias) for field in model.model_fields.values()]
