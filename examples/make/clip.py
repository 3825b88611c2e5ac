"""Makes a captioned clip: a page is drawn frame by frame while a voice reads the lines that the page belongs to."""

import io
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.fifo import AudioFifo
from numpy.typing import NDArray
from PIL import Image

from examples.make.draw import browser_page
from examples.make.voice import RATE, speak

WIDTH, HEIGHT, FRAMES_A_SECOND = 960, 540, 15
KEYFRAME_SECONDS = 2
"""A player can start at every keyframe, so this is how exactly a citation can be opened."""

LEAD_IN, PAUSE, LEAD_OUT = 0.6, 0.5, 1.6


@dataclass(frozen=True)
class Line:
    """One sentence of the narration with its sound and its place in the clip, in seconds."""

    key: str
    caption: str
    sound: NDArray[np.int16]
    start: float

    @property
    def end(self) -> float:
        return self.start + len(self.sound) / RATE


def read_lines(script: Path) -> list[Line]:
    """Speaks every line of the script and puts one after the other, or where the script says."""
    lines: list[Line] = []
    for entry in tomllib.loads(script.read_text())["line"]:
        follows = lines[-1].end + PAUSE if lines else LEAD_IN
        start = entry.get("at", round(follows, 2))
        if start < follows - PAUSE:
            raise ValueError(f"{script.name}: line {entry['key']!r} at {start} s begins before {follows - PAUSE:.1f} s")
        lines.append(Line(entry["key"], entry["caption"], speak(entry.get("say", entry["caption"])), start))
    return lines


def make_clip(script: Path, target: Path, *, poster_at: float) -> None:
    """Writes `<target>.webm`, `<target>.vtt` and `<target>.poster.webp` from `<script>.toml` and `<script>.html`."""
    lines = read_lines(script)
    pictures = _pictures(script.with_suffix(".html"), lines, lines[-1].end + LEAD_OUT)
    write_clip(target, lines, pictures, poster_at=poster_at)


def write_clip(target: Path, lines: list[Line], pictures: Iterator[Image.Image], *, poster_at: float) -> None:
    """Writes pictures (`FRAMES_A_SECOND` of them) and spoken lines as `<target>.webm`, `.vtt` and `.poster.webp`."""
    seconds = lines[-1].end + LEAD_OUT
    target.with_suffix(".vtt").write_text(_captions(lines))
    with av.open(str(target.with_suffix(".webm")), "w", format="webm", options={"fflags": "+bitexact"}) as container:
        video = container.add_stream("libvpx-vp9", rate=FRAMES_A_SECOND)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.bit_rate = 0
        video.options = {"crf": "30", "deadline": "good", "cpu-used": "3", "row-mt": "1", "lag-in-frames": "0"}
        video.gop_size = FRAMES_A_SECOND * KEYFRAME_SECONDS
        audio = container.add_stream("libopus", rate=48_000, layout="mono")
        audio.bit_rate = 40_000
        speech = _sound(lines, seconds)
        sound = (packet for frame in speech for packet in audio.encode(frame))
        waiting = next(sound, None)
        for number, picture in enumerate(pictures):
            if number == round(poster_at * FRAMES_A_SECOND):
                picture.save(target.with_suffix(".poster.webp"), quality=88, method=6)
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
            if number % video.gop_size == 0:
                frame.pict_type = av.video.frame.PictureType.I
            for packet in video.encode(frame):
                # The muxer wants sound and picture in the order of time.
                while (
                    waiting is not None and (waiting.pts or 0) * (waiting.time_base or 0) <= frame.pts * frame.time_base
                ):
                    container.mux(waiting)
                    waiting = next(sound, None)
                container.mux(packet)
        while waiting is not None:
            container.mux(waiting)
            waiting = next(sound, None)
        container.mux([*video.encode(None), *audio.encode(None)])


def _pictures(page: Path, lines: list[Line], seconds: float) -> Iterator[Image.Image]:
    starts = json.dumps({line.key: line.start for line in lines})
    with browser_page(WIDTH, HEIGHT) as browser:
        browser.goto(page.as_uri())
        for number in range(round(seconds * FRAMES_A_SECOND)):
            browser.evaluate(f"render({starts}, {number / FRAMES_A_SECOND})")
            yield Image.open(io.BytesIO(browser.screenshot())).convert("RGB")


def _sound(lines: list[Line], seconds: float) -> Iterator[av.AudioFrame]:
    track = np.zeros(round(seconds * RATE), dtype=np.int16)
    for line in lines:
        first = round(line.start * RATE)
        track[first : first + len(line.sound)] = line.sound
    whole = av.AudioFrame.from_ndarray(track.reshape(1, -1), format="s16", layout="mono")
    whole.sample_rate, whole.pts = RATE, 0
    resampler, fifo = av.AudioResampler(format="flt", layout="mono", rate=48_000), AudioFifo()
    for frame in [*resampler.resample(whole), *resampler.resample(None)]:
        fifo.write(frame)
    while piece := fifo.read(960, partial=True):  # 20 ms, as Opus likes it
        yield piece


def _captions(lines: list[Line]) -> str:
    cues = [f"{_clock(line.start)} --> {_clock(line.end + 0.3)}\n{line.caption}\n" for line in lines]
    return "\n".join(["WEBVTT\n", *cues])


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 60_000:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"
