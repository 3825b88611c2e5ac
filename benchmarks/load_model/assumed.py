"""What nobody can measure here: how visitors behave, how quick AWS is, what it charges. Change it, and run again."""

from dataclasses import dataclass
from typing import Literal

READ_ON = "November 2026"
"""When the prices were read, most of them second-hand: read them again at the address beside each before you quote."""


@dataclass(frozen=True)
class Price:
    usd: float
    per: float
    source: str

    def of(self, amount: float) -> float:
        return amount * self.usd / self.per


MILLION = 1e6
PRICES = {
    "HTTP API request": Price(1.00, MILLION, "https://aws.amazon.com/api-gateway/pricing/"),
    "WebSocket message": Price(1.00, MILLION, "https://aws.amazon.com/api-gateway/pricing/"),
    "WebSocket minute": Price(0.25, MILLION, "https://aws.amazon.com/api-gateway/pricing/"),
    "Lambda request": Price(0.20, MILLION, "https://aws.amazon.com/lambda/pricing/"),
    "Lambda GB-second, arm64": Price(13.3334, MILLION, "https://aws.amazon.com/lambda/pricing/"),
    "DynamoDB write": Price(0.625, MILLION, "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "DynamoDB read": Price(0.125, MILLION, "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "log GB": Price(0.50, 1e9, "https://aws.amazon.com/cloudwatch/pricing/"),
    "CloudFront request": Price(1.00, MILLION, "https://aws.amazon.com/cloudfront/pricing/"),
    "firewall request": Price(0.60, MILLION, "https://aws.amazon.com/waf/pricing/"),
    "model token in": Price(0.15, MILLION, "a small model; https://platform.openai.com/docs/pricing"),
    "model token out": Price(0.60, MILLION, "a small model; https://platform.openai.com/docs/pricing"),
    "spoken character": Price(16.00, MILLION, "neural voices; https://aws.amazon.com/polly/pricing/"),
    "voice minute": Price(0.10, 1, "AISDR_VOICE_MINUTE_PRICE, an upper bound"),
    "video minute": Price(0.37, 1, "AISDR_TAVUS_MINUTE_PRICE; https://www.tavus.io/pricing"),
}

DYNAMODB_MS = 5.0
POST_MS = 10.0
STREAM_SECONDS = 4.0
"""A model writes an answer as long as this; the function that passes it on waits with it."""
DELTA_SECONDS = 0.06
"""How often a piece is posted meanwhile: `aisdr.reply.DELTA_SECONDS`."""
VENDOR_SECONDS = 1.5
"""Creating a call at Tavus or OpenAI, and reading one sentence aloud, as long as we wait."""
MEMORY_GB = 1.0

Mode = Literal["text", "text, no model", "tts", "voice", "video"]


@dataclass(frozen=True)
class Conversation:
    """One visitor of a mode: how often each step is taken, and how long they stay."""

    steps: dict[str, int]
    minutes: float
    tokens_in: int = 0
    tokens_out: int = 0
    characters: int = 0
    voice_minutes: float = 0.0
    video_minutes: float = 0.0


_IN = {"profile": 1, "session": 1, "connect": 1, "hello": 1}
_OUT = {"disconnect": 1, "close": 1}
_CALL = {**_IN, "call": 1, "hang up": 1, **_OUT, "connect": 2, "disconnect": 2}
CONVERSATIONS: dict[Mode, Conversation] = {
    "text, no model": Conversation({**_IN, "question": 5, **_OUT}, minutes=6),
    "text": Conversation({**_IN, "question to a model": 5, **_OUT}, minutes=6, tokens_in=5 * 2500, tokens_out=5 * 150),
    "tts": Conversation(
        {**_IN, "question to a model": 5, "sentence": 15, **_OUT},
        minutes=6,
        tokens_in=5 * 2500,
        tokens_out=5 * 150,
        characters=5 * 400,
    ),
    "voice": Conversation({**_CALL, "event": 60, "utterance": 20, "tool": 4}, minutes=5, voice_minutes=4),
    "video": Conversation({**_CALL, "event": 80, "utterance": 20, "tool": 4}, minutes=5, video_minutes=4),
}
MIX: dict[Mode, float] = {"text": 0.85, "tts": 0.05, "voice": 0.05, "video": 0.05}
"""Of a day's conversations."""
TAVUS_AT_ONCE = 100
"""Calls that the plan at Tavus lets run at the same time: yours says."""
PEAK = 3.0
"""The busiest minute against the day's average."""

HTTP_STEPS = ("profile", "session", "renew", "sentence", "call", "hang up")
"""Through CloudFront, the firewall and the HTTP API."""
SOCKET_STEPS = ("hello", "question", "question to a model", "event", "utterance", "tool")
"""Frames that come in."""
STREAMING = "question to a model"
WAITING = ("call", "sentence")
