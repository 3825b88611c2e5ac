"""A whole voice call: our session, a real peer connection, and every message of ours taken by the other end."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from aisdr.events import CallEnded, LiveEvent, Opened, Spent, ToolCall, Utterance
from aisdr.live.base import CallRequest, RawMessage, ToolOutput
from aisdr.live.openai_realtime import OpenAiVoice
from aisdr.tools.members import described
from tests.dev.caller import Caller
from tests.dev.loops import lived
from tests.material import a_company
from tests.voice import OpenAi

pytestmark = pytest.mark.slow

ANSWER = "The Growth plan costs one hundred and forty nine dollars a month."

Story = Callable[["Conversation"], Awaitable[None]]


class Conversation:
    """A browser in the call, and the server behind it that reads what the browser passes on."""

    def __init__(self, voice: OpenAiVoice, caller: Caller, call_id: str) -> None:
        self.voice, self.caller, self.call_id = voice, caller, call_id

    def send(self, messages: Sequence[RawMessage]) -> None:
        for message in messages:
            fields = dict(message)
            self.caller.send(fields.pop("type"), **fields)

    @property
    def heard(self) -> list[LiveEvent]:
        return [ours for raw in self.caller.events for ours in self.voice.read(raw)]

    def raw(self, wanted: type[LiveEvent]) -> dict[str, Any]:
        """The vendor's event that means this to us."""
        return next(raw for raw in self.caller.events if any(isinstance(each, wanted) for each in self.voice.read(raw)))

    async def until(self, wanted: LiveEvent | type[LiveEvent]) -> None:
        def happened() -> bool:
            return any(each == wanted or (isinstance(wanted, type) and isinstance(each, wanted)) for each in self.heard)

        await self.caller.until(happened)


def live(openai: OpenAi, story: Story, context: str = "") -> None:
    company = a_company(modes=("text", "voice"))

    async def lived_through() -> None:
        caller, voice = Caller(), openai.voice()
        tools = tuple(described(company, ()))
        request = CallRequest(company, "n", 600, "http://127.0.0.1:9", context, "Hello!", tools, await caller.offer())
        call = voice.start(request)
        assert call.answer is not None
        await caller.connect(call.answer)
        try:
            await story(Conversation(voice, caller, call.call_id))
        finally:
            await caller.leave()

    lived(lived_through())


def test_the_greeting_is_spoken_when_the_session_stands(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        await call.until(Opened)

        call.send(call.voice.spoken(call.call_id, "Hello! What would you like to know?"))

        await call.caller.event("output_audio_buffer.started")
        await call.until(Utterance)
        (said,) = [each for each in call.heard if isinstance(each, Utterance)]
        assert (said.role, said.text) == ("assistant", "Hello! What would you like to know?")
        await call.until(Spent)

    live(openai, story)


def test_a_typed_question_calls_our_tool_and_its_result_is_spoken(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        call.send(call.voice.typed(call.call_id, "What does the Growth plan cost?"))
        await call.until(ToolCall)
        (wish,) = [each for each in call.heard if isinstance(each, ToolCall)]
        assert wish.name == "search_knowledge"
        assert wish.malformed is None

        result = ToolOutput({"answer": ANSWER, "passages": [], "degraded": False}, True)
        call.send(call.voice.tool_results(call.raw(ToolCall), [(wish, result)]))

        await call.until(Utterance)
        (said,) = [each for each in call.heard if isinstance(each, Utterance)]
        assert "forty nine" in said.text

    live(openai, story)


def test_the_voice_knows_what_was_said_in_another_mode(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        call.send(call.voice.typed(call.call_id, "What did I ask before?"))

        await call.until(Utterance)
        (said,) = [each for each in call.heard if isinstance(each, Utterance)]
        assert "Do you ship to Norway?" in said.text

    live(openai, story, context="visitor: Do you ship to Norway?\nassistant: Yes.")


def test_an_interruption_silences_what_is_being_said(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        call.send(call.voice.spoken(call.call_id, f"{ANSWER} {ANSWER} {ANSWER}"))
        await call.caller.event("output_audio_buffer.started")

        call.send(call.voice.interrupted(call.call_id))

        await call.caller.event("output_audio_buffer.cleared")

    live(openai, story)


def test_what_is_told_is_known_and_not_answered(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        call.send(call.voice.told(call.call_id, "The visitor has confirmed."))
        await call.caller.event("conversation.item.done")
        call.send(call.voice.spoken(call.call_id, "Thank you."))

        await call.until(Spent)
        assert len(call.caller.of("response.created")) == 1
        assert call.caller.of("error") == []

    live(openai, story)


@pytest.mark.cell("F-OA-06")
def test_when_the_vendors_time_is_up_the_call_has_ended(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        await call.until(CallEnded("time"))

    openai.fault("session_seconds", seconds=1)
    live(openai, story)


def test_a_hang_up_from_our_side_closes_the_browsers_line(openai: OpenAi) -> None:
    async def story(call: Conversation) -> None:
        await call.until(Opened)

        call.voice.end(call.call_id)

        await call.caller.event("(closed)")

    live(openai, story)
    (ended,) = openai.calls()
    assert (ended["state"], json.dumps(ended["session"]).count("sk-")) == ("closed", 0)
