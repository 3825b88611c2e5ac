"""The output audio buffer of a call: sentences queue up in it and play in their order, until somebody clears it."""

import asyncio
from collections.abc import Callable

from dev.daily.timeline import RATE, Timeline
from dev.voice import Sound

_LEAD = RATE // 20


class Mouth(Timeline):
    """Says when the sound of a response begins, ends by itself, or is cleared; one response speaks after the other."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        """`tell` gets `started`, `stopped` or `cleared`, and the response."""
        super().__init__()
        self._tell = tell
        self._end = 0
        self._message_begins = 0
        self._emptying: asyncio.Task[None] | None = None
        self.playing: str | None = None
        """The response whose sound is in the buffer."""
        self.message: str | None = None
        self._cleared_at: dict[str, int] = {}

    def begin(self, response_id: str, message: str) -> None:
        """What comes now is the sound of this message."""
        if self.playing is not None and self.playing != response_id:
            self._stopped()
        self._message_begins = max(self.now() + _LEAD, self._end)
        self.playing, self.message = response_id, message
        self._tell("started", response_id)

    def say(self, sound: Sound) -> None:
        """Behind what is still to be heard."""
        begins = max(self.now() + _LEAD, self._end)
        self._speech = [(start, samples) for start, samples in self._speech if start + len(samples) > self.now() - RATE]
        self._speech.append((begins, sound.at_rate(RATE).samples))
        self._end = begins + len(self._speech[-1][1])

    def finish(self) -> None:
        """No more is coming: it is over as soon as the buffer is empty."""
        self._emptying = asyncio.create_task(self._empty())

    def heard_ms(self) -> int:
        """How much of the message has been heard."""
        return max(0, min(self.now(), self._end) - self._message_begins) * 1000 // RATE

    def heard_before_clearing(self, message: str) -> int:
        return self._cleared_at.get(message, 0)

    def clear(self) -> bool:
        """Silence at once; answers whether there was anything to hear."""
        if self.playing is None:
            return False
        if self.message is not None:
            self._cleared_at[self.message] = self.heard_ms()
        self.cut()
        self._end = self.now()
        cleared = self.playing
        self._forget()
        self._tell("cleared", cleared)
        return True

    def close(self) -> None:
        """Silence without a word: the call is over."""
        self.cut()
        self._forget()

    async def _empty(self) -> None:
        await asyncio.sleep(max(0.0, (self._end - self.now()) / RATE))
        self._emptying = None
        self._stopped()

    def _stopped(self) -> None:
        stopped = self.playing
        self._forget()
        if stopped is not None:
            self._tell("stopped", stopped)

    def _forget(self) -> None:
        if self._emptying is not None:
            self._emptying.cancel()
        self._emptying = self.playing = self.message = None
