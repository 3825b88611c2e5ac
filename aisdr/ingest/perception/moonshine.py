"""English speech, written down on this machine by Moonshine, whose model comes inside its package.

A minute takes a second and a half, and a worker 250 MB.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from aisdr.ingest.perception.base import Said
from aisdr.ingest.perception.memory import give_back_memory
from aisdr.ingest.perception.sound import RATE, Samples

LANGUAGES = ("en",)
PIECE_SECONDS = 30.0
"""It finds the sentences in it by their pauses, and says when each begins."""
_PAUSE_SECONDS = 0.25
"""Before and after: a word at the very edge is lost otherwise."""


def written_down(pieces: Iterable[tuple[float, Samples]]) -> list[Said]:
    """The sentences of pieces of sound, each with its time in the whole."""
    return [said for start, samples in pieces for said in _sentences(start, samples)]


def forget() -> None:
    """Gives the model's memory back: what comes after the speech of a clip needs as much for itself."""
    if _recogniser.cache_info().currsize:
        _recogniser().close()
        _recogniser.cache_clear()
        give_back_memory()


def _sentences(start: float, samples: Samples) -> list[Said]:
    pause = np.zeros(round(_PAUSE_SECONDS * RATE), np.float32)
    sound = np.concatenate([pause, samples.astype(np.float32) / np.float32(32768), pause])
    lines = _recogniser().transcribe_without_streaming(sound.tolist(), RATE).lines
    found = []
    for line in lines:
        begin = max(0.0, line.start_time - _PAUSE_SECONDS)
        text = " ".join(line.text.split())
        if text:
            found.append(Said(round(start + begin, 2), round(start + begin + line.duration, 2), text))
    return found


@cache
def _recogniser() -> Any:
    # A second of imports and loading that only recordings need.
    from moonshine_voice.moonshine_api import ModelArch  # type: ignore[import-untyped]
    from moonshine_voice.transcriber import Transcriber  # type: ignore[import-untyped]
    from moonshine_voice.utils import get_model_path  # type: ignore[import-untyped]

    return Transcriber(str(get_model_path("tiny-en")), ModelArch.TINY, options={"return_audio_data": "false"})
