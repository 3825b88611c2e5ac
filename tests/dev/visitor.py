"""A visitor of a room who is nothing but aiortc: the tests' own end of the line, with no browser and no room.js."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame
from numpy.typing import NDArray

PATIENCE_SECONDS = 30


class Visitor:
    def __init__(self, url: str, token: str | None) -> None:
        self.url, self.token = url, token
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []  # the app-messages among them
        self.pictures: list[NDArray[np.uint8]] = []
        self.loudest = 0
        self._heard = asyncio.Condition()
        self._connection = RTCPeerConnection()
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self) -> httpx.Response:
        connection = self._connection
        connection.addTrack(AudioStreamTrack())  # a microphone in a silent room
        connection.addTransceiver("video", direction="recvonly")
        self.channel = connection.createDataChannel("daily")
        self.channel.on("message", lambda raw: self._tasks.append(asyncio.ensure_future(self._note(json.loads(raw)))))
        connection.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._watch(track))))
        await connection.setLocalDescription(await connection.createOffer())
        async with httpx.AsyncClient() as client:
            offer = {"sdp": connection.localDescription.sdp, "token": self.token}
            answer = await client.post(f"{self.url}/join", json=offer)
        if answer.is_success:
            await connection.setRemoteDescription(RTCSessionDescription(answer.json()["sdp"], "answer"))
            await self.until(lambda: any(message["kind"] == "welcome" for message in self.messages))
        return answer

    def send(self, event_type: str, conversation_id: str, properties: dict[str, Any] | None = None) -> None:
        event = {"message_type": "conversation", "event_type": event_type, "conversation_id": conversation_id}
        if properties is not None:
            event["properties"] = properties  # type: ignore[assignment]
        self.channel.send(json.dumps({"kind": "app-message", "to": "*", "data": event}))

    async def event(self, event_type: str, accept: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [event for event in self.events if event["event_type"] == event_type and accept(event)]

        await self.until(lambda: bool(found()))
        return found()[-1]

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._heard:
            await self._heard.wait_for(happened)

    async def leave(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self._connection.close()

    async def _note(self, message: dict[str, Any]) -> None:
        async with self._heard:
            self.messages.append(message)
            if message["kind"] == "app-message":
                self.events.append(message["data"])
            self._heard.notify_all()

    async def _watch(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            async with self._heard:
                if isinstance(frame, VideoFrame):
                    self.pictures.append(frame.to_ndarray(format="gray").astype(np.uint8))
                elif isinstance(frame, AudioFrame):
                    self.loudest = max(self.loudest, int(np.abs(frame.to_ndarray()).max()))
                self._heard.notify_all()
