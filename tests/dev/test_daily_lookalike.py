"""A room of the Daily look-alike, entered by a visitor who is plain WebRTC and by a real browser."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from dev.daily import brain, portrait
from dev.daily.app import create_app as create_daily
from dev.serve import serving
from dev.tavus.app import create_app as create_tavus
from dev.tavus.config import TavusConfig
from tests.dev.receiver import Receiver
from tests.dev.visitor import Visitor

PAL = "pcb7a34da5fe"
ROOM_SCRIPT = Path(__file__).parents[2] / "dev/daily/room.js"


@dataclass
class Vendor:
    """Both look-alikes together: a conversation is created at one, its room is at the other."""

    tavus: httpx.Client
    daily_url: str

    def start(self, **wishes: Any) -> dict[str, Any]:
        answer = self.tavus.post("/v2/conversations", json={"pal_id": PAL, "require_auth": True, **wishes})
        assert answer.status_code == 200, answer.text
        conversation: dict[str, Any] = answer.json()
        return conversation

    def end(self, conversation: dict[str, Any]) -> None:
        self.tavus.post(f"/v2/conversations/{conversation['conversation_id']}/end")

    def state(self, conversation: dict[str, Any]) -> dict[str, Any]:
        calls = self.tavus.get("/_lookalike/state").json()["conversations"]
        return next(call for call in calls if call["conversation_id"] == conversation["conversation_id"])


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(create_daily()) as daily, serving(create_tavus(TavusConfig(daily_url=daily))) as tavus:
        yield Vendor(httpx.Client(base_url=tavus, headers={"x-api-key": "tvsk_test"}), daily)


def visit(conversation: dict[str, Any], story: Callable[[Visitor], Coroutine[Any, Any, None]]) -> None:
    """Joins with the conversation's token, lives through the story and leaves."""

    async def run() -> None:
        visitor = Visitor(conversation["conversation_url"], conversation.get("meeting_token"))
        try:
            assert (await visitor.join()).status_code == 200
            await story(visitor)
        finally:
            await visitor.leave()

    asyncio.run(run())


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.05)


def knock(url: str, token: str | None) -> tuple[int, dict[str, Any]]:
    async def run() -> httpx.Response:
        visitor = Visitor(url, token)
        answer = await visitor.join()
        await visitor.leave()
        return answer

    answer = asyncio.run(run())
    return answer.status_code, answer.json()["error"]


# Getting in and out


def test_a_private_room_lets_nobody_in_without_its_own_token(vendor: Vendor) -> None:
    conversation, other = vendor.start(), vendor.start()
    url = conversation["conversation_url"]

    for token in (None, "not a token", other["meeting_token"]):
        status, error = knock(url, token)
        assert (status, error["type"]) == (403, "not-allowed")
    assert vendor.state(conversation)["participants"] == 0


def test_a_token_dies_with_the_absent_timeout() -> None:
    with serving(create_daily()) as daily, serving(create_tavus(TavusConfig(daily_url=daily, clock_speed=50))) as url:
        tavus = httpx.Client(base_url=url, headers={"x-api-key": "tvsk_test"})
        first = Vendor(tavus, daily).start(properties={"participant_absent_timeout": 60})

        def refusal() -> str:
            kind: str = knock(first["conversation_url"], first["meeting_token"])[1]["type"]
            return kind

        # The call ends itself at the same moment, and its room goes with it.
        eventually(lambda: Vendor(tavus, daily).state(first)["status"] == "ended")
        eventually(lambda: refusal() in ("exp-token", "no-room"))


def test_an_expired_token_is_told_from_a_wrong_one(vendor: Vendor) -> None:
    daily = httpx.Client(base_url=vendor.daily_url, headers={"Authorization": "Bearer daily-local"})
    room = daily.post("/v1/rooms", json={"name": "quiet", "privacy": "private"}).json()
    old = daily.post("/v1/meeting-tokens", json={"properties": {"room_name": "quiet", "exp": 1}}).json()["token"]

    assert knock(room["url"], old)[1]["type"] == "exp-token"
    assert knock(f"{vendor.daily_url}/no-such-room", None)[1]["type"] == "no-room"


def test_rooms_are_managed_only_with_the_key(vendor: Vendor) -> None:
    answer = httpx.post(f"{vendor.daily_url}/v1/rooms", json={"name": "mine"})

    assert (answer.status_code, answer.json()["error"]) == (401, "authentication-error")


def test_a_full_room_takes_nobody_else(vendor: Vendor) -> None:
    conversation = vendor.start(max_participants=2)

    async def story(_visitor: Visitor) -> None:
        second = Visitor(conversation["conversation_url"], conversation["meeting_token"])
        answer = await second.join()
        await second.leave()
        assert answer.json()["error"]["type"] == "meeting-full"

    visit(conversation, story)


