"""Transcripts and descriptions from any address that speaks OpenAI's API: OpenAI, vLLM, a gateway of one's own.

https://platform.openai.com/docs/api-reference/audio/createTranscription
"""

import base64
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, Field, ValidationError

from aisdr.configuration import primary
from aisdr.errors import VendorError
from aisdr.inference.openai_key import authorization
from aisdr.inference.openai_refusals import refusal
from aisdr.ingest.perception.base import Description, Heard, Said, Sound
from aisdr.ingest.perception.instruction import LONGEST_ANSWER, instruction
from aisdr.ingest.perception.prices import described_for, per_minute
from aisdr.observability import TRACED
from aisdr.secret import Secret

TIMEOUT = httpx.Timeout(120.0, connect=2.0)
"""Ten minutes of speech are written down in half a minute."""
TRIES = 4
LONGEST_PAUSE = 20.0
AT_ONCE = 4
MOST_BYTES = 25_000_000
"""Of one piece of sound, says the vendor; ours are two megabytes."""

_TIMED_SECONDS, _UNTIMED_SECONDS = 600.0, 30.0
_SILENCE, _GUESS = 0.8, -1.0
"""Whisper writes down thanks for watching where nobody speaks; it says itself that it doubts both."""

T = TypeVar("T", bound=BaseModel)


class OpenAiTranscriber:
    """`whisper-1` and the `diarize` model say when each sentence begins; of the others a piece is half a minute.

    Args:
        sleep: waits before another try.
    """

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        model: str,
        *,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model = model
        self._door = _Door(base_url, api_key, f"Transcription model '{model}'", client, sleep)
        timed = {"whisper": "verbose_json", "diarize": "diarized_json"}
        self._format = next((form for word, form in timed.items() if word in model), "json")
        self.sound_seconds = _UNTIMED_SECONDS if self._format == "json" else _TIMED_SECONDS

    def transcribe(self, sounds: Sequence[Sound], language: str) -> Heard:
        if not sounds:
            return Heard(())
        with ThreadPoolExecutor(min(AT_ONCE, len(sounds)), thread_name_prefix="hear") as pool:
            said = list(pool.map(lambda sound: self._heard(sound, language), sounds))
        minutes = sum(sound.seconds for sound in sounds) / 60
        return Heard(tuple(each for some in said for each in some), minutes * per_minute(self._model))

    def _heard(self, sound: Sound, language: str) -> list[Said]:
        fields = {"model": self._model, "response_format": self._format, "language": primary(language)}
        if self._format == "verbose_json":
            fields["temperature"] = "0"
        if self._format == "diarized_json":
            fields["chunking_strategy"] = "auto"
        data = sound.data
        if len(data) > MOST_BYTES:
            raise VendorError("A piece of sound is larger than 25 MB", vendor="openai")
        answer = self._door.post("/audio/transcriptions", data=fields, files={"file": ("a.ogg", data, "audio/ogg")})
        transcript = self._door.read(answer, _Transcript)
        if transcript.segments is None:
            text = " ".join(transcript.text.split())
            return [Said(sound.start, round(sound.start + sound.seconds, 2), text)] if text else []
        return [
            Said(round(sound.start + each.start, 2), round(sound.start + max(each.start, each.end), 2), text)
            for each in transcript.segments
            if (text := " ".join(each.text.split())) and not each.is_doubtful
        ]


class OpenAiDescriber:
    """A chat model that sees."""

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        model: str,
        *,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model = model
        self._door = _Door(base_url, api_key, f"Vision model '{model}'", client, sleep)

    def describe(self, picture: bytes, language: str) -> Description:
        shown = f"data:image/webp;base64,{base64.b64encode(picture).decode()}"
        content = [
            {"type": "text", "text": instruction(language)},
            {"type": "image_url", "image_url": {"url": shown}},
        ]
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "max_completion_tokens": LONGEST_ANSWER,
        }
        answer = self._door.read(self._door.post("/chat/completions", json=body), _Answer)
        text = " ".join((answer.choices[0].message.content or "").split())
        if not text:
            raise self._door.failed("said nothing about a picture")
        usage = answer.usage
        money = described_for(self._model, usage.prompt_tokens, usage.completion_tokens) if usage else 0.0
        return Description(text, money)


class _Door:
    """Asks one address, again where that may help."""

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        who: str,
        client: httpx.Client | None,
        sleep: Callable[[float], None],
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = api_key
        self._who = who
        self._http = client or httpx.Client(timeout=TIMEOUT, event_hooks=TRACED)
        self._sleep = sleep

    def post(self, path: str, **content: Any) -> httpx.Response:
        pause = 1.0
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._once(path, **content)
            except VendorError as error:
                if not error.retryable or not left:
                    raise
            self._sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 4)
        raise AssertionError("the last try returns or raises")

    def read(self, response: httpx.Response, shape: type[T]) -> T:
        try:
            return shape.model_validate_json(response.content)
        except ValidationError as error:
            raise self.failed("sent an answer of an unknown shape") from error

    def failed(self, what: str, *, retryable: bool = False) -> VendorError:
        return VendorError(f"{self._who}: {what}", vendor="openai", retryable=retryable)

    def _once(self, path: str, **content: Any) -> httpx.Response:
        headers = authorization(self._base_url, self._key)
        try:
            response = self._http.post(f"{self._base_url}{path}", headers=headers, **content)
        except httpx.RequestError as error:
            raise self.failed("cannot be reached or was late", retryable=True) from error
        if response.status_code >= 400:
            raise self._refused(response)
        return response

    def _refused(self, response: httpx.Response) -> VendorError:
        remedies = {
            400: "refused the request: check the model's name in AISDR_TRANSCRIBER or AISDR_DESCRIBER",
            404: "unknown at this address: check its name and OPENAI_BASE_URL",
        }
        refused = refusal(response, remedies)
        return self.failed(refused.what, retryable=refused.retryable)


class _Segment(BaseModel):
    start: float
    end: float
    text: str
    no_speech_prob: float = 0.0
    avg_logprob: float = 0.0

    @property
    def is_doubtful(self) -> bool:
        return self.no_speech_prob > _SILENCE and self.avg_logprob < _GUESS


class _Transcript(BaseModel):
    text: str = ""
    segments: list[_Segment] | None = None


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Answer(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None
