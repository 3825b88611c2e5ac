"""The voice of the look-alikes: speech from eSpeak NG, whose library and data come inside a Python wheel."""

import ctypes
import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import espeakng_loader  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Gender = Literal["Female", "Male"]

_SYNCHRONOUS = 2  # espeak hands the samples to our callback instead of a sound card
_DO_NOT_EXIT = 0x8000
_UTF8 = 1
_SSML = 0x10
_RATE, _PITCH = 1, 3
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_VARIANTS: dict[Gender, str] = {"Female": "f2", "Male": "m3"}

# One engine per process with state of its own (voice, rate): whoever speaks holds the lock.
_engine_lock = threading.Lock()


@dataclass(frozen=True)
class Sound:
    """Mono speech."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def at_rate(self, rate: int) -> "Sound":
        if rate == self.rate or not len(self.samples):
            return Sound(self.samples, rate)
        wanted = np.arange(int(self.seconds * rate)) * (self.rate / rate)
        steady = np.interp(wanted, np.arange(len(self.samples)), self.samples)
        return Sound(steady.astype(np.int16), rate)


def speak(text: str, language: str = "en-US", gender: Gender = "Female", *, ssml: bool = False) -> Sound:
    """The spoken text; an unknown language is read with English rules, as espeak has no other fallback."""
    with _engine_lock:
        engine, rate = _engine()
        _choose_voice(engine, language, gender)
        pieces: list[bytes] = []

        def collect(wave: Any, count: int, _events: Any) -> int:
            if wave and count > 0:
                pieces.append(ctypes.string_at(wave, count * 2))
            return 0

        callback = _CALLBACK(collect)
        engine.espeak_SetSynthCallback(callback)
        encoded = text.encode() + b"\0"
        flags = _UTF8 | (_SSML if ssml else 0)
        engine.espeak_Synth(encoded, len(encoded), 0, 1, 0, flags, None, None)
        engine.espeak_Synchronize()
    return Sound(np.frombuffer(b"".join(pieces), np.int16), rate)


@cache
def _engine() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DO_NOT_EXIT)
    if rate <= 0:
        raise OSError(f"eSpeak NG did not start ({rate})")
    return library, rate


def _choose_voice(engine: ctypes.CDLL, language: str, gender: Gender) -> None:
    variant = _VARIANTS[gender]
    primary = re.split(r"[-_]", language)[0].lower()
    for name in (language.lower(), primary, "en-us"):
        if engine.espeak_SetVoiceByName(f"{name}+{variant}".encode()) == 0:
            break
    engine.espeak_SetParameter(_RATE, 165, 0)
    engine.espeak_SetParameter(_PITCH, 42 if gender == "Female" else 38, 0)
