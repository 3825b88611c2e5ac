"""A recording that is only heard: its card is a strip that plays from the second that answers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.ingest.recordings import RATE, record
from tests.product import Stack
from tests.walks.visitor import ask, log, open_panel

pytestmark = [pytest.mark.browser, pytest.mark.slow]

START = 12.5
CAPTIONS = "WEBVTT\n\n00:00:12.000 --> 00:00:18.000\nNotice is thirty days.\n"


def answer(url: str) -> dict[str, Any]:
    clip = {
        "kind": "clip",
        "title": "The podcast",
        "url": f"{url}/podcast.mp3",
        "caption": "",
        "start": START,
        "end": 18.0,
        "poster": None,
        "captionsUrl": f"{url}/podcast.vtt",
        "chunkId": "c",
    }
    return {"text": "Listen.", "citations": [], "shown": [clip], "actions": [], "grounded": True}


@pytest.mark.parametrize("ending", [".mp3", ".m4a", ".ogg", ".wav"])
def test_a_recording_plays_from_its_second_with_its_captions(
    stack: Stack, page: Page, tmp_path: Path, ending: str
) -> None:
    tone = (np.sin(np.arange(20 * RATE) / 9) * 4000).astype(np.int16)
    sound = record(tmp_path / f"podcast{ending}", sound=tone).read_bytes()
    told = answer(f"{stack.url}/media/hypersonix")
    told["shown"][0]["url"] = told["shown"][0]["url"].replace(".mp3", ending)
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/answer", lambda route: route.fulfill(json=told))
    page.route(f"**/podcast{ending}", lambda route: route.fulfill(body=sound, headers={"Accept-Ranges": "bytes"}))
    page.route("**/podcast.vtt", lambda route: route.fulfill(body=CAPTIONS, content_type="text/vtt"))
    open_panel(page, stack)

    ask(page, "How long is the notice?")
    log(page).get_by_role("button", name="Play The podcast from 0:12").click(timeout=15_000)

    player = page.locator("ai-sdr video")
    expect(player).to_be_visible()
    page.wait_for_function(
        "start => document.querySelector('ai-sdr').shadowRoot.querySelector('video').currentTime > start + 0.2",
        arg=START,
    )
    assert player.evaluate("video => [video.paused, video.textTracks[0].mode, video.videoWidth]") == [
        False,
        "showing",
        0,
    ]
    box = player.bounding_box()
    assert box is not None
    assert box["height"] < 130
