"""Speaks a sentence with espeak-ng, whose library and voices come inside a Python package."""

import ctypes
from functools import cache

import espeakng_loader  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

RATE = 22_050
"""Samples a second, as every espeak-ng formant voice has them."""

_RETRIEVAL, _CHARACTERS, _UTF8 = 1, 1, 1  # AUDIO_OUTPUT_RETRIEVAL, POS_CHARACTER, espeakCHARS_UTF8
_SPEED, _PITCH, _RANGE, _GAP = 1, 3, 4, 7  # espeak_PARAMETER

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@cache
def _library(voice: str, words_a_minute: int, gap: int) -> ctypes.CDLL:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    if library.espeak_Initialize(_RETRIEVAL, 0, espeakng_loader.get_data_path().encode(), 0) != RATE:
        raise RuntimeError("espeak-ng did not start: reinstall the package espeakng-loader")
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError(f"espeak-ng has no voice {voice!r}")
    for parameter, value in ((_SPEED, words_a_minute), (_PITCH, 42), (_RANGE, 60), (_GAP, gap)):
        library.espeak_SetParameter(parameter, value, 0)
    library.espeak_ng_SetRandSeed(
        ctypes.c_long(1)
    )  # it begins with the time: the breath of an "s" was another each time
    return library


def speak(text: str, voice: str = "en-us", *, words_a_minute: int = 176, gap: int = 1) -> NDArray[np.int16]:
    """The spoken text, mono, without silence at its ends. One voice for the whole of a process."""
    library = _library(voice, words_a_minute, gap)
    pieces: list[NDArray[np.int16]] = []

    def receive(samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: int) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    callback = _Callback(receive)
    library.espeak_SetSynthCallback(callback)
    data = text.encode()
    library.espeak_Synth(data, len(data) + 1, 0, _CHARACTERS, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    sound = np.concatenate(pieces)
    loud = np.flatnonzero(np.abs(sound) > 200)
    return sound[loud[0] : loud[-1] + 1]
