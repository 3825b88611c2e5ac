"""A realtime call with the look-alike, made by the vendor's own client: it hears, thinks, speaks and is interrupted."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import openai
import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from dev.openai import KEY, OpenAILookalike, create_app
from dev.serve import serving
from tests.dev.caller import Caller
from tests.dev.loops import lived

pytestmark = pytest.mark.slow

SEARCH = {
    "type": "function",
    "name": "search_knowledge",
    "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
}
SESSION: dict[str, Any] = {
    "type": "realtime",
    "model": "gpt-realtime-2.1-mini",
    "instructions": "You sell cameras.",
    "audio": {"input": {"transcription": {"model": "gpt-transcribe"}}, "output": {"voice": "marin"}},
    "tools": [SEARCH],
}
PRICE = "Growth costs one hundred and forty nine dollars."
ANSWER = "The growth plan costs one hundred and forty nine dollars a month, for each of your stores."
LONG = f"{ANSWER} {ANSWER}"

Story = Callable[[Caller, openai.AsyncOpenAI, str], Awaitable[None]]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, OpenAILookalike]]:
    app = create_app()
    with serving(app) as url:
        yield url, app.state.lookalike


@pytest.fixture
def url(server: tuple[str, OpenAILookalike]) -> str:
    httpx.post(f"{server[0]}/_lookalike/reset").raise_for_status()
    return server[0]


@asynccontextmanager
async def calling(url: str, session: dict[str, Any]) -> AsyncIterator[tuple[Caller, openai.AsyncOpenAI, str]]:
    """Connected, and with the path of the call."""
    caller = Caller()
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0) as client:
        answer = await client.realtime.calls.create(sdp=await caller.offer(), session=session)  # type: ignore[arg-type]
        await caller.connect(answer.text)
        try:
            yield caller, client, answer.response.headers["location"]
        finally:
            await caller.leave()


def call(url: str, story: Story, **change: Any) -> Caller:
    """A story that a caller lives; what was heard on the way must fit the vendor's published types."""

    async def live() -> Caller:
        async with calling(url, SESSION | change) as (caller, client, path):
            await story(caller, client, path)
        return caller

    caller = lived(live())
    published: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
    for event in caller.events:
        if event["type"] != "(closed)":
            published.validate_python(event)
    return caller


def told(url: str) -> dict[str, Any]:
    calls: list[dict[str, Any]] = httpx.get(f"{url}/_lookalike/calls").json()
    return calls[-1]


def types(caller: Caller) -> list[str]:
    return [event["type"] for event in caller.events]


async def answer_tool_call(caller: Caller, output: dict[str, Any]) -> None:
    asked = (await caller.event("response.function_call_arguments.done"))["call_id"]
    await caller.event("response.done")
    item = {"type": "function_call_output", "call_id": asked, "output": json.dumps(output)}
    caller.send("conversation.item.create", item=item)
    caller.send("response.create")


def test_a_spoken_question_is_heard_looked_up_and_answered_aloud(url: str) -> None:
    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.microphone.say("What does it cost for two hundred stores?")
        await answer_tool_call(caller, {"answer": f"{PRICE} [1]"})
        await caller.event("output_audio_buffer.stopped")
        await client.realtime.calls.hangup(path.rsplit("/", 1)[1])
        await caller.event("(closed)")

    caller = call(url, story)

    [heard] = caller.of("conversation.item.input_audio_transcription.completed")
    [asked] = caller.of("response.function_call_arguments.done")
    [said] = caller.of("response.output_audio_transcript.done")
    assert "cost for two hundred" in heard["transcript"].lower()
    assert json.loads(asked["arguments"])["query"] == heard["transcript"]
    assert said["transcript"] == PRICE
    assert "".join(piece["delta"] for piece in caller.of("response.output_audio_transcript.delta")) == PRICE
    assert caller.audible_frames > 50
    order = types(caller)
    assert order.index("response.created") < order.index("conversation.item.input_audio_transcription.completed")
    assert order.index("output_audio_buffer.stopped") > len(order) - 1 - order[::-1].index("response.done")
    usage = caller.of("response.done")[1]["response"]["usage"]
    assert usage["input_token_details"]["audio_tokens"] > 10
    assert usage["input_token_details"]["cached_tokens"] > 10
    assert usage["output_token_details"]["audio_tokens"] > 10
    assert (told(url)["state"], told(url)["reason"], told(url)["said"]) == ("closed", "hangup", [PRICE])


