"""Speech: text read aloud by eSpeak NG in the formats the vendor offers, sent in pieces."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dev.openai.doors import json_body
from dev.openai.published import check
from dev.openai.refusals import unknown_model, wrong
from dev.openai.sessions import VOICES as REALTIME_VOICES
from dev.openai.sessions import check_voice
from dev.sound_file import Format, encode
from dev.voice import Gender, speak

MODELS = ("gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15", "tts-1", "tts-1-hd")
VOICES = (*REALTIME_VOICES, "fable", "onyx", "nova")
MAX_CHARACTERS = 4096
RATE = 24_000
_MEN = ("ash", "ballad", "cedar", "echo", "fable", "onyx", "verse")
_FORMATS: dict[str, tuple[Format, str]] = {
    "mp3": ("mp3", "audio/mpeg"),
    "opus": ("ogg_opus", "audio/ogg"),
    "aac": ("aac", "audio/aac"),
    "flac": ("flac", "audio/flac"),
    "wav": ("wav", "audio/wav"),
    "pcm": ("pcm", "audio/pcm"),
}
_PIECE = 4096


def gender(voice: Any) -> Gender:
    """Which of espeak's voices stands for one of the vendor's."""
    return "Male" if voice in _MEN else "Female"


async def speech(request: Request) -> Response:
    body = await json_body(request)
    _check(body)
    wanted, media_type = _FORMATS[body.get("response_format", "mp3")]
    sound = await run_in_threadpool(
        lambda: speak(body["input"], gender=gender(body["voice"]), speed=body.get("speed", 1)).at_rate(RATE)
    )
    audio = await run_in_threadpool(encode, sound, wanted)
    if body.get("stream_format") == "sse":
        return StreamingResponse(_events(audio, body["input"]), media_type="text/event-stream")
    return StreamingResponse(_pieces(audio), media_type=media_type)


def _check(body: dict[str, Any]) -> None:
    from openai.types.audio.speech_create_params import SpeechCreateParams  # slow to import, and only needed here

    check(body, SpeechCreateParams, "")
    if body["model"] not in MODELS:
        raise unknown_model(body["model"])
    check_voice(body["voice"], VOICES, "voice")
    if not body["input"]:
        raise wrong("input", "Invalid 'input': string too short. Expected at least 1 character.", "string_too_short")
    if len(body["input"]) > MAX_CHARACTERS:
        message = f"Invalid 'input': string too long. Expected at most {MAX_CHARACTERS} characters."
        raise wrong("input", message, "string_above_max_length")
    if not 0.25 <= body.get("speed", 1) <= 4:
        raise wrong("speed", "Invalid 'speed': expected a number from 0.25 to 4.0.", "invalid_value")
    if body["model"].startswith("tts-1"):
        if body.get("stream_format") == "sse":
            raise wrong("stream_format", "'sse' is not supported with this model.", "unsupported_value")
        if "instructions" in body:
            raise wrong("instructions", "'instructions' is not supported with this model.", "unsupported_value")


def _pieces(audio: bytes) -> Iterator[bytes]:
    for at in range(0, len(audio), _PIECE):
        yield audio[at : at + _PIECE]


def _events(audio: bytes, text: str) -> Iterator[str]:
    for piece in _pieces(audio):
        yield _line({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
    read, spoken = len(text) // 4 + 1, len(text) // 2 + 1
    usage = {"input_tokens": read, "output_tokens": spoken, "total_tokens": read + spoken}
    yield _line({"type": "speech.audio.done", "usage": usage})


def _line(event: dict[str, Any]) -> str:
    return f"data: {json.dumps(event)}\n\n"
