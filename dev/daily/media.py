"""The two tracks a visitor receives: the portrait as video and the timeline as audio, each at its own steady pace."""

import asyncio
import time
from fractions import Fraction

import numpy as np
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av import AudioFrame, VideoFrame

from dev.daily import portrait
from dev.daily.timeline import RATE, Timeline

FRAMES_A_SECOND = 15
_AUDIO_SAMPLES = RATE // 50
_VIDEO_CLOCK = 90_000


class AvatarVideo(VideoStreamTrack):
    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self._began = time.monotonic()
        self._count = 0

    async def recv(self) -> VideoFrame:
        self._count += 1
        await _until(self._began + self._count / FRAMES_A_SECOND)
        moment = portrait.pose(time.monotonic(), self._timeline.loudness())
        frame = VideoFrame.from_ndarray(np.asarray(portrait.frame(moment)), format="rgb24")
        frame.pts = self._count * _VIDEO_CLOCK // FRAMES_A_SECOND
        frame.time_base = Fraction(1, _VIDEO_CLOCK)
        return frame


class AvatarAudio(AudioStreamTrack):
    def __init__(self, timeline: Timeline) -> None:
        super().__init__()
        self._timeline = timeline
        self._began = time.monotonic()
        self._first = timeline.now()
        self._count = 0

    async def recv(self) -> AudioFrame:
        await _until(self._began + self._count * _AUDIO_SAMPLES / RATE)
        samples = self._timeline.read(self._first + self._count * _AUDIO_SAMPLES, _AUDIO_SAMPLES)
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._count * _AUDIO_SAMPLES
        frame.time_base = Fraction(1, RATE)
        self._count += 1
        return frame


async def _until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        await asyncio.sleep(left)
