"""Transcripts of recordings, heard by the small model of the realtime look-alike, in the forms the vendor offers."""

import io
from typing import Any

import av
import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from dev.openai.doors import form_files
from dev.openai.hearing import Sentence, sentences
from dev.openai.refusals import OpenAIError, unknown_model, wrong
from dev.voice import Samples

_OLDER = ("json", "text", "srt", "verbose_json", "vtt")
MODELS: dict[str, tuple[str, ...]] = {
    "whisper-1": _OLDER,
    "gpt-4o-transcribe": ("json", "text"),
    "gpt-4o-mini-transcribe": ("json", "text"),
    "gpt-4o-transcribe-diarize": ("json", "text", "diarized_json"),
}
"""Name → forms of its answer; only the first says when each sentence begins in all but two of them."""
MOST_BYTES = 25 * 1024 * 1024
_ENDINGS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")
_RATE = 16_000
_UNCUT_SECONDS = 30
"""Longer sound is cut by the server, and the model that tells speakers apart wants to be told how."""


async def transcribe(request: Request) -> Response:
    fields = form_files(await request.body(), request.headers.get("content-type", ""))
    file, words = fields.pop("file", None), {name: value.decode("utf-8", "replace") for name, value in fields.items()}
    if not file:
        raise wrong("file", "Missing required parameter: 'file'.", "missing_required_parameter")
    if len(file) > MOST_BYTES:
        raise OpenAIError(413, f"{len(file)}: Maximum content size limit ({MOST_BYTES}) exceeded", kind="server_error")
    wanted = _checked(words)
    samples = await run_in_threadpool(_decoded, file)
    seconds = len(samples) / _RATE
    if "diarize" in words["model"] and seconds > _UNCUT_SECONDS and "chunking_strategy" not in words:
        raise wrong("chunking_strategy", "chunking_strategy is required for diarization models")
    heard = await run_in_threadpool(sentences, samples, _RATE)
    text = " ".join(each.text for each in heard)
    if wanted == "text":
        return PlainTextResponse(f"{text}\n")
    if wanted in ("srt", "vtt"):
        return PlainTextResponse(_captions(heard, wanted))
    return JSONResponse(_told(wanted, words, heard, text, seconds))


def _checked(words: dict[str, str]) -> str:
    from openai.types.audio.transcription_create_params import TranscriptionCreateParamsNonStreaming  # slow to import

    known = TranscriptionCreateParamsNonStreaming.__annotations__
    for name in words:
        if name.removesuffix("[]") not in known:
            raise wrong(name, f"Unknown parameter: '{name}'.", "unknown_parameter")
    model, wanted = words.get("model", ""), words.get("response_format", "json")
    if not model:
        raise wrong("model", "Missing required parameter: 'model'.", "missing_required_parameter")
    if model not in MODELS:
        raise unknown_model(model)
    if wanted not in MODELS[model]:
        message = f"response_format '{wanted}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
        raise wrong("response_format", message, "unsupported_value")
    if len(words.get("language", "en")) != 2:
        message = f"Invalid language '{words['language']}'. Language parameter must be specified in ISO-639-1 format."
        raise wrong("language", message, "invalid_language_format")
    return wanted


def _decoded(file: bytes) -> Samples:
    try:
        with av.open(io.BytesIO(file), "r") as container:
            fitting = av.AudioResampler(format="s16", layout="mono", rate=_RATE)
            frames = [*container.decode(audio=0), None]
            return np.concatenate([piece.to_ndarray()[0] for frame in frames for piece in fitting.resample(frame)])
    except (av.FFmpegError, IndexError, ValueError) as error:
        message = f"Invalid file format. Supported formats: {', '.join(map(repr, _ENDINGS))}"
        raise wrong("file", message, "invalid_value") from error


def _told(wanted: str, words: dict[str, str], heard: list[Sentence], text: str, seconds: float) -> dict[str, Any]:
    if words["model"] == "whisper-1":
        usage: dict[str, Any] = {"type": "duration", "seconds": round(seconds)}
    else:
        read, written = round(seconds * 10), len(text) // 4 + 1
        usage = {"type": "tokens", "input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    told: dict[str, Any] = {"text": text, "usage": usage}
    if wanted == "json":
        return told
    told |= {"task": "transcribe", "duration": seconds}
    if wanted == "diarized_json":
        return told | {"segments": [_spoken(place, each) for place, each in enumerate(heard)]}
    told |= {"language": "english"}
    if words.get("timestamp_granularities[]", "segment") == "segment":
        told |= {"segments": [_segment(place, each) for place, each in enumerate(heard)]}
    return told


def _segment(place: int, heard: Sentence) -> dict[str, Any]:
    sure = {"avg_logprob": -0.2, "compression_ratio": 1.2, "no_speech_prob": 0.01, "temperature": 0.0}
    timed = {"start": heard.start, "end": heard.end, "text": f" {heard.text}"}
    return {"id": place, "seek": 0, "tokens": [], **timed, **sure}


def _spoken(place: int, heard: Sentence) -> dict[str, Any]:
    timed = {"start": heard.start, "end": heard.end, "text": heard.text}
    return {"type": "transcript.text.segment", "id": f"seg_{place}", "speaker": "A", **timed}


def _captions(heard: list[Sentence], wanted: str) -> str:
    mark, head = (",", "") if wanted == "srt" else (".", "WEBVTT\n\n")
    cues = []
    for place, each in enumerate(heard, start=1):
        number = f"{place}\n" if wanted == "srt" else ""
        cues.append(f"{number}{_time(each.start, mark)} --> {_time(each.end, mark)}\n{each.text}\n")
    return head + "\n".join(cues)


def _time(seconds: float, mark: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds // 1000:02d}{mark}{milliseconds % 1000:03d}"
