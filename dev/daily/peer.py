"""One visitor's connection: media and a data channel over WebRTC, answered without trickling candidates."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack


class Peer:
    """Announces itself when its channel opens, hands over what it receives, and says once that it is gone."""

    def __init__(
        self,
        tracks: list[MediaStreamTrack],
        on_open: Callable[[], None],
        on_message: Callable[[dict[str, Any]], None],
        on_gone: Callable[[], None],
    ) -> None:
        self._on_open, self._on_message, self._on_gone = on_open, on_message, on_gone
        self._tracks = tracks
        self._channel: RTCDataChannel | None = None
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # this machine only: nothing to ask
        self._tasks: set[asyncio.Task[None]] = set()
        self._gone = False
        self.microphone_frames = 0
        self._connection.on("datachannel", self._opened)
        self._connection.on("track", self._listen)
        self._connection.on("connectionstatechange", self._changed)

    async def answer(self, sdp: str) -> str:
        connection = self._connection
        await connection.setRemoteDescription(RTCSessionDescription(_easier(sdp), "offer"))
        wanted = {transceiver.kind for transceiver in connection.getTransceivers()}
        for track in self._tracks:
            if track.kind in wanted:
                connection.addTrack(track)
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp

    def send(self, message: dict[str, Any]) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            self._channel.send(json.dumps(message))

    async def close(self) -> None:
        self._gone = True
        for task in self._tasks:
            task.cancel()
        for track in self._tracks:
            track.stop()
        await self._connection.close()

    def _opened(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.on("message", self._received)
        channel.on("close", self._went)
        self._on_open()

    def _received(self, raw: Any) -> None:
        try:
            message = json.loads(raw)
        except ValueError:
            return
        if isinstance(message, dict):
            self._on_message(message)

    def _listen(self, track: MediaStreamTrack) -> None:
        """The stand-in has no ears: it only counts, so that a test can see that the microphone arrives."""
        task = asyncio.ensure_future(self._count(track))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _count(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                await track.recv()
                if track.kind == "audio":
                    self.microphone_frames += 1
        except MediaStreamError:
            pass  # the visitor stopped sending

    def _changed(self) -> None:
        if self._connection.connectionState in ("failed", "closed"):
            self._went()

    def _went(self) -> None:
        if not self._gone:
            self._gone = True
            self._on_gone()


def _easier(sdp: str) -> str:
    """The offer without two things that cost seconds.

    A browser without a microphone hides its addresses behind mDNS names: its first packets show them anyway, and asking
    the network for the names takes long. And the browser shall begin the DTLS handshake: if we began, our first
    packet could come before it has read our answer, and the next one follows only a second later.
    """
    lines = sdp.replace("a=setup:actpass", "a=setup:active").splitlines(keepends=True)
    return "".join(line for line in lines if not ("a=candidate" in line and ".local" in line))