def test_who_speaks_while_it_speaks_is_listened_to(url: str) -> None:
    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.send("response.create", response={"instructions": f'Say exactly: "{LONG}"'})
        await caller.until(lambda: caller.audible_frames > 50)
        caller.microphone.say("How long does the installation take?")
        await caller.event("response.function_call_arguments.done")

    caller = call(url, story)

    [cancelled] = [event["response"] for event in caller.of("response.done") if event["response"]["output"]][:1]
    [spoken] = cancelled["output"]
    said = spoken["content"][0]["transcript"]
    assert (cancelled["status"], cancelled["status_details"]["reason"]) == ("cancelled", "turn_detected")
    assert spoken["status"] == "incomplete"
    assert LONG.startswith(said)
    assert 0 < len(said) < len(LONG)
    assert caller.of("conversation.item.truncated")[0]["item_id"] == spoken["id"]
    order = types(caller)
    assert order.index("input_audio_buffer.speech_started") < order.index("output_audio_buffer.cleared")
    assert "installation" in told(url)["heard"][0].lower()


def test_only_one_response_is_active_and_only_an_active_one_is_cancelled(url: str) -> None:
    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.send("response.cancel", event_id="too_early")
        await caller.event("error", 1)
        caller.send("response.create", response={"instructions": f'Say exactly: "{ANSWER}"'})
        caller.send("response.create", event_id="one_too_many")
        await caller.event("error", 2)
        await caller.event("response.output_audio_transcript.delta", 2)
        caller.send("response.cancel")
        caller.send("output_audio_buffer.clear")
        await caller.event("output_audio_buffer.cleared")

    caller = call(url, story)

    errors = [(event["error"]["code"], event["error"]["event_id"]) for event in caller.of("error")]
    [done] = caller.of("response.done")
    assert errors == [
        ("response_cancel_not_active", "too_early"),
        ("conversation_already_has_active_response", "one_too_many"),
    ]
    assert done["response"]["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}


def test_what_was_said_before_the_call_is_remembered_in_order(url: str) -> None:
    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.write("Do you sell cameras for the dark?")
        caller.write("We do.", role="assistant")
        caller.write("The visitor comes from a shop.", role="system")
        caller.ask("What did I ask before?")
        await caller.event("response.done")

    caller = call(url, story, output_modalities=["text"])

    items = [event["item"]["id"] for event in caller.of("conversation.item.added")]
    before = [event["previous_item_id"] for event in caller.of("conversation.item.added")]
    [said] = caller.of("response.output_text.done")
    assert said["text"] == "You asked: Do you sell cameras for the dark?"
    assert before == [None, *items[:-1]]
    assert "output_audio_buffer.started" not in types(caller)


@pytest.mark.parametrize(
    ("event", "param", "code"),
    [
        ({"type": "response.generate"}, "type", "invalid_value"),
        ({"type": "session.update", "session": {"instructions": "Hi"}}, "session.type", "missing_required_parameter"),
        (
            {"type": "session.update", "session": {"type": "realtime", "modalities": ["text"]}},
            "session.modalities",
            "unknown_parameter",
        ),
        ({"type": "response.create", "response": {"modalities": ["text"]}}, "response.modalities", "unknown_parameter"),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
            },
            "item.content[0].type",
            "invalid_value",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "function_call_output", "call_id": "c", "output": ""},
            },
            "item.call_id",
            "invalid_tool_call_id",
        ),
        ({"type": "conversation.item.delete", "item_id": "item_none"}, "item_id", "item_not_found"),
        ({"type": "input_audio_buffer.append", "audio": ""}, "type", "invalid_value"),
    ],
)
def test_a_wrong_event_is_answered_with_an_error_and_the_call_goes_on(
    url: str, event: dict[str, Any], param: str, code: str
) -> None:
    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.send(**{"kind": event["type"], "event_id": "evt_1"} | {k: v for k, v in event.items() if k != "type"})
        await caller.event("error")
        caller.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
        await caller.event("session.updated")

    caller = call(url, story)

    [error] = [event["error"] for event in caller.of("error")]
    assert (error["param"], error["code"], error["event_id"]) == (param, code, "evt_1")
    assert caller.of("session.updated")[0]["session"]["instructions"] == "Be brief."
    assert caller.of("session.updated")[0]["session"]["tools"] == [SEARCH]


def test_push_to_talk_answers_only_when_it_is_asked_to(url: str) -> None:
    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.send("input_audio_buffer.clear")
        caller.send("input_audio_buffer.commit", event_id="empty")
        await caller.event("error")
        caller.microphone.say("Which cameras do you support?")
        await caller.event("input_audio_buffer.cleared")
        await caller.microphone.spoken()
        caller.send("input_audio_buffer.commit")
        await caller.event("conversation.item.input_audio_transcription.completed")

    caller = call(url, story, audio={"input": {"transcription": {"model": "gpt-transcribe"}, "turn_detection": None}})

    assert caller.of("error")[0]["error"]["code"] == "input_audio_buffer_commit_empty"
    assert "support" in told(url)["heard"][0].lower()
    assert "input_audio_buffer.speech_started" not in types(caller)
    assert "response.created" not in types(caller)


