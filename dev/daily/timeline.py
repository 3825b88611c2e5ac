"""What the avatar's voice sounds like at any moment: speech laid on a line of time, silence everywhere else."""

import time

import numpy as np

from dev.voice import Samples, Sound

RATE = 48_000
_LEAD = RATE // 20  # speech begins a twentieth of a second ahead, so that every listener still hears its first sound


class Timeline:
    """One for a room; every visitor's audio track reads the same line at its own pace."""

    def __init__(self) -> None:
        self._zero = time.monotonic()
        self._speech: list[tuple[int, Samples]] = []

    def now(self) -> int:
        return int((time.monotonic() - self._zero) * RATE)

    def say(self, sound: Sound) -> None:
        now = self.now()
        self._speech = [(start, samples) for start, samples in self._speech if start + len(samples) > now - RATE]
        self._speech.append((now + _LEAD, sound.at_rate(RATE).samples))

    def cut(self) -> None:
        """Silence from now on."""
        now = self.now()
        self._speech = [(start, samples[: max(0, now - start)]) for start, samples in self._speech]

    def read(self, start: int, count: int) -> Samples:
        heard = np.zeros(count, np.int16)
        for begin, samples in list(self._speech):
            low, high = max(start, begin), min(start + count, begin + len(samples))
            if low < high:
                heard[low - start : high - start] = samples[low - begin : high - begin]
        return heard

    def loudness(self) -> float:
        """From 0 (silent) to 1, over the last twentieth of a second."""
        window = self.read(self.now() - RATE // 20, RATE // 20).astype(np.float32)
        return min(1.0, float(np.sqrt(np.mean(window**2))) / 6000)
