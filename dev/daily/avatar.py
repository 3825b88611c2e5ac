"""The avatar in a room: greets, listens to app-messages, calls tools, speaks, and says in events what it does."""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dev.daily import brain
from dev.daily.reports import Reports
from dev.daily.timeline import RATE, Timeline
from dev.voice import speak

HEARTBEAT_SECONDS = 5.0
THINKING_SECONDS = 0.25
_WORDS_A_CHUNK = 3
_LANGUAGES = {"english": "en-US", "german": "de-DE", "french": "fr-FR", "spanish": "es-ES", "italian": "it-IT"}

Send = Callable[[dict[str, Any]], None]


class Seat(BaseModel):
    """What the Tavus look-alike says about the face it seats in a room."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: str
    face_id: str
    face_name: str
    pal_name: str
    greeting: str = ""
    context: str = ""
    language: str = "english"
    audio_only: bool = False
    tools: list[dict[str, Any]] = []
    names: Literal["both", "new", "legacy"] = "both"
    events_url: str = ""


class Avatar:
    def __init__(self, seat: Seat, send: Send, reports: Reports) -> None:
        self.seat, self._send, self._reports = seat, send, reports
        self.session_id = str(uuid.uuid4())
        self.timeline = Timeline()
        self.context = [seat.context] if seat.context else []
        self._heard: list[str] = []
        self._echoes: dict[str, list[str]] = {}
        self._sequence = itertools.count(1)
        self._turn_index = 0
        self._attending = False
        self._greeting: asyncio.Task[None] | None = None
        self._turn: asyncio.Task[None] | None = None
        self._heart: asyncio.Task[None] | None = None
        self._deliveries: set[asyncio.Task[None]] = set()
        self._awaited: dict[str, asyncio.Future[tuple[Any, str]]] = {}

    @property
    def participant(self) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "user_id": f"tavus-replica-{self.seat.face_id}",
            "user_name": self.seat.pal_name,
            "owner": True,
            "tracks": ["audio"] if self.seat.audio_only else ["audio", "video"],
        }

    def attend(self) -> None:
        """The first visitor is here."""
        if self._attending:
            return
        self._attending = True
        if self.seat.names != "new":
            self._say_event("system.replica_joined", {"replica_id": self.seat.face_id}, kind="system")
        if self.seat.names != "legacy":
            self._say_event("system.pal_joined", {"face_id": self.seat.face_id}, kind="system")
        self._heart = asyncio.create_task(self._beat())
        self._greeting = asyncio.create_task(self._greet())

    async def leave(self) -> None:
        tasks = [task for task in (self._greeting, self._turn, self._heart, *self._deliveries) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def hear(self, message: Any) -> None:
        """An app-message from a visitor; what is not addressed to this conversation in known words is passed over."""
        if not isinstance(message, dict) or message.get("conversation_id") != self.seat.conversation_id:
            return
        properties = message.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        match message.get("event_type"):
            case "conversation.respond" if isinstance(properties.get("text"), str):
                self._reports.add("lookalike.respond", characters=len(properties["text"]))
                self._begin(self._respond(properties["text"]))
            case "conversation.echo" if isinstance(properties.get("text"), str):
                self._take_echo(properties)
            case "conversation.interrupt":
                self._begin(None)
            case "conversation.tool_result":
                self._take_result(properties, _bytes(message))
            case "conversation.append_llm_context" if isinstance(properties.get("context"), str):
                self.context.append(properties["context"])
            case "conversation.overwrite_llm_context" if isinstance(properties.get("context"), str):
                self.context = [properties["context"]]

    def _take_echo(self, properties: dict[str, Any]) -> None:
        """Pieces of one speech share an inference id; it is spoken when the last of them says so."""
        inference = str(properties.get("inference_id") or "")
        pieces = [*self._echoes.pop(inference, ()), properties["text"]]
        if properties.get("done", True) is not True:
            self._echoes[inference] = pieces
            return
        self._reports.add("lookalike.echo", characters=sum(map(len, pieces)))
        self._begin(self._echo(" ".join(pieces), inference))

    def _take_result(self, properties: dict[str, Any], size: int) -> None:
        call_id, status = str(properties.get("tool_call_id")), str(properties.get("status", "success"))
        waiting = self._awaited.get(call_id)
        awaited = waiting is not None and not waiting.done()
        self._reports.add("lookalike.tool_result", tool_call_id=call_id, status=status, bytes=size, awaited=awaited)
        if waiting is not None and awaited:
            waiting.set_result((properties.get("output"), status))

    def _begin(self, work: Any) -> None:
        """A new turn cuts the old one short. The greeting cannot be interrupted: what comes meanwhile is dropped."""
        if self._greeting is not None and not self._greeting.done():
            if work is not None:
                work.close()
            return
        if self._turn is not None:
            self._turn.cancel()
        self._turn = asyncio.create_task(work) if work is not None else None

    async def _greet(self) -> None:
        if self.seat.greeting:
            await asyncio.sleep(THINKING_SECONDS)
            # The vendor's greeting has no streaming twin: it appears once, when it begins.
            inference = str(uuid.uuid4())
            self._utterance("replica", self.seat.greeting, inference)
            await self._speak(self.seat.greeting, inference, streaming=False)

    async def _echo(self, text: str, inference: Any) -> None:
        await self._speak(text, str(uuid.uuid5(uuid.NAMESPACE_OID, inference)) if inference else str(uuid.uuid4()))

    async def _respond(self, text: str) -> None:
        self._turn_index += 1
        self._speaking("started", "user")
        self._speaking("stopped", "user", {"duration": None, "interrupted": False})
        self._utterance("user", text, str(uuid.uuid4()))
        await asyncio.sleep(THINKING_SECONDS)
        remembered = brain.remembered(text, self.context, self._heard)
        self._heard.append(text)
        wish = brain.choose(text, self.seat.tools)
        if remembered is not None:
            await self._speak(remembered)
        elif wish is None:
            await self._speak(brain.NOTHING_TO_ASK)
        else:
            await self._call(wish)

    async def _call(self, wish: brain.Wish) -> None:
        call_id, inference = f"call_{uuid.uuid4().hex[:20]}", str(uuid.uuid4())
        name, arguments = wish.tool["name"], json.dumps(wish.arguments, ensure_ascii=False)
        result: asyncio.Future[tuple[Any, str]] = asyncio.get_running_loop().create_future()
        self._awaited[call_id] = result
        try:
            if (wish.tool.get("delivery") or {}).get("api"):
                delivery = asyncio.create_task(self._deliver(result, name, arguments, call_id))
                self._deliveries.add(delivery)  # it goes on even when the visitor has moved to another question
                delivery.add_done_callback(self._deliveries.discard)
            else:
                properties = {"name": name, "arguments": arguments, "tool_call_id": call_id}
                self._say_event("conversation.tool_call", properties, inference)
            if wish.filler:
                await self._speak(wish.filler, inference)
            if wish.resolution == "fire_and_forget":
                return
            output, status = await result  # the vendor waits without limit; a new turn ends the waiting
        finally:
            result.cancel()
            del self._awaited[call_id]
        if wish.resolution == "add_to_context":
            self.context.append(json.dumps(output))
            return
        await self._speak(brain.sayable(output, status))

    async def _deliver(
        self, result: "asyncio.Future[tuple[Any, str]]", name: str, arguments: str, call_id: str
    ) -> None:
        """Tools with an address of their own are called by the vendor's servers, not by the page."""
        call = {"name": name, "arguments": arguments, "tool_call_id": call_id}
        answer = await self._reports.ask("tool-calls", call | {"conversation_id": self.seat.conversation_id})
        if not result.done():
            result.set_result((answer.get("output"), str(answer.get("status", "error"))))

    async def _speak(self, text: str, inference: str | None = None, *, streaming: bool = True) -> None:
        inference = inference or str(uuid.uuid4())
        language = _LANGUAGES.get(self.seat.language.lower(), "en-US")
        sound = await asyncio.to_thread(lambda: speak(text, language).at_rate(RATE))
        began = time.monotonic()
        self._speaking("started", "replica", inference=inference)
        self.timeline.say(sound)
        interrupted = True
        said = ""
        try:
            words = text.split()
            for end in range(_WORDS_A_CHUNK, len(words) + _WORDS_A_CHUNK, _WORDS_A_CHUNK):
                said = " ".join(words[:end])
                if streaming:
                    self._chunk(said, inference, final=False)
                due = began + sound.seconds * min(1.0, end / max(1, len(words)))
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            interrupted = False
        finally:
            duration = round(time.monotonic() - began, 3)
            if interrupted:
                self.timeline.cut()
            if streaming:
                self._chunk(said, inference, final=True, interrupted=interrupted)
                self._utterance("replica", text, inference, interrupted=interrupted, duration=duration)
            ended = {"duration": duration, "interrupted": interrupted}
            self._speaking("stopped", "replica", ended, inference)

    def _chunk(self, said: str, inference: str, *, final: bool, interrupted: bool = False) -> None:
        role = self._named("replica")
        properties: dict[str, Any] = {"role": role, "speech": said, "content_index": 0, "final": final}
        if interrupted:
            properties["is_interrupted"] = True
        self._say_event("conversation.utterance.streaming", properties, inference)

    def _utterance(
        self,
        role: Literal["user", "replica"],
        text: str,
        inference: str,
        *,
        interrupted: bool = False,
        duration: float | None = None,
    ) -> None:
        """Once for each turn; the avatar's is the whole intended text, even when it was cut short."""
        properties: dict[str, Any] = {"role": self._named(role), "speech": text}
        if interrupted:
            properties["interrupted"] = True
        self._say_event("conversation.utterance", properties, inference)
        written = {"role": "user" if role == "user" else "assistant", "content": text, "duration": duration}
        self._reports.add("transcript.entry", **written, inference_id=inference)

    def _speaking(
        self,
        what: Literal["started", "stopped"],
        role: Literal["user", "replica"],
        more: dict[str, Any] | None = None,
        inference: str | None = None,
    ) -> None:
        """Twice, as the vendor does: in the new form with a role, and in the old form with the role in the name."""
        if self.seat.names != "legacy":
            self._say_event(f"conversation.{what}_speaking", {"role": self._named(role), **(more or {})}, inference)
        if self.seat.names != "new":
            self._say_event(f"conversation.{role}.{what}_speaking", more if role == "replica" else None, inference)

    def _named(self, role: Literal["user", "replica"]) -> str:
        return "pal" if role == "replica" and self.seat.names == "new" else role

    async def _beat(self) -> None:
        while True:
            self._say_event("system.replica_present", None, kind="system")
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _say_event(
        self,
        event_type: str,
        properties: dict[str, Any] | None = None,
        inference: str | None = None,
        kind: Literal["conversation", "system"] = "conversation",
    ) -> None:
        event: dict[str, Any] = {
            "message_type": kind,
            "event_type": event_type,
            "conversation_id": self.seat.conversation_id,
            "seq": next(self._sequence),
            "timestamp": time.time(),
        }
        if kind == "conversation":
            event["turn_idx"] = self._turn_index
        if inference:
            event["inference_id"] = inference
        if properties:
            event["properties"] = properties
        self._send(event)


def _bytes(message: dict[str, Any]) -> int:
    """As a browser writes it, which is what the room measures against its limit."""
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
