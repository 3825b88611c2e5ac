"""Hears when somebody begins and stops speaking, by the energy of the sound, and keeps what was said."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dev.voice import Samples

RATE = 48_000
_LOUDEST_THRESHOLD = 0.02
"""Of full scale, at the setting 1.0; the usual 0.5 lies well under quiet speech and over the noise of a room."""
_ONSET_MS = 80
"""A click or a beep is not speech: so much of the last `_ONSET_WINDOW_MS` must be loud."""
_ONSET_WINDOW_MS = 160
# The vendor's model judges whether a sentence is complete; here eagerness only sets how long a pause may be.
_PAUSES_MS = {"low": 1500, "medium": 800, "auto": 800, "high": 500}
_LONGEST_TURN_MS = 60_000


@dataclass(frozen=True)
class Started:
    at_ms: int


@dataclass(frozen=True)
class Stopped:
    at_ms: int
    speech: Samples


class Ears:
    """The input audio buffer. Without turn detection it keeps everything until somebody commits or clears it."""

    def __init__(self, turns: dict[str, Any] | None) -> None:
        self.turns = turns
        self.heard_ms = 0
        self.speaking = False
        self._kept: deque[Samples] = deque()
        self._kept_ms = 0
        self._recent: deque[tuple[int, bool]] = deque()
        self._quiet_ms = 0

    def hear(self, samples: Samples) -> Started | Stopped | None:
        """The next samples, some 20 ms of them."""
        length = len(samples) * 1000 // RATE
        self.heard_ms += length
        self._keep(samples, length)
        if self.turns is None:
            return None
        loud = _level(samples) > self.turns.get("threshold", 0.5) * _LOUDEST_THRESHOLD
        if not self.speaking:
            return self._wait_for_speech(length, loud)
        self._quiet_ms = 0 if loud else self._quiet_ms + length
        if self._quiet_ms < self._pause_ms and self._kept_ms < _LONGEST_TURN_MS:
            return None
        self.speaking = False
        return Stopped(self.heard_ms - self._quiet_ms, self.take())

    def take(self) -> Samples:
        """What is in the buffer, which is empty afterwards."""
        taken = np.concatenate(list(self._kept)) if self._kept else np.zeros(0, np.int16)
        self.clear()
        return taken

    def clear(self) -> None:
        self._kept.clear()
        self._kept_ms = 0

    def _wait_for_speech(self, length: int, loud: bool) -> Started | None:
        self._recent.append((length, loud))
        while sum(ms for ms, _ in self._recent) > _ONSET_WINDOW_MS:
            self._recent.popleft()
        padding: int = self.turns.get("prefix_padding_ms", 300) if self.turns else 300
        while self._kept and self._kept_ms > padding + _ONSET_WINDOW_MS:
            self._kept_ms -= len(self._kept.popleft()) * 1000 // RATE
        if sum(ms for ms, was_loud in self._recent if was_loud) < _ONSET_MS:
            return None
        self.speaking, self._quiet_ms = True, 0
        self._recent.clear()
        return Started(max(0, self.heard_ms - self._kept_ms))

    @property
    def _pause_ms(self) -> int:
        assert self.turns is not None
        kind: Literal["server_vad", "semantic_vad"] = self.turns["type"]
        pause: int = self.turns["silence_duration_ms"] if kind == "server_vad" else _PAUSES_MS[self.turns["eagerness"]]
        return pause

    def _keep(self, samples: Samples, length: int) -> None:
        self._kept.append(samples)
        self._kept_ms += length
        while self._kept_ms > _LONGEST_TURN_MS:
            self._kept_ms -= len(self._kept.popleft()) * 1000 // RATE


def _level(samples: Samples) -> float:
    """From 0 to 1, the mean energy."""
    return float(np.sqrt(np.mean(samples.astype(np.float32) ** 2))) / 32768 if len(samples) else 0.0
