"""Words out of sound, recognised on this machine by a small model that comes inside its package."""

import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from dev.voice import Samples

_MODEL_RATE = 16_000
_PAUSE = 0.25
"""Seconds of silence on both sides: a word at the very edge is lost otherwise."""
_TWO = re.compile(r"\bto(?= (?:hundred|thousand|million)\b)")  # a small model spells what it hears
_lock = threading.Lock()


def recognise(samples: Samples, rate: int) -> str:
    """The words of English speech; empty when there are none. Takes a fraction of a second, so call it in a thread."""
    return " ".join(sentence.text for sentence in sentences(samples, rate))


@dataclass(frozen=True)
class Sentence:
    """Seconds from the beginning of the sound."""

    start: float
    end: float
    text: str


def sentences(samples: Samples, rate: int) -> list[Sentence]:
    """The same words, sentence by sentence."""
    if not samples.any():
        return []  # in silence the model hears a word now and then
    pause = np.zeros(round(_PAUSE * _MODEL_RATE), np.float32)
    sound = np.concatenate([pause, _for_model(samples, rate), pause])
    with _lock:
        lines = _recogniser().transcribe_without_streaming(sound.tolist(), _MODEL_RATE).lines
    heard = []
    for line in lines:
        begin = max(0.0, line.start_time - _PAUSE)
        if text := _TWO.sub("two", line.text.strip()):
            heard.append(Sentence(round(begin, 2), round(begin + line.duration, 2), text))
    return heard


def warm() -> None:
    """Loads the model and lets it work once, because its first answer takes longer than the others."""
    recognise(np.ones(_MODEL_RATE, np.int16), _MODEL_RATE)


def _for_model(samples: Samples, rate: int) -> NDArray[np.float32]:
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    slower = av.AudioResampler(format="s16", layout="mono", rate=_MODEL_RATE)
    pieces = [piece.to_ndarray()[0] for given in (frame, None) for piece in slower.resample(given)]
    return np.concatenate(pieces).astype(np.float32) / np.float32(32768)


@cache
def _recogniser() -> Any:
    # A second of imports and loading that only a call needs.
    from moonshine_voice.moonshine_api import ModelArch  # type: ignore[import-untyped]
    from moonshine_voice.transcriber import Transcriber  # type: ignore[import-untyped]
    from moonshine_voice.utils import get_model_path  # type: ignore[import-untyped]

    return Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY)