def test_a_session_ends_when_its_time_is_over(url: str) -> None:
    httpx.post(f"{url}/_lookalike/faults", json={"kind": "session_seconds", "seconds": 0.5}).raise_for_status()

    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        await caller.event("(closed)")

    caller = call(url, story)

    assert caller.of("error")[0]["error"]["code"] == "session_expired"
    assert told(url)["reason"] == "session_expired"


def test_a_test_may_order_mishaps(url: str) -> None:
    for kind in ("duplicate_tool_call", "transcription_failed"):
        httpx.post(f"{url}/_lookalike/faults", json={"kind": kind}).raise_for_status()

    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.microphone.say("What does it cost?")
        await caller.event("response.done")
        async with httpx.AsyncClient() as test:
            await test.post(f"{url}/_lookalike/faults", json={"kind": "drop_channel"})
        await caller.event("(closed)")

    caller = call(url, story)

    first, second = caller.of("response.function_call_arguments.done")
    assert first["call_id"] == second["call_id"]
    assert caller.of("conversation.item.input_audio_transcription.failed")
    assert told(url)["reason"] == "connection_lost"
    assert httpx.post(f"{url}/_lookalike/faults", json={"kind": "flood"}).status_code == 422


def test_a_transcript_may_come_after_the_answer(url: str) -> None:
    httpx.post(f"{url}/_lookalike/faults", json={"kind": "late_transcription"}).raise_for_status()

    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.microphone.say("What does it cost?")
        await caller.event("conversation.item.input_audio_transcription.completed")

    caller = call(url, story)

    order = types(caller)
    assert order.index("response.done") < order.index("conversation.item.input_audio_transcription.completed")


def test_it_asks_when_nobody_speaks_for_long(url: str) -> None:
    turns = {"type": "server_vad", "idle_timeout_ms": 300}

    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        caller.send("response.create", response={"instructions": 'Say exactly: "Yes."'})
        await caller.event("input_audio_buffer.timeout_triggered")
        await caller.event("response.done", 2)

    caller = call(url, story, audio={"input": {"turn_detection": turns}})

    assert "input_audio_buffer.speech_started" not in types(caller)


def test_a_response_outside_the_conversation_leaves_no_trace_in_it(url: str) -> None:
    question = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What does it cost?"}]}

    async def story(caller: Caller, client: openai.AsyncOpenAI, path: str) -> None:
        aside = {"conversation": "none", "metadata": {"topic": "price"}, "input": [question], "tool_choice": "none"}
        caller.send("response.create", response=aside | {"output_modalities": ["text"]})
        await caller.event("response.done")

    caller = call(url, story)

    [done] = [event["response"] for event in caller.of("response.done")]
    assert (done["metadata"], done["conversation_id"]) == ({"topic": "price"}, None)
    assert done["output"][0]["content"][0]["text"]
    assert told(url)["items"] == []
    assert told(url)["received"][0]["response"]["metadata"] == {"topic": "price"}


def test_a_browser_may_bring_its_offer_with_a_client_secret(url: str) -> None:
    async def story() -> list[str]:
        caller = Caller()
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY) as client, httpx.AsyncClient() as browser:
            secret = (await client.realtime.client_secrets.create(session=SESSION)).value  # type: ignore[arg-type]
            answer = await browser.post(
                f"{url}/v1/realtime/calls",
                content=await caller.offer(),
                headers={
                    "Authorization": f"Bearer {secret}",
                    "Content-Type": "application/sdp",
                    "Origin": "https://shop.example",
                },
            )
        await caller.connect(answer.text)
        await caller.leave()
        return [str(answer.status_code), answer.headers["location"], answer.headers["access-control-allow-origin"]]

    status, location, origin = lived(story())

    assert (status, origin) == ("201", "*")
    assert location == f"/v1/realtime/calls/{told(url)['id']}"
    assert told(url)["session"]["instructions"] == SESSION["instructions"]


def test_a_channel_of_another_name_is_not_listened_to(url: str) -> None:
    async def story() -> None:
        caller = Caller(channel="events")
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=KEY) as client:
            answer = await client.realtime.calls.create(sdp=await caller.offer(), session=SESSION)  # type: ignore[arg-type]
        await caller.open(answer.text)
        await caller.until(lambda: caller.heard_frames > 10)
        assert (caller.events, told(url)["state"]) == ([], "connecting")
        await caller.leave()

    lived(story())