def test_the_end_of_the_conversation_sends_everybody_out(vendor: Vendor) -> None:
    conversation = vendor.start()

    async def story(visitor: Visitor) -> None:
        await asyncio.to_thread(vendor.end, conversation)
        await visitor.until(lambda: any(message["kind"] == "ejected" for message in visitor.messages))

    visit(conversation, story)
    assert httpx.post(f"{conversation['conversation_url']}/lookup", json={}).json()["error"]["type"] == "no-room"


def test_tavus_hears_who_comes_and_goes(vendor: Vendor) -> None:
    conversation = vendor.start(properties={"participant_left_timeout": 0})

    async def story(_visitor: Visitor) -> None:
        await asyncio.to_thread(eventually, lambda: vendor.state(conversation)["participants"] == 1)

    visit(conversation, story)
    eventually(lambda: vendor.state(conversation)["shutdown_reason"] == "participant_left_timeout reached")


# Being in the room


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


# What the avatar makes of a sentence


TOOLS: list[dict[str, Any]] = [
    {"name": name, "parameters": {}} for name in ("search_knowledge", "log_lead", "create_meeting_link")
]


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("Reach me at ada@example.com", "log_lead"),
        ("Can we book a meeting?", "create_meeting_link"),
        ("I want to recall the specs", "search_knowledge"),
        ("Show me a picture", "search_knowledge"),  # this PAL has no tool for pictures
    ],
)
def test_a_sentence_chooses_a_tool_the_pal_carries(text: str, tool: str) -> None:
    wish = brain.choose(text, TOOLS)

    assert wish is not None
    assert wish.tool["name"] == tool


def test_arguments_follow_the_schema_of_the_tool() -> None:
    text = "My name is Ada Lovelace, write to ada@example.com"
    properties = {
        "email": {"type": "string"},
        "fullName": {"type": "string"},
        "interest": {"enum": ["demo", "pricing"]},
        "consent": {"type": "boolean"},
        "budget": {"type": "number"},
    }

    arguments = brain.arguments(text, {"properties": properties, "required": ["email", "interest", "consent"]})

    assert arguments == {
        "email": "ada@example.com",
        "fullName": "Ada Lovelace",
        "interest": "demo",
        "consent": True,
    }


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"say": "I have **sent** it [2]."}, "I have sent it."),
        ('{"passages": [{"title": "A", "content": "One. Two. Three."}]}', "One. Two."),
        ("plain words", "plain words"),
        ({"passages": []}, brain.EMPTY),
        (None, brain.EMPTY),
    ],
)
def test_a_result_is_said_as_a_person_would_say_it(output: Any, said: str) -> None:
    assert brain.sayable(output, "success") == said


def test_the_portrait_blinks_and_opens_its_mouth() -> None:
    calm = portrait.frame(portrait.Pose(0, (0, 0), eyes=0, mouth=0))
    blinking = portrait.frame(portrait.Pose(0, (0, 0), eyes=2, mouth=0))
    speaking = portrait.frame(portrait.Pose(0, (0, 0), eyes=0, mouth=portrait.MOUTHS - 1))

    def rows(other: Any) -> np.ndarray[Any, Any]:
        changed = np.abs(np.asarray(calm, np.int16) - np.asarray(other, np.int16)).sum(axis=(1, 2))
        return np.nonzero(changed)[0]

    assert rows(blinking).max() < rows(speaking).min()
    assert {portrait.pose(second / 10, 0).eyes for second in range(100)} == {0, 1, 2}


# A real browser with room.js

PAGE = """<!doctype html><video autoplay muted playsinline></video><script type="module">
import Daily from "/widget/daily.js";
window.Daily = Daily;
window.log = [];
window.create = (options) => {
  window.call = Daily.createCallObject({ videoSource: false, dailyConfig: { avoidEval: true }, ...options });
  const names = `loading loaded joining-meeting joined-meeting participant-joined participant-left track-started
    app-message camera-error network-connection error left-meeting`.split(/\\s+/);
  for (const name of names) call.on(name, (event) => log.push(event));
  call.on("track-started", ({ track, participant, type }) => {
    if (participant.local || type !== "video") return;
    const video = document.querySelector("video");
    if (video.srcObject?.getTracks()[0] !== track) video.srcObject = new MediaStream([track]);
  });
};
window.thrown = (work) => { try { work(); return null } catch (error) { return error.message } };
window.actions = () => log.map((event) => event.action);
window.heard = (type) => log.filter((event) => event.data?.event_type === type).map((event) => event.data);
window.ready = true;
</script>"""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@contextlib.contextmanager
def browser_page(flags: list[str]) -> Iterator[Page]:
    async def page(_request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def script(_request: Request) -> Response:
        return FileResponse(ROOM_SCRIPT, media_type="text/javascript")

    site = Starlette(routes=[Route("/", page), Route("/widget/daily.js", script)])
    with serving(site) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET + flags)
        tab = browser.new_page()
        tab.goto(url)
        tab.wait_for_function("window.ready")
        yield tab
        browser.close()


