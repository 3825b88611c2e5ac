"""Records the widget at work: `python -m examples.make.recording URL` drives a running product and films it.

Unlike the drawn pictures this is the real thing, so its bytes differ each time; run it when the widget changes.
"""

import base64
import io
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from examples.make.clip import FRAMES_A_SECOND, HEIGHT, LEAD_IN, LEAD_OUT, PAUSE, WIDTH, Line, write_clip
from examples.make.draw import browser_page
from examples.make.voice import speak

KNOWLEDGE = Path(__file__).parents[1] / "aisdr" / "knowledge"
MEDIA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
POSTER_AT = 6.5


@dataclass(frozen=True)
class Scene:
    """What is said, and what the visitor does meanwhile."""

    key: str
    caption: str
    act: Callable[[Page], Any]


def _type(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    box.press_sequentially(text, delay=35)
    box.press("Enter")


def _start_call(page: Page) -> None:
    page.get_by_text("Video", exact=True).click()
    page.wait_for_timeout(1800)
    page.get_by_role("button", name="Agree and start the call").click()


SCENES = (
    Scene("start", "A visitor opens the widget on the company's page.", lambda page: page.wait_for_timeout(500)),
    Scene(
        "ask",
        "She asks a question, and the answer streams in with its sources.",
        lambda page: _type(page, "How does search work?"),
    ),
    Scene(
        "picture",
        "When a picture explains it better, the picture is shown.",
        lambda page: _type(page, "Show me the architecture diagram"),
    ),
    Scene(
        "unknown",
        "What the material does not hold is said plainly.",
        lambda page: _type(page, "What is the capital of France?"),
    ),
    Scene("consent", "For a video call the widget asks for consent before it touches the microphone.", _start_call),
    Scene("greeting", "The avatar joins and greets.", lambda page: page.wait_for_timeout(5000)),
    Scene(
        "tool",
        "A typed question makes it call a tool; the source appears under its picture.",
        lambda page: _type(page, "When is a video call created?"),
    ),
    Scene("speaking", "It speaks the answer that our search returned.", lambda page: page.wait_for_timeout(4500)),
    Scene(
        "end",
        "After the call the conversation goes on in text.",
        lambda page: page.get_by_role("button", name="End").first.click(),
    ),
)


def record(url: str) -> tuple[list[Line], list[tuple[float, bytes]]]:
    """Plays the scenes. Returns the spoken lines and the frames, both in seconds from the beginning."""
    frames: list[tuple[float, bytes]] = []
    lines: list[Line] = []
    with browser_page(WIDTH * 5 // 4, HEIGHT * 5 // 4, flags=MEDIA) as page:
        page.goto(f"{url}/widget/aisdr")
        page.get_by_role("textbox").wait_for()
        camera = page.context.new_cdp_session(page)
        began = time.time()

        def keep(frame: dict[str, Any]) -> None:
            frames.append((frame["metadata"]["timestamp"] - began, base64.b64decode(frame["data"])))
            camera.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

        camera.on("Page.screencastFrame", keep)
        camera.send("Page.startScreencast", {"format": "jpeg", "quality": 92})
        page.wait_for_timeout(LEAD_IN * 1000)
        for scene in SCENES:
            line = Line(scene.key, scene.caption, speak(scene.caption), time.time() - began)
            lines.append(line)
            scene.act(page)
            page.wait_for_timeout(max(1200.0, (began + line.end + PAUSE - time.time()) * 1000))
        page.wait_for_timeout(LEAD_OUT * 1000)
    return lines, frames


def _evenly(frames: list[tuple[float, bytes]], seconds: float) -> Iterator[Image.Image]:
    """The frame that was on the screen at each tick; the camera only sends one when something changed."""
    position, picture = -1, None
    for number in range(round(seconds * FRAMES_A_SECOND)):
        while position + 1 < len(frames) and (picture is None or frames[position + 1][0] <= number / FRAMES_A_SECOND):
            position += 1
            shot = Image.open(io.BytesIO(frames[position][1])).convert("RGB")
            picture = shot.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        assert picture is not None
        yield picture


def main() -> None:
    url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:3000"
    lines, frames = record(url)
    seconds = lines[-1].end + LEAD_OUT
    write_clip(KNOWLEDGE / "widget-tour", lines, _evenly(frames, seconds), poster_at=POSTER_AT)
    print(f"{seconds:.0f} seconds, {len(frames)} frames")


if __name__ == "__main__":
    main()
