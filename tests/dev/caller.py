"""Somebody on a realtime call who is nothing but aiortc and a voice: the tests' own end of the line."""

import asyncio
import json
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack
from av import AudioFrame

from dev.voice import MICROPHONE_RATE, Samples, speak

PATIENCE_SECONDS = 20
_FRAME = MICROPHONE_RATE // 50
_AUDIBLE = 500


class Microphone(AudioStreamTrack):
    """Silence, until there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._count = 0
        self._said = np.zeros(0, np.int16)
        self._silent = asyncio.Event()

    async def spoken(self) -> None:
        """Everything has been said."""
        await self._silent.wait()

    def say(self, text: str) -> None:
        self._silent.clear()
        self._said = np.concatenate([self._said, speak(text, clear=True).at_rate(MICROPHONE_RATE).samples])

    async def recv(self) -> AudioFrame:
        await asyncio.sleep(max(0.0, self._began + self._count / 50 - time.monotonic()))
        samples: Samples = np.zeros(_FRAME, np.int16)
        now, self._said = self._said[:_FRAME], self._said[_FRAME:]
        samples[: len(now)] = now
        if not len(self._said):
            self._silent.set()
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = (
            MICROPHONE_RATE,
            self._count * _FRAME,
            Fraction(1, MICROPHONE_RATE),
        )
        self._count += 1
        return frame


class Caller:
    def __init__(self, channel: str = "oai-events") -> None:
        self.events: list[dict[str, Any]] = []
        self.heard_frames = 0
        self.audible_frames = 0
        self.microphone = Microphone()
        self._news = asyncio.Condition()
        self._connection = RTCPeerConnection()
        self._tasks: list[asyncio.Task[None]] = []
        self.channel = self._connection.createDataChannel(channel)
        self.channel.on("message", lambda raw: self._later(self._note(json.loads(raw))))
        self.channel.on("close", lambda: self._later(self._note({"type": "(closed)"})))
        self._connection.on("track", lambda track: self._later(self._listen(track)))

    async def offer(self) -> str:
        self._connection.addTrack(self.microphone)
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def connect(self, answer: str) -> None:
        await self.open(answer)
        await self.event("session.created")

    async def open(self, answer: str) -> None:
        await self._connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    def send(self, kind: str, **fields: Any) -> None:
        self.channel.send(json.dumps({"type": kind, **fields}))

    def write(self, text: str, role: str = "user") -> None:
        content = {"type": "output_text" if role == "assistant" else "input_text", "text": text}
        self.send("conversation.item.create", item={"type": "message", "role": role, "content": [content]})

    def ask(self, text: str) -> None:
        self.write(text)
        self.send("response.create")

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    async def event(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The one of this kind with this number."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(happened)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    def _later(self, work: Any) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def _note(self, event: dict[str, Any]) -> None:
        async with self._news:
            self.events.append(event)
            self._news.notify_all()

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            assert isinstance(frame, AudioFrame)
            async with self._news:
                self.heard_frames += 1
                self.audible_frames += int(np.abs(frame.to_ndarray()).max()) > _AUDIBLE
                self._news.notify_all()