@pytest.mark.browser
def test_a_browser_sees_the_avatar_and_talks_with_it(vendor: Vendor) -> None:
    conversation = vendor.start()
    with browser_page(MICROPHONE) as tab:
        tab.evaluate("create()")
        assert tab.evaluate("thrown(() => Daily.createCallObject())") == (
            "Duplicate DailyIframe instances are not allowed"
        )
        assert tab.evaluate("thrown(() => call.sendAppMessage({}))") == "sendAppMessage() only supported after join."
        assert (
            tab.evaluate("performance.getEntriesByType('resource').filter((r) => r.name.includes('lookup')).length")
            == 0
        )

        join = {"url": conversation["conversation_url"], "token": conversation["meeting_token"]}
        participants = tab.evaluate("(how) => call.join(how).then(Object.values)", join)
        tab.wait_for_function("document.querySelector('video').videoWidth > 0")
        tab.wait_for_function("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 10")

        assert any("tavus-replica" in participant["user_id"] for participant in participants)
        assert tab.evaluate("document.querySelector('video').videoWidth") == portrait.WIDTH
        assert tab.evaluate("thrown(() => call.sendAppMessage({ text: 'x'.repeat(4096) }))") == (
            "Message data too large. Max size is 4096"
        )
        started = tab.evaluate("log.filter((e) => e.action === 'track-started' && e.type === 'video').length")
        assert started >= 2

        ours = {"event_type": "conversation.respond", "conversation_id": conversation["conversation_id"]}
        tab.evaluate("(event) => call.sendAppMessage(event, '*')", ours | {"properties": {"text": "What is it?"}})
        tab.wait_for_function("heard('conversation.tool_call').length > 0")
        assert tab.evaluate("heard('conversation.tool_call')[0].properties.name") == "search_knowledge"

        vendor.end(conversation)
        tab.wait_for_function("actions().includes('left-meeting')")
        assert tab.evaluate("log.find((event) => event.action === 'error').error.type") == "ejected"
        assert tab.evaluate("call.meetingState()") == "error"
        tab.evaluate("call.destroy()")
        assert tab.evaluate("thrown(() => call.on('error', () => 0))") == "Use after destroy"
        assert tab.evaluate("Daily.getCallInstance() === undefined")


@pytest.mark.browser
def test_a_browser_without_microphone_listens_only_and_a_closed_page_leaves(vendor: Vendor) -> None:
    conversation = vendor.start(properties={"participant_left_timeout": 0})
    with browser_page([]) as tab:
        tab.evaluate("create()")
        join = {"url": conversation["conversation_url"], "token": conversation["meeting_token"]}

        tab.evaluate("(how) => call.join(how)", join)
        tab.wait_for_function("log.some((event) => event.type === 'video')")

        problem = tab.evaluate("log.find((event) => event.action === 'camera-error').error")
        assert problem["type"] in ("not-found", "permissions")
        assert tab.evaluate("call.localAudio()") is False
        eventually(lambda: vendor.state(conversation)["participants"] == 1)
        tab.goto("about:blank")
        eventually(lambda: vendor.state(conversation)["status"] == "ended")


@pytest.mark.browser
def test_a_browser_is_told_why_it_may_not_join(vendor: Vendor) -> None:
    conversation = vendor.start()
    with browser_page(MICROPHONE) as tab:
        tab.evaluate("create({ audioSource: false })")

        refused = tab.evaluate("(url) => call.join({ url }).catch((event) => event)", conversation["conversation_url"])
        gone = tab.evaluate("(url) => call.join({ url }).catch((event) => event)", f"{vendor.daily_url}/nowhere")
        nobody = tab.evaluate("call.join({ url: 'http://127.0.0.1:9/room' }).catch((event) => event)")
        entered = tab.evaluate(
            "(how) => call.join(how).then(() => call.leave()).then(() => call.meetingState())",
            {"url": conversation["conversation_url"], "token": conversation["meeting_token"]},
        )

        assert (refused["action"], refused["error"]["type"]) == ("error", "not-allowed")
        assert gone["error"]["type"] == "no-room"
        assert (nobody["error"]["type"], nobody["error"]["details"]) == ("connection-error", {"on": "load"})
        assert entered == "left-meeting"
