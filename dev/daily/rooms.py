"""Rooms: who may enter, who is inside, and the app-messages that pass between them."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiortc.mediastreams import MediaStreamTrack

from dev.daily.avatar import Avatar, Seat
from dev.daily.media import AvatarAudio, AvatarVideo
from dev.daily.peer import Peer
from dev.daily.reports import Reports


class Refused(Exception):
    """Nobody enters like this; the words are those of Daily's fatal `error` event."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind, self.text = kind, text


@dataclass
class Visitor:
    session_id: str
    user_name: str
    peer: Peer
    joined: float | None = None

    @property
    def participant(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "user_id": self.session_id,
            "user_name": self.user_name,
            "owner": False,
            "tracks": [],  # visitors hear and see the avatar, not one another
        }


@dataclass
class Room:
    name: str
    url: str
    private: bool = False
    max_participants: int | None = None
    expires: float | None = None
    visitors: dict[str, Visitor] = field(default_factory=dict)
    avatar: Avatar | None = None
    reports: Reports | None = None

    def seat(self, seat: Seat) -> None:
        self.reports = Reports(seat.events_url, self.name)
        self.avatar = Avatar(seat, self._from_avatar, self.reports)

    @property
    def participants(self) -> list[dict[str, Any]]:
        present = [visitor.participant for visitor in self.visitors.values() if visitor.joined]
        return ([self.avatar.participant] if self.avatar else []) + present

    async def enter(self, sdp: str, user_name: str) -> tuple[Visitor, str]:
        """Answers an offer; the visitor counts as present when the channel is open."""
        if self.max_participants and len(self.visitors) + bool(self.avatar) >= self.max_participants:
            raise Refused("meeting-full", "Meeting is full")
        session_id = str(uuid.uuid4())
        peer = Peer(
            self._tracks(),
            on_open=lambda: self._joined(session_id),
            on_message=lambda message: self._message(session_id, message),
            on_gone=lambda: self.leave(session_id),
        )
        visitor = self.visitors[session_id] = Visitor(session_id, user_name, peer)
        try:
            return visitor, await peer.answer(sdp)
        except BaseException:
            del self.visitors[session_id]
            await peer.close()
            raise

    def leave(self, session_id: str) -> None:
        visitor = self.visitors.pop(session_id, None)
        if visitor is None:
            return
        _spawn(visitor.peer.close())
        if visitor.joined:
            self._tell_all({"kind": "participant-left", "participant": visitor.participant})
            if self.reports:
                self.reports.add("participant.left", session_id=session_id, user_name=visitor.user_name)

    async def close(self) -> None:
        """Everybody is sent out, and told so first."""
        self._tell_all({"kind": "ejected", "msg": "Meeting has ended"})
        if self.avatar:
            await self.avatar.leave()
        await asyncio.sleep(0.2)  # until the last word has left the machine
        for session_id in list(self.visitors):
            self.leave(session_id)
        if self.reports:
            await self.reports.close()

    def _tracks(self) -> list[MediaStreamTrack]:
        if self.avatar is None:
            return []
        audio = AvatarAudio(self.avatar.timeline)
        return [audio] if self.avatar.seat.audio_only else [audio, AvatarVideo(self.avatar.timeline)]

    def _joined(self, session_id: str) -> None:
        visitor = self.visitors.get(session_id)
        if visitor is None or visitor.joined:
            return
        others = self.participants
        visitor.joined = time.time()
        visitor.peer.send({"kind": "welcome", "session_id": session_id, "participants": others})
        self._tell_all({"kind": "participant-joined", "participant": visitor.participant}, but=session_id)
        if self.reports:
            self.reports.add("participant.joined", session_id=session_id, user_name=visitor.user_name)
        if self.avatar:
            self.avatar.attend()

    def _message(self, session_id: str, message: dict[str, Any]) -> None:
        match message.get("kind"):
            case "app-message":
                self._pass_on(message.get("data"), session_id, message.get("to", "*"))
            case "leave":
                self.leave(session_id)

    def _from_avatar(self, event: dict[str, Any]) -> None:
        if self.avatar:
            self._pass_on(event, self.avatar.session_id, "*")

    def _pass_on(self, data: Any, sender: str, to: Any) -> None:
        """To everybody addressed but the sender itself; nothing is kept for those who come later."""
        addressed = {to} if isinstance(to, str) else set(to) if isinstance(to, list) else set()
        for visitor in list(self.visitors.values()):
            if visitor.session_id != sender and addressed & {"*", visitor.session_id}:
                visitor.peer.send({"kind": "app-message", "data": data, "from": sender})
        if self.avatar and sender != self.avatar.session_id and addressed & {"*", self.avatar.session_id}:
            self.avatar.hear(data)

    def _tell_all(self, message: dict[str, Any], but: str = "") -> None:
        for visitor in list(self.visitors.values()):
            if visitor.session_id != but:
                visitor.peer.send(message)


class Rooms:
    def __init__(self, secret: str) -> None:
        self._secret = secret
        self.open: dict[str, Room] = {}

    def token(self, properties: dict[str, Any]) -> str:
        claims = {"r": properties.get("room_name"), "o": properties.get("is_owner", False), "iat": int(time.time())}
        if "exp" in properties:
            claims["exp"] = properties["exp"]
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def admit(self, name: str, token: str | None) -> Room:
        room = self.open.get(name)
        if room is None:
            raise Refused("no-room", "The meeting you're trying to join does not exist.")
        if room.expires is not None and room.expires < time.time():
            raise Refused("exp-room", "The meeting you're trying to join has expired.")
        if token:
            self._check(token, room)
        elif room.private:
            raise Refused("not-allowed", "You are not allowed to join this meeting")
        return room

    async def close(self, name: str) -> bool:
        room = self.open.pop(name, None)
        if room is not None:
            await room.close()
        return room is not None

    def _check(self, token: str, room: Room) -> None:
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"])
        except jwt.ExpiredSignatureError as late:
            raise Refused("exp-token", "The meeting token has expired.") from late
        except jwt.InvalidTokenError as wrong:
            raise Refused("not-allowed", "You are not allowed to join this meeting") from wrong
        if claims.get("r") not in (None, room.name):
            raise Refused("not-allowed", "You are not allowed to join this meeting")


_running: set[asyncio.Task[None]] = set()


def _spawn(work: Any) -> None:
    task = asyncio.get_running_loop().create_task(work)
    _running.add(task)  # the loop itself only remembers tasks weakly
    task.add_done_callback(_running.discard)
