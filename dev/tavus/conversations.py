"""Conversations: created and paid from the first second, ended by request or by one of three timers."""

import time
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import Refusal, listed, new_id, object_body
from dev.tavus.billing import Meter, billed
from dev.tavus.clock import Clock, iso
from dev.tavus.config import TavusConfig
from dev.tavus.faces import Faces
from dev.tavus.names import spoken
from dev.tavus.pals import DEFAULT_PAL, Pals
from dev.tavus.rooms import Room, Rooms
from dev.tavus.tools import Tools, shown
from dev.tavus.webhooks import Webhooks

JOINS_AFTER = 0.5  # the vendor's seconds from the creation of a call to the arrival of its face
TRANSCRIPT_AFTER = 2.0  # the vendor's seconds from the end of a call to its transcript
PERCEPTION_AFTER = 5.0
_GENERIC = "There was an error creating the conversation, please reach out to support at support@tavus.io!"


@dataclass
class Timers:
    longest: float = 3600
    absent: float = 300  # from creation, while nobody ever came
    left: float = 0  # from the moment the last visitor went


@dataclass
class Conversation:
    """A call, which occupies a slot and costs money from its creation to its end."""

    id: str
    key: str
    name: str
    url: str
    pal: dict[str, Any]
    face: dict[str, Any]
    created: float
    timers: Timers
    callback_url: str = ""
    recording: dict[str, Any] | None = None
    token: str | None = None
    test_mode: bool = False
    ended: float | None = None
    updated: float = 0.0
    shutdown_reason: str | None = None
    deleted: bool = False
    present: set[str] = field(default_factory=set)
    ever_joined: bool = False
    emptied: float | None = None
    coming: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)  # what will happen, in order
    events: list[dict[str, Any]] = field(default_factory=list)
    transcript: list[dict[str, Any]] = field(default_factory=list)
    tool_results: list[dict[str, Any]] = field(default_factory=list)  # that reached the room, asked for or not
    responds: int = 0  # texts that the visitor typed for the face

    @property
    def active(self) -> bool:
        return self.ended is None

    def billed_seconds(self, now: float) -> int:
        return 0 if self.test_mode else billed((self.ended or now) - self.created)

    def due(self) -> tuple[float, str]:
        """When the first timer rings, and what the vendor will call it."""
        bells = [(self.created + self.timers.longest, "max_call_duration reached")]
        if not self.ever_joined:
            bells.append((self.created + self.timers.absent, "participant_absent_timeout reached"))
        elif not self.present and self.emptied is not None:
            bells.append((self.emptied + self.timers.left, "participant_left_timeout reached"))
        return min(bells)

    def joined(self, session_id: str) -> None:
        self.present.add(session_id)
        self.ever_joined, self.emptied = True, None

    def left(self, session_id: str, now: float) -> None:
        self.present.discard(session_id)
        if not self.present and self.ever_joined and self.emptied is None:
            self.emptied = now

    def described(self) -> dict[str, Any]:
        return {
            "conversation_id": self.id,
            "conversation_name": self.name,
            "conversation_url": self.url,
            "status": "active" if self.active else "ended",
            "callback_url": self.callback_url,
            "face_id": self.face["face_id"],
            "pal_id": self.pal["pal_id"],
            "created_at": iso(self.created),
            "updated_at": iso(self.updated),
        }


