"""Clips: drawn scenes with a voice, and one that is silent and says everything by the text on its scenes."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw

from examples.make.content.look import AMBER, FOAM, GREY, INK, NAVY, TEAL, font
from examples.make.content.recordings import COMPRESSED_RATE, Speech, add_voice, spoken, subrip, voice_packets, webvtt
from examples.make.content.spoken import DOCK_WALK, INSTALLATION, SWAP

SIZE = (854, 480)
FRAMES_A_SECOND = 5


@dataclass(frozen=True)
class Scene:
    picture: Image.Image
    seconds: float
    chapter: str = ""


TOUR: Sequence[tuple[str, str, Sequence[str]]] = (
    # Chapter, headline, lines.
    (
        "Signing in",
        "Sign in with your company's account",
        ("The session ends after 14 hours", "Shared tablets: use the shift code"),
    ),
    (
        "The site map",
        "Every room in one picture",
        ("Grey: no reading for 30 minutes", "Drag a room to move it, hold Alt to copy it"),
    ),
    (
        "The curve",
        "Compare up to 12 loggers",
        ("Double click sets a marker", "Markers are seen by everybody on the site"),
    ),
    (
        "Reports",
        "Weekly report on Monday at 06:40",
        ("Up to 25 recipients", "Attach the raw values as CSV when an insurer asks"),
    ),
    ("The audit trail", "Who changed what", ("Filter by person, room or limit", "Export needs the role Quality")),
)


def make_clips(folder: Path) -> dict[str, Speech]:
    """Returns what is said in each clip, for whoever writes questions about it."""
    made = {
        "first-logger.webm": spoken(INSTALLATION),
        "swap-a-logger.mp4": spoken(SWAP),
        "dock-walk.webm": spoken(DOCK_WALK),
    }
    for name, speech in made.items():
        starts = [0.0, *(line.start for line in speech.lines[1:]), speech.seconds]
        scenes = [Scene(_scene(name, number), end - start) for number, (start, end) in enumerate(pairwise(starts))]
        _film(folder / name, scenes, speech)
    (folder / "first-logger.vtt").write_text(webvtt(made["first-logger.webm"].lines), encoding="utf-8")
    (folder / "swap-a-logger.srt").write_text(subrip(made["swap-a-logger.mp4"].lines), encoding="utf-8")
    _film(folder / "harbour-tour.mp4", [Scene(_lettered(*words), 12.0, words[0]) for words in TOUR], None)
    return made


def _film(target: Path, scenes: Sequence[Scene], speech: Speech | None) -> None:
    """Each scene begins with a key frame."""
    kind, codec, voice, bit_rate, rate = (
        ("webm", "libvpx-vp9", "libopus", 20_000, 48_000)
        if target.suffix == ".webm"
        else ("mp4", "libx264", "aac", 32_000, COMPRESSED_RATE)
    )
    options = {"fflags": "+bitexact"} | ({"movflags": "+faststart"} if kind == "mp4" else {})
    with av.open(str(target), "w", format=kind, options=options) as container:
        _add_chapters(container, scenes)
        video = container.add_stream(codec, rate=FRAMES_A_SECOND)
        assert isinstance(video, av.VideoStream)
        (video.width, video.height), video.pix_fmt, video.gop_size, video.bit_rate = SIZE, "yuv420p", 1000, 0
        video.options = {"crf": "36", "deadline": "good", "cpu-used": "4", "lag-in-frames": "0"}
        if codec == "libx264":
            video.options = {"crf": "28", "preset": "slow", "tune": "stillimage", "threads": "1"}
        sound = voice_packets(add_voice(container, voice, bit_rate, rate), speech.samples) if speech else []
        packets: list[av.Packet[Any]] = [*_pictures(video, scenes), *sound]
        # Muxers want sound and pictures in the order of time.
        for packet in sorted(packets, key=lambda packet: float((packet.dts or 0) * (packet.time_base or 0))):
            container.mux(packet)


def _pictures(video: "av.VideoStream", scenes: Sequence[Scene]) -> list["av.Packet[av.VideoStream]"]:
    packets, number, until = [], 0, 0.0
    for scene in scenes:
        until += scene.seconds
        first = True
        while number < round(until * FRAMES_A_SECOND):
            frame = av.VideoFrame.from_image(scene.picture)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, FRAMES_A_SECOND)
            frame.pict_type = av.video.frame.PictureType.I if first else av.video.frame.PictureType.NONE
            first, number = False, number + 1
            packets += video.encode(frame)
    return [*packets, *video.encode(None)]


def _add_chapters(container: "av.container.OutputContainer", scenes: Sequence[Scene]) -> None:
    if not all(scene.chapter for scene in scenes):
        return
    starts = [sum(scene.seconds for scene in scenes[:number]) for number in range(len(scenes) + 1)]
    container.set_chapters(
        [
            {
                "id": number,
                "start": round(starts[number] * 1000),
                "end": round(starts[number + 1] * 1000),
                "time_base": Fraction(1, 1000),
                "metadata": {"title": scene.chapter},
            }
            for number, scene in enumerate(scenes)
        ]
    )


def _scene(name: str, number: int) -> Image.Image:
    """A drawing without words: what it is about is only heard."""
    ground, room = (FOAM, "#ffffff") if name != "dock-walk.webm" else ("#2b3a44", "#55656f")
    picture = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 370, *SIZE), "#b8c4c4" if name != "dock-walk.webm" else "#1d262c")
    for place in range(4):
        left = 60 + 200 * place
        pen.rectangle((left, 150, left + 140, 370), room, NAVY, 3)
        if place <= number % 4:
            pen.rectangle((left + 20, 230, left + 120, 370), (TEAL, AMBER, "#8fb9c9", "#d7dfe2")[(number + place) % 4])
    x = 100 + 110 * number
    pen.ellipse((x - 16, 300, x + 16, 332), AMBER)
    pen.rectangle((x - 18, 334, x + 18, 410), NAVY if ground == FOAM else "#d98a2b")
    pen.ellipse((SIZE[0] - 90, 30, SIZE[0] - 40, 80), TEAL, "#ffffff", 4)
    pen.line((SIZE[0] - 65, 55, SIZE[0] - 65 + (18, 12, 0, -12, -18, -12)[number % 6], 38), "#ffffff", 4)
    return picture


def _lettered(chapter: str, headline: str, lines: Sequence[str]) -> Image.Image:
    picture = Image.new("RGB", SIZE, "#f7faf9")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, SIZE[0], 64), NAVY)
    pen.text((32, 16), f"Harbour tour · {chapter}", "#ffffff", font(24, bold=True))
    pen.text((56, 130), headline, INK, font(32, bold=True))
    for row, line in enumerate(lines):
        pen.rounded_rectangle((56, 216 + 92 * row, 798, 290 + 92 * row), 14, FOAM)
        pen.ellipse((76, 243 + 92 * row, 96, 263 + 92 * row), TEAL)
        pen.text((116, 237 + 92 * row), line, INK, font(24))
    pen.text((56, 436), "brinefell.example", GREY, font(16))
    return picture
