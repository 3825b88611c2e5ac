"""The parts of a company's configuration, each as an operator writes it in `company.toml`."""

import re
from base64 import b64decode
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, model_validator

from aisdr.wire import Wire

DAY_SECONDS = 24 * 3600
Mode = Literal["text", "tts", "voice", "video"]
SearchStrategy = Literal["parallel", "smart", "fallback", "own"]

_ORIGIN = re.compile(r"https?://([a-z0-9_.-]+|\[[0-9a-f:]+\])(:\d{1,5})?")
"""As a browser writes it: no user, no wildcard, other alphabets in Punycode."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|[0-9a-f:.]+", re.IGNORECASE)
"""A name or a number; other alphabets in Punycode. A dot stands between all labels: were it optional, a long name could
be read in more ways than there is time."""


def _origin(value: str) -> str:
    if not _ORIGIN.fullmatch(value):
        raise ValueError("write an origin as scheme://host or scheme://host:port, lower case, without a path")
    return value


def _accent(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError("write a colour as #rrggbb")
    return value


def _split(value: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError:
        raise ValueError("write an address whose host is a name or a number") from None  # Python's words repeat it


def _web_address(value: str) -> str:
    parts = _split(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("write an address that begins with https://")
    return value


def _private_address(value: str) -> str:
    """Where a company's own data goes: encrypted, or to this very machine."""
    parts = _split(value)
    if not parts.hostname or not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))
    ):
        raise ValueError("write an address that begins with https:// (http:// only for localhost)")
    if parts.username or parts.password:
        raise ValueError("write the address without a user name or password")
    if not _HOST.fullmatch(parts.hostname) or not _has_port(value):
        raise ValueError("write a host name of letters, digits, '-' and '.', and a port between 1 and 65535 if any")
    return value


def _has_port(value: str) -> bool:
    """True as well for an address without one."""
    try:
        return urlsplit(value).port != 0
    except ValueError:
        return False


def _webhook_secret(value: str) -> str:
    """Standard Webhooks: `whsec_` and 24 to 64 random bytes in base64."""
    try:
        size = len(b64decode(value.removeprefix("whsec_"), validate=True))
    except ValueError:
        size = 0
    if not value.startswith("whsec_") or not 24 <= size <= 64:
        raise ValueError("write a secret as whsec_ and 24 to 64 random bytes in base64")
    return value


def _property_name(value: str) -> str:
    """Tavus's rule for names; it keeps those that begin with `tavus_` for itself."""
    if not re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}", value) or value.startswith("tavus_"):
        raise ValueError("write names of letters, digits and _ that do not begin with a digit or with tavus_")
    return value


