"""`destroy()` in the middle of a call: microphone, peers and sockets are free, and the call is not paid on."""

import pytest
from playwright.sync_api import Page

from tests.product import Stack
from tests.walks.visitor import LiveMode, call, eventually, open_panel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WATCH = """
  window.made = { peers: [], sockets: [], tracks: [] };
  const watched = (Kind, list) => class extends Kind { constructor(...given) { super(...given); list.push(this); } };
  window.RTCPeerConnection = watched(RTCPeerConnection, made.peers);
  window.WebSocket = watched(WebSocket, made.sockets);
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    made.tracks.push(...stream.getTracks());
    return stream;
  };
"""
HELD = """() => ({
  peers: made.peers.filter(({ connectionState }) => connectionState !== "closed").length,
  sockets: made.sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING).length,
  tracks: made.tracks.filter(({ readyState }) => readyState === "live").length,
})"""


@pytest.mark.parametrize("mode", ["Voice", "Video"])
def test_nothing_of_a_call_is_held_after_destroy(stack: Stack, page: Page, mode: LiveMode) -> None:
    page.add_init_script(WATCH)
    open_panel(page, stack)
    call(page, mode)
    held = page.evaluate(HELD)

    page.evaluate("aiSdr.destroy()")

    assert all(held.values()), held
    nothing = dict.fromkeys(held, 0)
    assert eventually(lambda: page.evaluate(HELD), lambda now: now == nothing) == nothing
    assert page.locator("ai-sdr").count() == 0
    today = eventually(lambda: stack.ledger.today("hypersonix"), lambda account: account["active"] == 0)
    assert today["active"] == 0
