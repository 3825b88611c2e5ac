"""A browser's connection to a call: its microphone, our voice, and the channel for events."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from aiortc import RTCDataChannel
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, AudioResampler

from dev.daily.media import AvatarAudio
from dev.daily.peer import Peer
from dev.daily.timeline import Timeline
from dev.openai.ears import RATE
from dev.voice import Samples

CHANNEL = "oai-events"
_FLUSH_SECONDS = 1.0


class Line(Peer):
    """Only the channel with the vendor's name carries events; another one is not listened to."""

    def __init__(
        self,
        voice: Timeline,
        on_open: Callable[[], None],
        on_event: Callable[[dict[str, Any]], None],
        on_sound: Callable[[Samples], None],
        on_gone: Callable[[], None],
    ) -> None:
        super().__init__([AvatarAudio(voice)], on_open, on_event, on_gone)
        self._on_sound = on_sound

    async def hang_up(self) -> None:
        """What was sent before still arrives."""
        channel = self._channel
        if channel is not None and channel.readyState == "open":
            with suppress(TimeoutError):
                async with asyncio.timeout(_FLUSH_SECONDS):
                    while channel.bufferedAmount:  # noqa: ASYNC110  (aiortc tells nobody when it is empty)
                        await asyncio.sleep(0.01)
            channel.close()
        await self.close()

    def drop_channel(self) -> None:
        """As when the vendor loses it: the media stay for a while."""
        if self._channel is not None:
            self._channel.close()

    def _opened(self, channel: RTCDataChannel) -> None:
        if channel.label == CHANNEL:
            super()._opened(channel)

    async def _count(self, track: MediaStreamTrack) -> None:
        """Every frame of the microphone, as one channel at our rate."""
        same = AudioResampler(format="s16", layout="mono", rate=RATE)
        try:
            while True:
                frame = await track.recv()
                if not isinstance(frame, AudioFrame):
                    continue
                self.microphone_frames += 1
                for piece in same.resample(frame):
                    self._on_sound(np.asarray(piece.to_ndarray()[0], np.int16))
        except MediaStreamError:
            pass  # the visitor stopped sending