Host = Annotated[str, Field(pattern=r"^[a-z0-9_-]+(\.[a-z0-9_-]+)+$", max_length=253)]
"""As browsers write it: lower case, other alphabets in Punycode."""
Origin = Annotated[str, AfterValidator(_origin)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PrivateAddress = Annotated[str, AfterValidator(_private_address)]
WebhookSecret = Annotated[str, AfterValidator(_webhook_secret)]
PropertyName = Annotated[str, AfterValidator(_property_name)]


def primary(tag: str) -> str:
    """The language of a tag, `pt` for `pt-BR`."""
    return tag.partition("-")[0].lower()


class Branding(Wire):
    """What a company may turn on the widget; everything else follows from the accent."""

    accent: Annotated[str, AfterValidator(_accent)] = "#3b5bfd"
    radius: int = Field(20, ge=0, le=32)
    font: str | None = Field(None, max_length=120, pattern=r"^[\w\s,\"'-]*$")
    logo_url: WebAddress | None = None
    position: Literal["right", "left"] = "right"
    theme: Literal["auto", "light", "dark"] = "auto"


class Consent(Wire):
    """What a visitor agrees to before microphone, camera or vendor is touched. The session keeps `version`."""

    version: str = "1"
    text: str = (
        "Your messages are processed by an AI to answer you. In a call your voice is sent to our video provider."
    )
    privacy_url: WebAddress | None = None


class Persona(Wire):
    """How the representative speaks."""

    prompt: str = ""
    tone: str = ""
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()


class Qualification(Wire):
    """What makes a lead."""

    criteria: tuple[str, ...] = ()


class DemoClip(Wire):
    """A clip that the representative may play, from `start` to `end` seconds."""

    title: str
    url: str
    description: str = ""
    start: float = Field(0, ge=0)
    end: float | None = Field(None, ge=0)
    topics: tuple[str, ...] = ()
    poster: str | None = None
    captions_url: str | None = None


class Limits(Wire):
    """Finite by default and never infinite: what nobody set is what stands here. Days and months are those of UTC."""

    call_seconds: int = Field(600, ge=60, le=3600)
    concurrent_calls: int = Field(2, ge=0)
    network_calls_per_hour: int = Field(6, ge=0, le=1000)
    """Calls that may be started from one network (an IPv4 /24, an IPv6 /64) within any hour."""
    calls_per_day: int = Field(50, ge=0)
    minutes_per_day: int = Field(120, ge=0)
    minutes_per_month: int = Field(1800, ge=0)
    money_per_day: float = Field(40.0, ge=0, allow_inf_nan=False)
    """All that costs together: calls, models, reading aloud."""
    money_per_month: float = Field(600.0, ge=0, allow_inf_nan=False)
    answer_tokens: int = Field(700, ge=50, le=4000)
    """The longest answer of one turn, tool steps included."""
    tool_steps: int = Field(3, ge=0, le=8)


class Retention(Wire):
    """How many days what came from a visitor is kept, and then expires by itself. Finite by default, and always."""

    conversation_days: int = Field(30, ge=1, le=730)
    """What was said, tool calls, usage, recordings' addresses, delivered messages."""
    lead_days: int = Field(730, ge=1, le=3650)
    """Leads and wishes for a person, from when they were last completed."""
    consent_days: int = Field(1095, ge=30, le=3650)
    """The evidence of a consent, which holds no words and no name."""

    @property
    def conversation_seconds(self) -> int:
        return self.conversation_days * DAY_SECONDS

    @property
    def lead_seconds(self) -> int:
        return self.lead_days * DAY_SECONDS

    @property
    def consent_seconds(self) -> int:
        return self.consent_days * DAY_SECONDS


class RouteExemplar(Wire):
    """A question and what it asks for, in a company's own words."""

    question: str = Field(min_length=3, max_length=300)
    route: Literal["text", "multimodal"]


class Search(Wire):
    """How a company's knowledge is searched, beyond strategy and weight."""

    deadline_ms: int = Field(400, ge=50, le=5000)
    """For all legs together, in text."""
    live_deadline_ms: int = Field(250, ge=50, le=5000)
    """The same while somebody waits on the line, in voice and video."""
    words_weight: float = Field(0.2, ge=0, le=1)
    """Share of the words in a score; the rest is meaning."""
    weak: float = Field(0.45, ge=0, le=1)
    """A best score below this is no answer: the other leg is asked, too."""
    rerank: Literal["learned", "bedrock", "off"] = "learned"
    rerank_model: str = ""
    """Bedrock's own name of the model, for `rerank = "bedrock"`."""
    synonyms: tuple[tuple[str, ...], ...] = Field((), max_length=200)
    """Each group holds words or short phrases that mean the same here, acronyms and their long forms included."""
    exemplars: tuple[RouteExemplar, ...] = Field((), max_length=100)
    """Questions of this company's visitors, for strategy `smart`."""


class ModelChoice(Wire):
    """A language model: `provider` is a member of `inference/`, `model` that provider's own name for it."""

    provider: Literal["bedrock", "openai", "extractive"] = "extractive"
    model: str = ""
    temperature: float | None = Field(None, ge=0, le=2)
    """Left to the provider when absent: newer models refuse it."""
    input_price: float = Field(0, ge=0)
    """Money for a million tokens read, in the currency of `limits.moneyPerDay`."""
    output_price: float = Field(0, ge=0)
    """Money for a million tokens written."""


class Models(Wire):
    """Asked in order: the next one answers when one fails before its first word."""

    chat: tuple[ModelChoice, ...] = Field((ModelChoice(),), min_length=1)


class Speech(Wire):
    """How answers are read aloud in the mode `tts`."""

    provider: Literal["polly", "openai"] = "polly"
    engine: Literal["standard", "neural", "long-form", "generative"] = "neural"
    """Polly's engine."""
    model: str = "gpt-4o-mini-tts"
    """OpenAI's speech model."""
    voices: dict[str, str] = Field(default_factory=dict)
    """A voice by language tag (`en-US`) or language (`en`), in the provider's own names; others get a usual one."""
    price: float = Field(16.0, ge=0)
    """Money for a million characters, in the currency of `limits.moneyPerDay`; as Polly's neural voices, in dollars."""


class Realtime(Wire):
    """How the representative sounds and listens in the mode `voice`. The words are OpenAI's."""

    model: str = "gpt-realtime-2.1-mini"
    voice: str = "marin"
    transcription_model: str = "gpt-realtime-whisper"
    turn_detection: Literal["semantic_vad", "server_vad"] = "semantic_vad"
    eagerness: Literal["low", "medium", "high", "auto"] = "auto"
    noise_reduction: Literal["near_field", "far_field"] = "far_field"


class Avatar(Wire):
    """How the representative behaves in the mode `video`. The words are Tavus's; `aisdr provision` writes them."""

    model: str | None = None
    """The brain's model at Tavus; its default when absent."""
    patience: Literal["low", "medium", "high"] = "medium"
    """How long it waits before it takes its turn."""
    interruptibility: Literal["low", "medium", "high"] = "medium"
    idle_engagement: Literal["off", "patient", "eager"] = "off"
    perception: bool = False
    """Whether it looks at the visitor's camera; the widget sends none by default."""
    guardrails: tuple[str, ...] = ()
    """What it must never do, beside `persona.dont`."""
    hotwords: tuple[str, ...] = ()
    """Names that speech recognition should know."""


class People(Wire):
    """How a visitor reaches a person of the company."""

    name: str = ""
    email: str | None = Field(None, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
    phone: str | None = Field(None, max_length=40)
    url: WebAddress | None = None
    hours: str = Field("", max_length=120)


class Webhook(Wire):
    """Where leads, requests for a person and conversation summaries are sent, signed as Standard Webhooks has it."""

    url: PrivateAddress
    secrets: tuple[WebhookSecret, ...] = Field(min_length=1, max_length=4)
    """All of them sign, so that a secret can be changed without a gap."""


class ToolProperty(Wire):
    """One argument of a company's own tool: the part of JSON Schema that every brain and a visitor's form can carry."""

    type: Literal["string", "number", "integer", "boolean"]
    description: str = Field("", max_length=500)
    title: str = Field("", max_length=80)
    """What the visitor reads beside the value."""
    enum: tuple[str | int | float, ...] | None = Field(None, min_length=1, max_length=50)
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = Field(None, ge=0)
    max_length: int | None = Field(None, ge=1, le=4000)

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        limits = {
            "minimum/maximum": (self.minimum, self.maximum, ("number", "integer")),
            "minLength/maxLength": (self.min_length, self.max_length, ("string",)),
        }
        for words, (low, high, types) in limits.items():
            if (low, high) != (None, None) and self.type not in types:
                raise ValueError(f"write {words} only for the type {' or '.join(types)}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"write {words} so that the first is not above the second")
        kinds = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": ()}[self.type]
        if any(not isinstance(value, kinds) for value in self.enum or ()):
            raise ValueError(f"write an enum only with values of the type {self.type}, and none for boolean")
        return self


class ToolParameters(Wire):
    """A JSON Schema object, one level deep; other keys are always refused."""

    type: Literal["object"] = "object"
    properties: dict[PropertyName, ToolProperty] = Field(default_factory=dict, max_length=20)
    required: tuple[str, ...] = ()
    additional_properties: Literal[False] = False

    @model_validator(mode="after")
    def _requires_what_is_there(self) -> Self:
        strangers = set(self.required) - self.properties.keys()
        if strangers:
            raise ValueError(f"write only names of properties into 'required'; unknown: {', '.join(sorted(strangers))}")
        return self


class HttpTool(Wire):
    """A tool of the company's own: we post the arguments to `url` and hand the answer to the model."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{2,47}$")
    title: str = Field("", max_length=80)
    """What the visitor reads above the values that are to be confirmed."""
    description: str = Field(min_length=10, max_length=1000)
    parameters: ToolParameters
    """JSON Schema of the arguments."""
    url: PrivateAddress
    secret: WebhookSecret
    timeout_seconds: float = Field(5, ge=0.5, le=15)
    max_bytes: int = Field(16_384, ge=256, le=65_536)
    writes: bool = True
    """Whether it leaves something behind; then the visitor confirms the values first."""
