"""The parts of a company's configuration, each as an operator writes it in `company.toml`."""

from typing import Literal

from pydantic import Field

from aisdr.wire import Wire
from aisdr.written import Accent, PrivateAddress, WebAddress, WebhookSecret

Mode = Literal["text", "tts", "voice", "video"]
SearchStrategy = Literal["parallel", "smart", "fallback", "own"]


def primary(tag: str) -> str:
    """The language of a tag, `pt` for `pt-BR`."""
    return tag.partition("-")[0].lower()


class Branding(Wire):
    """What a company may turn on the widget; everything else follows from the accent."""

    accent: Accent = "#3b5bfd"
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
