"""One realtime call: what the client sends, what the visitor says, and which response is active."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from openai.types.realtime import RealtimeClientEventParam

from dev.openai import hearing
from dev.openai.conversation import Conversation, Item, new_id
from dev.openai.ears import RATE, Ears, Started, Stopped
from dev.openai.faults import Faults
from dev.openai.line import Line
from dev.openai.mouth import Mouth
from dev.openai.published import check
from dev.openai.refusals import OpenAIError, wrong
from dev.openai.responses import Response
from dev.openai.sessions import Session, updated
from dev.voice import Samples

_LEAST_COMMIT_MS = 100


class Call:
    def __init__(self, session: Session, seconds: float, faults: Faults, on_lost: Callable[[], None]) -> None:
        self.id = new_id("rtc")
        self.session, self.faults = session, faults
        self.state: Literal["connecting", "open", "closed"] = "connecting"
        self.reason: str | None = None
        self.conversation = Conversation()
        self.mouth = Mouth(lambda what, response: self.emit(f"output_audio_buffer.{what}", response_id=response))
        self.line = Line(self.mouth, self._opened, self._received, self._heard, self._lost)
        self.active: Response | None = None
        self.events: list[tuple[str, dict[str, Any]]] = []
        """What went over the channel: (`client` or `server`, the event)."""
        self._seconds, self._on_lost = seconds, on_lost
        self._ears = Ears(session["audio"]["input"]["turn_detection"])
        self._speech_item = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: asyncio.Task[None] | None = None

    def emit(self, kind: str, **fields: Any) -> None:
        event = {"type": kind, "event_id": new_id("event"), **fields}
        self.events.append(("server", event))
        self.line.send(event)
        if kind == "output_audio_buffer.stopped":
            self._wait_idly()

    def emit_rate_limits(self) -> None:
        limits = (("requests", 1000, 999, 0.06), ("tokens", 40_000, 39_000, 1.5))
        fields = ("name", "limit", "remaining", "reset_seconds")
        self.emit("rate_limits.updated", rate_limits=[dict(zip(fields, limit, strict=True)) for limit in limits])

    def response_ended(self, response: Response) -> None:
        if self.active is response:
            self.active = None

    async def hang_up(self, reason: str) -> None:
        if self.state != "closed":
            self._end(reason)
            await self.line.hang_up()

    def _opened(self) -> None:
        self.state = "open"
        self.emit("session.created", session=self.session)
        self._later(self._expire())
        if self.faults.take("drop_channel"):
            self.line.drop_channel()

    def _end(self, reason: str) -> None:
        if self.state == "closed":
            return
        self.state, self.reason = "closed", reason
        if self.active is not None:
            self.active.drop()
        self.mouth.close()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()

    def _lost(self) -> None:
        if self.state != "closed":
            self._end("connection_lost")
            self._on_lost()

    async def _expire(self) -> None:
        await asyncio.sleep(self._seconds)
        minutes = f"Your session hit the maximum duration of {self._seconds / 60:g} minutes."
        self._refuse(OpenAIError(400, minutes, code="session_expired"), None)
        await self.hang_up("session_expired")

    # What the client sends

    def _received(self, event: dict[str, Any]) -> None:
        self.events.append(("client", event))
        try:
            check(event, RealtimeClientEventParam, "")
            self._obey(event)
        except OpenAIError as refused:
            self._refuse(refused, event.get("event_id"))

    def _refuse(self, refused: OpenAIError, event_id: Any) -> None:
        self.emit("error", error=refused.error | {"event_id": event_id})

    def _obey(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "session.update":
                self._update(event["session"])
            case "conversation.item.create":
                self._add(self.conversation.made(event["item"]), event.get("previous_item_id"))
            case "conversation.item.delete":
                self.conversation.delete(event["item_id"])
                self.emit("conversation.item.deleted", item_id=event["item_id"])
            case "conversation.item.retrieve":
                self.emit("conversation.item.retrieved", item=self.conversation.find(event["item_id"]))
            case "conversation.item.truncate":
                self.conversation.truncate(event["item_id"], event["audio_end_ms"])
                self._truncated(event["item_id"], event["audio_end_ms"])
            case "response.create":
                self._respond(event.get("response") or {})
            case "response.cancel":
                self._cancel(event.get("response_id"))
            case "output_audio_buffer.clear":
                self.mouth.clear()
            case "input_audio_buffer.clear":
                self._ears.clear()
                self.emit("input_audio_buffer.cleared")
            case "input_audio_buffer.commit":
                self._commit_by_hand()
            case "input_audio_buffer.append":
                raise wrong("type", "Over WebRTC, audio comes as a media track.", "invalid_value")

    def _update(self, given: Any) -> None:
        has_spoken = any(item.get("role") == "assistant" for item in self.conversation.items if self._sounds(item))
        self.session = updated(self.session, given, has_spoken=has_spoken)
        self._ears.turns = self.session["audio"]["input"]["turn_detection"]
        self.emit("session.updated", session=self.session)

    def _sounds(self, item: Item) -> bool:
        return item["id"] in self.conversation.sound_ms

    def _add(self, item: Item, after: str | None = None) -> None:
        before = self.conversation.add(item, after)
        for kind in ("conversation.item.added", "conversation.item.done"):
            self.emit(kind, previous_item_id=before, item=item)

    def _respond(self, given: dict[str, Any], heard: "asyncio.Task[None] | None" = None) -> None:
        in_conversation = given.get("conversation", "auto") != "none"
        if self.active is not None and in_conversation:
            message = f"Conversation already has an active response in progress: {self.active.id}."
            raise OpenAIError(400, message, code="conversation_already_has_active_response")
        self._stop_waiting()
        response = Response(self, given, heard)
        if in_conversation:
            self.active = response

    def _cancel(self, response_id: str | None) -> None:
        if self.active is None or response_id not in (None, self.active.id):
            message = "Cancellation failed: no active response found"
            raise OpenAIError(400, message, code="response_cancel_not_active")
        self.active.cancel("client_cancelled")

    def _commit_by_hand(self) -> None:
        speech = self._ears.take()
        if len(speech) * 1000 // RATE < _LEAST_COMMIT_MS:
            message = f"Error committing input audio buffer: buffer too small. Expected at least {_LEAST_COMMIT_MS}ms."
            raise OpenAIError(400, message, code="input_audio_buffer_commit_empty")
        self._commit(new_id("item"), speech)

    # What the visitor says

    def _heard(self, samples: Samples) -> None:
        if self.state != "open":
            return
        match self._ears.hear(samples):
            case Started(at_ms):
                self._speech_item = new_id("item")
                self._stop_waiting()
                self.emit("input_audio_buffer.speech_started", audio_start_ms=at_ms, item_id=self._speech_item)
                if self._turns["interrupt_response"]:
                    self._interrupt()
            case Stopped(at_ms, speech):
                self.emit("input_audio_buffer.speech_stopped", audio_end_ms=at_ms, item_id=self._speech_item)
                heard = self._commit(self._speech_item, speech)
                if self._turns["create_response"] and self.active is None:
                    self._respond({}, heard)

    @property
    def _turns(self) -> dict[str, Any]:
        """The settings of turn detection; without it nobody starts or stops."""
        turns: dict[str, Any] = self.session["audio"]["input"]["turn_detection"]
        return turns

    def _interrupt(self) -> None:
        message, heard = self.mouth.message, self.mouth.heard_ms()
        self.mouth.clear()
        if self.active is not None:
            self.active.cancel("turn_detected")
        if message is not None:
            self.conversation.truncate(message, min(heard, self.conversation.sound_ms[message]))
            self._truncated(message, heard)

    def _truncated(self, item_id: str, audio_end_ms: int) -> None:
        self.emit("conversation.item.truncated", item_id=item_id, content_index=0, audio_end_ms=audio_end_ms)

    def _commit(self, item_id: str, speech: Samples) -> "asyncio.Task[None]":
        part = {"type": "input_audio", "transcript": None}
        item = {"id": item_id, "type": "message", "object": "realtime.item", "role": "user", "content": [part]}
        before = self.conversation.items[-1]["id"] if self.conversation.items else None
        self.conversation.sound_ms[item_id] = len(speech) * 1000 // RATE
        self.emit("input_audio_buffer.committed", item_id=item_id, previous_item_id=before)
        self._add(item | {"status": "completed"})
        understood = self._later(self._understand(item_id, speech))
        if self.session["audio"]["input"]["transcription"] is not None:
            self._later(self._transcribe(item_id, part, understood))
        return understood

    async def _understand(self, item_id: str, speech: Samples) -> None:
        self.conversation.heard[item_id] = await asyncio.to_thread(hearing.recognise, speech, RATE)

    async def _transcribe(self, item_id: str, part: dict[str, Any], understood: "asyncio.Task[None]") -> None:
        await asyncio.wait([understood])
        place = {"item_id": item_id, "content_index": 0}
        if self.faults.take("transcription_failed"):
            error = {"type": "server_error", "code": "transcription_failed", "message": "Input transcription failed."}
            self.emit("conversation.item.input_audio_transcription.failed", **place, error=error | {"param": None})
            return
        if self.faults.take("late_transcription") and self.active is not None:
            await self.active.ended.wait()
        part["transcript"] = self.conversation.heard[item_id]
        self.emit("conversation.item.input_audio_transcription.delta", **place, delta=part["transcript"])
        usage = {"type": "duration", "seconds": self.conversation.sound_ms[item_id] / 1000}
        completed = place | {"transcript": part["transcript"], "usage": usage}
        self.emit("conversation.item.input_audio_transcription.completed", **completed)

    # Silence

    def _wait_idly(self) -> None:
        limit = (self._turns or {}).get("idle_timeout_ms")
        if limit is not None and self.active is None:
            self._idle = self._later(self._lose_patience(limit))

    def _stop_waiting(self) -> None:
        if self._idle is not None and self._idle is not asyncio.current_task():
            self._idle.cancel()
        self._idle = None

    async def _lose_patience(self, limit: int) -> None:
        began = self._ears.heard_ms
        await asyncio.sleep(limit / 1000)
        span = {"audio_start_ms": began, "audio_end_ms": self._ears.heard_ms}
        self.emit("input_audio_buffer.timeout_triggered", item_id=new_id("item"), **span)
        if self.active is None:
            self._respond({})

    def _later(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
