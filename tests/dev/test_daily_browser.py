"""A room of the Daily look-alike entered by a real browser with room.js."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from dev.daily import portrait
from dev.serve import serving
from tests.dev.account import eventually
from tests.dev.rooms import Vendor
from tests.product import launch

pytestmark = [pytest.mark.browser, pytest.mark.slow]


ROOM_SCRIPT = Path(__file__).parents[2] / "dev/daily/room.js"


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


@contextlib.contextmanager
def browser_page(playwright: Playwright, *, devices: bool = True) -> Iterator[Page]:
    async def page(_request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def script(_request: Request) -> Response:
        return FileResponse(ROOM_SCRIPT, media_type="text/javascript")

    site = Starlette(routes=[Route("/", page), Route("/widget/daily.js", script)])
    with serving(site) as url, launch(playwright.chromium, devices=devices) as browser:
        tab = browser.new_page()
        tab.goto(url)
        tab.wait_for_function("window.ready")
        yield tab


@pytest.mark.browser
def test_a_browser_sees_the_avatar_and_talks_with_it(playwright: Playwright, vendor: Vendor) -> None:
    conversation = vendor.start()
    with browser_page(playwright) as tab:
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
def test_a_browser_without_microphone_listens_only_and_a_closed_page_leaves(
    playwright: Playwright, vendor: Vendor
) -> None:
    conversation = vendor.start(properties={"participant_left_timeout": 0})
    with browser_page(playwright, devices=False) as tab:
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
def test_a_browser_is_told_why_it_may_not_join(playwright: Playwright, vendor: Vendor) -> None:
    conversation = vendor.start()
    with browser_page(playwright) as tab:
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