class Conversations:
    def __init__(
        self,
        config: TavusConfig,
        clock: Clock,
        faces: Faces,
        pals: Pals,
        tools: Tools,
        rooms: Rooms,
        webhooks: Webhooks,
    ) -> None:
        self.config, self.clock, self.faces, self.pals, self.tools = config, clock, faces, pals, tools
        self.rooms, self.webhooks = rooms, webhooks
        self.meter = Meter(config.concurrency, config.credit_seconds)
        self.records: dict[str, Conversation] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/v2/conversations", self.list, methods=["GET"]),
            Route("/v2/conversations", self.create, methods=["POST"]),
            Route("/v2/conversations/{id}", self.get, methods=["GET"]),
            Route("/v2/conversations/{id}", self.delete, methods=["DELETE"]),
            Route("/v2/conversations/{id}/end", self.end_by_request, methods=["POST"]),
        ]

    async def create(self, request: Request) -> Response:
        body = await object_body(request)
        await self.settle()
        pal = self.pals.resolve(body.get("pal_id") or DEFAULT_PAL)
        face = self.faces.resolve(body.get("face_id") or pal.get("default_face_id"))
        key, test_mode = request.state.key, body.get("test_mode") is True
        if not test_mode:
            self.meter.admit(self.records.values(), key, self.clock.now())
        call = self._new(body, key, pal, face, test_mode)
        self.records[call.id] = call  # the slot is taken before the room is asked for: two requests never share it
        try:
            room = await self._room(call, body, str(request.base_url))
        except Refusal:
            del self.records[call.id]
            raise
        call.url, call.token = room.url, room.token
        answer = {
            name: value for name, value in call.described().items() if name not in ("face_id", "pal_id", "updated_at")
        }
        return JSONResponse(answer | ({"meeting_token": call.token} if call.token else {}))

    async def list(self, request: Request) -> Response:
        await self.settle()
        query = request.query_params
        pal_id, face_id = (
            query.get("pal_id") or query.get("persona_id"),
            query.get("face_id") or query.get("replica_id"),
        )
        calls = [
            spoken(call.described(), self.config.names)
            for call in reversed(self.records.values())
            if call.key == request.state.key
            and not call.deleted
            and query.get("status") in (None, "active" if call.active else "ended")
            and pal_id in (None, call.pal["pal_id"])
            and face_id in (None, call.face["face_id"])
        ]
        return listed(request, calls, first_page=1)

    async def get(self, request: Request) -> Response:
        call = await self._resolve(request)
        answer = spoken(call.described(), self.config.names)
        if request.query_params.get("verbose") == "true":
            answer["events"] = call.events or None
            if call.shutdown_reason:
                answer["shutdown_reason"] = call.shutdown_reason
        return JSONResponse(answer)

    async def end_by_request(self, request: Request) -> Response:
        call = await self._resolve(request)
        if call.active:  # ending twice is not described by the vendor; here the second time is quiet
            await self._end(call, self.clock.now(), "end_conversation_endpoint_hit")
        return Response(status_code=200)

    async def delete(self, request: Request) -> Response:
        # The vendor does not say that deleting stops the bill, so here it does not: end first, then delete.
        call = await self._resolve(request)
        call.deleted = True
        return Response(status_code=204)

    async def settle(self) -> None:
        """Lets happen what is due, and ends every call whose time is up. By the clock, and before every answer."""
        now = self.clock.now()
        for call in list(self.records.values()):
            if call.active:
                moment, reason = call.due()
                while call.coming and call.coming[0][0] <= min(now, moment):
                    self._happened(call, *call.coming.pop(0))
                if moment <= now and not self.config.ignore_timeouts:
                    await self._end(call, moment, reason)

    def claim(self, call: Conversation, event_type: str, properties: dict[str, Any]) -> None:
        """A webhook that a test asks for, true or not."""
        self._report(call, self.clock.now(), event_type, properties)

    def by_room(self, room: str) -> Conversation | None:
        return self.records.get(room)  # a room has the name of its conversation

    async def _resolve(self, request: Request) -> Conversation:
        await self.settle()
        call = self.records.get(request.path_params["id"])
        if call is None or call.deleted or call.key != request.state.key:
            raise Refusal.error(400, "Invalid conversation_id")
        return call

    def _new(
        self, body: dict[str, Any], key: str, pal: dict[str, Any], face: dict[str, Any], test_mode: bool
    ) -> Conversation:
        now = self.clock.now()
        properties = body.get("properties") or {}
        try:
            timers = Timers(
                longest=min(float(properties.get("max_call_duration", 3600)), self.config.longest_call, 3600),
                absent=float(properties.get("participant_absent_timeout", 300)),
                left=float(properties.get("participant_left_timeout", 0)),
            )
        except (TypeError, ValueError, AttributeError) as wrong:
            raise Refusal.error(400, _GENERIC) from wrong
        return Conversation(
            id=new_id("c", 15),
            key=key,
            name=body.get("conversation_name") or f"New Conversation {int(time.time() * 1000)}",
            url="",
            pal=pal,
            face=face,
            created=now,
            updated=now,
            timers=timers,
            callback_url=body.get("callback_url") or "",
            recording=_storage(properties),
            test_mode=test_mode,
            ended=now if test_mode else None,
        )

    async def _room(self, call: Conversation, body: dict[str, Any], our_address: str) -> Room:
        private = body.get("require_auth") is True or (body.get("properties") or {}).get("require_auth") is True
        room = await self.rooms.open(
            call.id,
            private=private,
            max_participants=body.get("max_participants"),
            token_seconds=self.clock.in_real_seconds(call.timers.absent),
        )
        if call.test_mode:  # a room exists, the face never comes, nothing is charged or reported
            return room
        await self.rooms.seat(call.id, self._avatar(call, body, our_address))
        joining = self.clock.now() + JOINS_AFTER
        for event, name in (("system.replica_joined", "replica_id"), ("system.pal_joined", "face_id")):
            call.coming.append((joining, event, {name: call.face["face_id"]}))
        return room

    def _avatar(self, call: Conversation, body: dict[str, Any], our_address: str) -> dict[str, Any]:
        """What the face must know to take part in the call."""
        inline = [{**tool, "origin": "inline"} for tool in self.pals.inline_tools(call.pal)]
        registered = [shown(tool) for tool in self.tools.carried_by(call.pal["pal_id"])]
        known = {tool["name"] for tool in registered}
        return {
            "conversation_id": call.id,
            "face_id": call.face["face_id"],
            "face_name": call.face["face_name"],
            "pal_name": call.pal["pal_name"],
            "greeting": body.get("custom_greeting") or call.pal.get("greeting") or "",
            "context": body.get("conversational_context") or "",
            "language": (body.get("properties") or {}).get("language") or "english",
            "audio_only": body.get("audio_only") is True,
            "names": self.config.names,
            "tools": [tool for tool in inline if tool["name"] not in known] + registered,
            "events_url": f"{our_address}_lookalike/daily",
        }

    async def _end(self, call: Conversation, moment: float, reason: str) -> None:
        call.ended = call.updated = moment
        call.shutdown_reason = reason
        face_id = call.face["face_id"]
        # The vendor's two pages disagree on the name of the field: one word in webhooks, another in verbose answers.
        self._report(call, moment, "system.shutdown", {"replica_id": face_id, "shutdown_reason": reason})
        call.events.append(
            {"event_type": "system.shutdown", "timestamp": iso(moment), "properties": {"reason": reason}}
        )
        self.webhooks.later(self._after_the_end(call))
        await self.rooms.close(call.id)

    async def _after_the_end(self, call: Conversation) -> None:
        await self.clock.sleep(TRANSCRIPT_AFTER)
        face_id = call.face["face_id"]
        spoken_words = {"replica_id": face_id, "transcript": call.transcript}
        self._happened(call, self.clock.now(), "application.transcription_ready", spoken_words)
        if call.recording is not None and call.ever_joined:
            self._happened(call, self.clock.now(), "application.recording_ready", _recorded(call))
        perception = (call.pal.get("layers") or {}).get("perception") or {}
        if perception.get("perception_model", "raven-1") != "off":
            await self.clock.sleep(PERCEPTION_AFTER - TRANSCRIPT_AFTER)
            seen = "The local stand-in does not look at the visitor."
            self._happened(call, self.clock.now(), "application.perception_analysis", {"analysis": seen})

    def _happened(self, call: Conversation, moment: float, event_type: str, properties: dict[str, Any]) -> None:
        call.events.append({"event_type": event_type, "timestamp": iso(moment), "properties": properties})
        self._report(call, moment, event_type, properties)

    def _report(self, call: Conversation, moment: float, event_type: str, properties: dict[str, Any]) -> None:
        self.webhooks.event(call.callback_url, call.id, event_type, properties, moment)


def _storage(properties: dict[str, Any]) -> dict[str, Any] | None:
    """Where recordings of the call go; without a place of the customer's own there are none."""
    if properties.get("enable_recording") is not True:
        return None
    old = properties.get("recording_s3_bucket_name")
    storage = properties.get("recording_storage") or ({"provider": "s3", "bucket_name": old} if old else None)
    return storage if isinstance(storage, dict) else None


def _recorded(call: Conversation) -> dict[str, Any]:
    storage = call.recording or {}
    provider = str(storage.get("provider"))
    place, path = str(storage.get("bucket_name") or storage.get("container")), f"{call.id}/recording.mp4"
    scheme = {"s3": "s3", "gcs": "gs"}.get(provider, "https")
    return {
        "bucket_name": place,
        "s3_key": path,
        "duration": round((call.ended or call.created) - call.created),
        "storage_provider": provider,
        "storage_uri": f"{scheme}://{place}/{path}",
    }
