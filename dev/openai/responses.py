"""One response of a call, from `created` to `done`: it thinks, and then speaks, writes or calls a tool."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal

from dev.daily.brain import Wish
from dev.openai import brain
from dev.openai.brain import Say
from dev.openai.conversation import Item, first_words, new_id
from dev.openai.speech import gender
from dev.voice import Samples, Sound, speak

if TYPE_CHECKING:
    from dev.openai.call import Call

THINKING_SECONDS = 0.15
PACE = 1.5
"""How much faster speech is made than heard; the vendor's ends long before the sound does, too."""
_WORDS_A_PIECE = 3
_ARGUMENTS_A_PIECE = 16

Ending = Literal["completed", "cancelled", "incomplete"]


class Response:
    def __init__(self, call: "Call", given: dict[str, Any], heard: Awaitable[None] | None) -> None:
        """`given` overrides the session for this response; `heard` is over when the visitor's words are known.

        Raises: OpenAIError, for items of its own that cannot be.
        """
        self.id = new_id("resp")
        self.given, self._call, self._heard = given, call, heard
        self.in_conversation = given.get("conversation", "auto") != "none"
        self.output: list[Item] = []
        self._given_items = [call.conversation.made(item) for item in given["input"]] if "input" in given else None
        self.status: Ending | Literal["in_progress"] = "in_progress"
        self.ended = asyncio.Event()
        self._close_item: Callable[[Ending], None] | None = None
        self._task = asyncio.create_task(self._run())

    def cancel(self, reason: Literal["turn_detected", "client_cancelled"]) -> None:
        self.drop()
        if self._close_item is not None:
            self._close_item("incomplete")
        self._done("cancelled", {"type": "cancelled", "reason": reason})

    def drop(self) -> None:
        """Without a word: the call is over."""
        self._task.cancel()

    async def _run(self) -> None:
        self._call.emit("response.created", response=self._described())
        self._call.emit_rate_limits()
        if self._heard is not None:
            await asyncio.shield(self._heard)  # a cancelled response does not stop the ears
        await asyncio.sleep(THINKING_SECONDS)
        match self._decide():
            case Wish() as wish:
                await self._call_tool(wish)
            case Say(text) if self._setting("output_modalities") == ["text"]:
                await self._write(text)
            case Say(text):
                await self._speak(text)
        self._done("completed", None)

    def _decide(self) -> Say | Wish:
        session, choice = self._call.session, self._setting("tool_choice")
        tools = [tool for tool in self._setting("tools") if choice != "none"]
        items = self._call.conversation.understood() if self._given_items is None else self._given_items
        if isinstance(choice, dict):
            tools = [tool for tool in tools if tool.get("name") == choice.get("name")]
        return brain.decide(items, tools, session["instructions"], self.given.get("instructions"))

    def _setting(self, name: str) -> Any:
        return self.given.get(name, self._call.session[name])

    async def _call_tool(self, wish: Wish) -> None:
        call_id, arguments = new_id("call"), json.dumps(wish.arguments, ensure_ascii=False)
        for _ in range(2 if self._call.faults.take("duplicate_tool_call") else 1):
            item: Item = {"id": new_id("item"), "type": "function_call", "name": wish.tool["name"], "call_id": call_id}
            self._open(item | {"arguments": ""}, lambda ending: self._close_tool_call(arguments, ending))
            for at in range(0, len(arguments), _ARGUMENTS_A_PIECE):
                delta = arguments[at : at + _ARGUMENTS_A_PIECE]
                self._emit("response.function_call_arguments.delta", call_id=call_id, delta=delta)
                await asyncio.sleep(0)
            self._close_tool_call(arguments, "completed")

    def _close_tool_call(self, arguments: str, ending: Ending) -> None:
        item = self.output[-1]
        item["arguments"] = arguments
        named = {"call_id": item["call_id"], "name": item["name"]}
        self._emit("response.function_call_arguments.done", **named, arguments=arguments)
        self._close(ending)

    async def _write(self, text: str) -> None:
        part: dict[str, Any] = {"type": "output_text", "text": ""}
        self._open(_message(), lambda ending: self._close_text(part, ending))
        self.output[-1]["content"].append(part)
        self._emit("response.content_part.added", content_index=0, part={"type": "text", "text": ""})
        for delta in _pieces(text):
            part["text"] += delta
            self._emit("response.output_text.delta", content_index=0, delta=delta)
            await asyncio.sleep(0)
        self._close_text(part, "completed")

    def _close_text(self, part: dict[str, Any], ending: Ending) -> None:
        self._emit("response.output_text.done", content_index=0, text=part["text"])
        self._emit("response.content_part.done", content_index=0, part={"type": "text", "text": part["text"]})
        self._close(ending)

    async def _speak(self, text: str) -> None:
        part: dict[str, Any] = {"type": "output_audio", "transcript": ""}
        self._open(_message(), lambda ending: self._close_speech(part, ending))
        item = self.output[-1]
        item["content"].append(part)
        self._emit("response.content_part.added", content_index=0, part={"type": "audio", "transcript": ""})
        sound = await self._voiced(text)
        mouth, pieces = self._call.mouth, _pieces(text)
        mouth.begin(self.id, item["id"])
        for at, delta in enumerate(pieces):
            if mouth.message != item["id"]:
                break  # the client cleared the buffer
            piece = Sound(_share(sound.samples, at, len(pieces)), sound.rate)
            mouth.say(piece)
            self._call.conversation.sound_ms[item["id"]] = int(sound.seconds * 1000 * (at + 1) / len(pieces))
            part["transcript"] += delta
            self._emit("response.output_audio_transcript.delta", content_index=0, delta=delta)
            await asyncio.sleep(piece.seconds / PACE)
        self._close_speech(part, "completed")

    async def _voiced(self, text: str) -> Sound:
        output = self._call.session["audio"]["output"]
        asked = (self.given.get("audio") or {}).get("output") or {}
        spoken = (self._call.session["audio"]["input"]["transcription"] or {}).get("language") or "en-US"
        voice = gender(asked.get("voice", output["voice"]))
        return await asyncio.to_thread(speak, text, spoken, voice, speed=output["speed"])

    def _close_speech(self, part: dict[str, Any], ending: Ending) -> None:
        mouth, item = self._call.mouth, self.output[-1]
        lasts = self._call.conversation.sound_ms.get(item["id"], 0)
        if mouth.message == item["id"]:
            mouth.finish()
        elif lasts:  # it was cleared meanwhile: the words nobody heard were not said
            heard = min(lasts, mouth.heard_before_clearing(item["id"]))
            part["transcript"] = first_words(part["transcript"], heard / lasts)
            self._call.conversation.sound_ms[item["id"]] = heard
        self._emit("response.output_audio.done", content_index=0)
        self._emit("response.output_audio_transcript.done", content_index=0, transcript=part["transcript"])
        self._emit("response.content_part.done", content_index=0, part={**part, "type": "audio"})
        self._close(ending)

    def _open(self, item: Item, close: Callable[[Ending], None]) -> None:
        item |= {"object": "realtime.item", "status": "in_progress"}
        self.output.append(item)
        self._close_item = close
        self._call.emit("response.output_item.added", **self._place(), item=dict(item))
        if self.in_conversation:
            before = self._call.conversation.add(item)
            self._call.emit("conversation.item.added", previous_item_id=before, item=dict(item))

    def _close(self, ending: Ending) -> None:
        self._close_item = None
        item = self.output[-1]
        item["status"] = "completed" if ending == "completed" else "incomplete"
        if self.in_conversation:
            before = self._call.conversation.before(item)
            self._call.emit("conversation.item.done", previous_item_id=before, item=dict(item))
        self._call.emit("response.output_item.done", **self._place(), item=dict(item))

    def _done(self, ending: Ending, details: dict[str, Any] | None) -> None:
        self.status = ending
        session = self._call.session
        usage = self._call.conversation.usage(session["tools"], session["instructions"], self.output)
        self._call.response_ended(self)
        self._call.emit("response.done", response=self._described() | {"status_details": details, "usage": usage})
        self.ended.set()

    def _described(self) -> dict[str, Any]:
        voice = self._call.session["audio"]["output"]["voice"]
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": self.status,
            "status_details": None,
            "output": [dict(item) for item in self.output],
            "conversation_id": self._call.conversation.id if self.in_conversation else None,
            "output_modalities": self._setting("output_modalities"),
            "max_output_tokens": self._setting("max_output_tokens"),
            "audio": {"output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": voice}},
            "metadata": self.given.get("metadata"),
            "usage": None,
        }

    def _place(self) -> dict[str, Any]:
        return {"response_id": self.id, "output_index": len(self.output) - 1}

    def _emit(self, kind: str, **fields: Any) -> None:
        self._call.emit(kind, **self._place(), item_id=self.output[-1]["id"], **fields)


def _message() -> Item:
    return {"id": new_id("item"), "type": "message", "role": "assistant", "content": []}


def _pieces(text: str) -> list[str]:
    words = text.split()
    pieces = [" ".join(words[at : at + _WORDS_A_PIECE]) for at in range(0, len(words), _WORDS_A_PIECE)]
    return [piece if at == 0 else f" {piece}" for at, piece in enumerate(pieces)]


def _share(samples: Samples, at: int, of: int) -> Samples:
    return samples[len(samples) * at // of : len(samples) * (at + 1) // of]
