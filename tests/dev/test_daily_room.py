"""A room of the Daily look-alike with a visitor who is plain WebRTC: the avatar is seen, heard and asked."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import httpx
import numpy as np
import pytest

from dev.daily import brain, portrait
from dev.serve import serving
from tests.dev.account import PAL, eventually
from tests.dev.receiver import Receiver
from tests.dev.rooms import Vendor, running_vendor, visit
from tests.dev.visitor import Visitor

pytestmark = pytest.mark.slow


def test_the_avatar_is_seen_moving_and_heard_speaking(vendor: Vendor) -> None:
    conversation = vendor.start(custom_greeting="Hello, I am the local stand-in. How can I help you today?")

    async def story(visitor: Visitor) -> None:
        await visitor.event("conversation.replica.stopped_speaking")
        await visitor.until(lambda: len(visitor.pictures) >= 30)
        shapes = {picture.shape for picture in visitor.pictures}
        mouths = [picture[298:346, 322:398].astype(np.int16) for picture in visitor.pictures[5:]]
        moved = [mouth for mouth in mouths if np.abs(mouth - mouths[0]).mean() > 8]  # more than a codec's noise
        assert shapes == {(portrait.HEIGHT, portrait.WIDTH)}
        assert len(moved) >= 5
        assert visitor.loudest > 3000

    visit(conversation, story)


def test_the_avatar_says_who_it_is(vendor: Vendor) -> None:
    conversation = vendor.start()

    async def story(visitor: Visitor) -> None:
        (avatar,) = visitor.messages[0]["participants"]
        assert avatar["user_id"] == "tavus-replica-r90bbd427f71"
        assert avatar["user_name"] == "Sales representative (local stand-in)"
        for event_type in ("system.replica_joined", "system.pal_joined", "system.replica_present"):
            assert (await visitor.event(event_type))["message_type"] == "system"

    visit(conversation, story)


def test_a_question_becomes_a_tool_call_and_its_result_is_spoken(vendor: Vendor) -> None:
    conversation = vendor.start()
    conversation_id = conversation["conversation_id"]

    async def story(visitor: Visitor) -> None:
        visitor.send("conversation.respond", conversation_id, {"text": "What does the growth plan cost?"})
        call = (await visitor.event("conversation.tool_call"))["properties"]
        assert call["name"] == "search_knowledge"
        assert json.loads(call["arguments"]) == {"query": "What does the growth plan cost?"}

        output = json.dumps({"answer": "It costs forty nine dollars a month [1].", "passages": []})
        visitor.send("conversation.tool_result", conversation_id, {"tool_call_id": "another", "output": "Wrong."})
        result = {"tool_call_id": call["tool_call_id"], "output": output, "status": "success"}
        visitor.send("conversation.tool_result", conversation_id, result)
        said = await visitor.event("conversation.utterance", lambda event: "forty" in event["properties"]["speech"])
        await visitor.event("conversation.stopped_speaking", lambda event: event["seq"] > said["seq"])
        check(visitor.events, said)

    def check(events: list[dict[str, Any]], said: dict[str, Any]) -> None:
        assert said["properties"] == {"role": "replica", "speech": "It costs forty nine dollars a month."}
        assert not [event for event in events if "Wrong" in json.dumps(event)]
        sequence = [event["seq"] for event in events]
        assert sequence == sorted(set(sequence))
        assert {event["conversation_id"] for event in events} == {conversation_id}
        own = [event for event in events if event.get("inference_id") == said["inference_id"]]
        chunks = [event for event in own if event["event_type"] == "conversation.utterance.streaming"]
        spoken = [chunk["properties"]["speech"] for chunk in chunks]
        assert len(spoken) >= 3
        assert all(later.startswith(earlier) for earlier, later in pairwise(spoken))
        kinds = {event["event_type"] for event in own}
        assert {"conversation.started_speaking", "conversation.replica.started_speaking"} <= kinds
        user = [event for event in events if event.get("properties", {}).get("role") == "user"]
        assert user[-1]["properties"]["speech"] == "What does the growth plan cost?"
        assert user[-1]["turn_idx"] == said["turn_idx"] == 1

    visit(conversation, story)
    vendor.end(conversation)
    assert [entry["role"] for entry in vendor.state(conversation)["transcript"]] == ["user", "assistant", "assistant"]


def test_what_reached_the_room_can_be_asked_at_tavus(vendor: Vendor) -> None:
    conversation = vendor.start()
    conversation_id = conversation["conversation_id"]

    async def story(visitor: Visitor) -> None:
        visitor.send(
            "conversation.tool_result", conversation_id, {"tool_call_id": "call_none", "output": "Nobody asked."}
        )
        visitor.send("conversation.respond", conversation_id, {"text": "What is the price in São Paulo?"})
        call_id = (await visitor.event("conversation.tool_call"))["properties"]["tool_call_id"]
        result = {"tool_call_id": call_id, "output": "Ten reais: é barato.", "status": "error"}
        visitor.send("conversation.tool_result", conversation_id, result)
        visitor.send("conversation.tool_result", conversation_id, result)

        await asyncio.to_thread(eventually, lambda: len(vendor.state(conversation)["tool_results"]) == 3)

        state = await asyncio.to_thread(vendor.state, conversation)
        unasked, first, again = state["tool_results"]
        assert state["responds"] == 1
        assert (unasked["tool_call_id"], unasked["status"], unasked["awaited"]) == ("call_none", "success", False)
        assert (first["tool_call_id"], first["status"], first["awaited"]) == (call_id, "error", True)
        event = {"message_type": "conversation", "event_type": "conversation.tool_result"}
        whole = event | {"conversation_id": conversation_id, "properties": result}
        assert first["bytes"] == len(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode())
        assert again == first | {"awaited": False}

    visit(conversation, story)


def test_a_failed_tool_is_admitted(vendor: Vendor) -> None:
    conversation = vendor.start()

    async def story(visitor: Visitor) -> None:
        visitor.send("conversation.respond", conversation["conversation_id"], {"text": "Show me a diagram"})
        call = (await visitor.event("conversation.tool_call"))["properties"]
        assert call["name"] == "show_visual"
        result = {"tool_call_id": call["tool_call_id"], "output": {"say": "Here it is."}, "status": "error"}
        visitor.send("conversation.tool_result", conversation["conversation_id"], result)
        await visitor.event("conversation.utterance", lambda event: event["properties"]["speech"] == brain.FAILED)

    visit(conversation, story)


def test_speech_is_cut_by_an_interruption_but_the_greeting_is_not(vendor: Vendor) -> None:
    conversation = vendor.start(custom_greeting="Hello there, I am glad that you are here today.")
    conversation_id = conversation["conversation_id"]

    def last(event: dict[str, Any]) -> bool:
        return bool(event["properties"]["role"] == "replica")

    async def story(visitor: Visitor) -> None:
        await visitor.event("conversation.started_speaking")
        visitor.send("conversation.respond", conversation_id, {"text": "Too early"})
        visitor.send("conversation.interrupt", conversation_id)
        greeted = await visitor.event("conversation.stopped_speaking", last)
        assert greeted["properties"]["interrupted"] is False

        text = "This is a rather long sentence that nobody wants to hear to its very end, so it is cut."
        visitor.send("conversation.echo", conversation_id, {"modality": "text", "text": text, "done": True})
        await visitor.event("conversation.started_speaking", lambda event: event["seq"] > greeted["seq"])
        visitor.send("conversation.interrupt", conversation_id)
        cut = await visitor.event("conversation.stopped_speaking", lambda event: event["seq"] > greeted["seq"])
        whole = await visitor.event("conversation.utterance", lambda event: event["properties"]["speech"] == text)
        assert cut["properties"]["interrupted"] is True
        assert whole["properties"]["interrupted"] is True
        assert not [event for event in visitor.events if "Too early" in json.dumps(event)]

    visit(conversation, story)


def test_context_is_taken_in_silently(vendor: Vendor) -> None:
    conversation = vendor.start(conversational_context="You sell shoes.")
    conversation_id = conversation["conversation_id"]
    room = f"{vendor.daily_url}/_lookalike/rooms/{conversation_id}"

    async def story(visitor: Visitor) -> None:
        visitor.send("conversation.append_llm_context", conversation_id, {"context": "It rains."})
        both = ["You sell shoes.", "It rains."]
        await asyncio.to_thread(eventually, lambda: httpx.get(room).json()["context"] == both)
        visitor.send("conversation.overwrite_llm_context", conversation_id, {"context": "You sell boots."})
        await asyncio.to_thread(eventually, lambda: httpx.get(room).json()["context"] == ["You sell boots."])

    visit(conversation, story)


def test_parts_of_one_speech_are_spoken_as_one(vendor: Vendor) -> None:
    conversation = vendor.start()
    conversation_id = conversation["conversation_id"]

    async def story(visitor: Visitor) -> None:
        for text, done in (("You will hear", False), ("from us.", True)):
            piece = {"modality": "text", "text": text, "done": done, "inference_id": "one"}
            visitor.send("conversation.echo", conversation_id, piece)
        await visitor.event(
            "conversation.utterance", lambda event: event["properties"]["speech"] == "You will hear from us."
        )

    visit(conversation, story)


def test_the_avatar_knows_what_was_asked_before_the_call_and_in_it(vendor: Vendor) -> None:
    conversation = vendor.start(conversational_context="visitor: Is there a free plan?\nassistant: No.")
    conversation_id = conversation["conversation_id"]

    async def asks(visitor: Visitor, answer: str) -> None:
        visitor.send("conversation.respond", conversation_id, {"text": "What did I ask before?"})
        await visitor.event("conversation.utterance", lambda event: event["properties"]["speech"] == answer)

    async def story(visitor: Visitor) -> None:
        await asks(visitor, "You asked me: Is there a free plan?")
        told = {"context": "visitor: Where are you?"}
        visitor.send("conversation.append_llm_context", conversation_id, told)
        await asks(visitor, "You asked me: What did I ask before?")

    visit(conversation, story)


@pytest.mark.parametrize(
    ("names", "spoken", "unspoken"),
    [
        ("new", {"conversation.started_speaking", "system.pal_joined"}, "conversation.replica.started_speaking"),
        ("legacy", {"conversation.replica.started_speaking", "system.replica_joined"}, "conversation.started_speaking"),
    ],
)
def test_an_account_may_speak_one_vocabulary_only(names: str, spoken: set[str], unspoken: str) -> None:
    with running_vendor(names=names) as vendor:
        conversation = vendor.start(custom_greeting="Hello there.")

        async def story(visitor: Visitor) -> None:
            greeting = await visitor.event("conversation.utterance")
            assert greeting["properties"]["role"] == ("pal" if names == "new" else "replica")
            for name in spoken:
                await visitor.event(name)
            assert unspoken not in {event["event_type"] for event in visitor.events}

        visit(conversation, story)


def test_the_microphone_reaches_the_room(vendor: Vendor) -> None:
    conversation = vendor.start()
    room = f"{vendor.daily_url}/_lookalike/rooms/{conversation['conversation_id']}"

    async def story(_visitor: Visitor) -> None:
        await asyncio.to_thread(eventually, lambda: httpx.get(room).json()["microphone_frames"] > 10)

    visit(conversation, story)


def test_a_tool_with_an_address_is_answered_by_that_address(vendor: Vendor) -> None:
    ours = Receiver()
    with serving(ours.app) as url:
        delivery = {"app_message": False, "api": {"url": url, "auth": {"type": "hmac", "secret": "shared"}}}
        tool = {"name": "search_knowledge", "on_resolve": "generate_response", "delivery": delivery}
        tool_id = vendor.tavus.post("/v2/tools", json=tool).json()["tool_id"]
        vendor.tavus.post(f"/v2/pals/{PAL}/tools", json={"tool_ids": [tool_id]})
        conversation = vendor.start()

        async def story(visitor: Visitor) -> None:
            visitor.send("conversation.respond", conversation["conversation_id"], {"text": "What does it cost?"})
            await visitor.event("conversation.utterance", lambda event: event["properties"]["speech"] == "done")
            assert not [event for event in visitor.events if event["event_type"] == "conversation.tool_call"]

        visit(conversation, story)
        assert ours.take_json()["conversation_id"] == conversation["conversation_id"]
