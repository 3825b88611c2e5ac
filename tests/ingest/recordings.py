"""Small recordings that are made on the spot: spoken by eSpeak NG, with scenes of drawn text."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from dev.voice import speak

RATE = 16_000
SIZE = (640, 360)
_CODECS = {
    ".webm": ("webm", "libvpx", "libopus"),
    ".mp4": ("mp4", "h264", "aac"),
    ".mov": ("mov", "h264", "aac"),
    ".mkv": ("matroska", "h264", "aac"),
    ".mp3": ("mp3", "", "libmp3lame"),
    ".wav": ("wav", "", "pcm_s16le"),
    ".m4a": ("ipod", "", "aac"),
    ".ogg": ("ogg", "", "libopus"),
    ".opus": ("ogg", "", "libopus"),
    ".flac": ("flac", "", "flac"),
}


def drawn(*lines: str, size: tuple[int, int] = SIZE, ground: str = "white", height: int = 28) -> Image.Image:
    """A picture with lines of text, one below the other."""
    picture = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        pen.text((size[0] // 20, 30 + round(1.6 * height) * number), line, "black", ImageFont.load_default(height))
    return picture


@cache
def spoken(*sentences: str, pause: float = 1.0) -> NDArray[np.int16]:
    """Sentences with a pause after each."""
    silence = np.zeros(round(pause * RATE), np.int16)
    return np.concatenate(
        [part for each in sentences for part in (speak(each, clear=True).at_rate(RATE).samples, silence)]
    )


def record(
    path: Path,
    scenes: Sequence[tuple[Image.Image, float]] = (),
    sound: NDArray[np.int16] | None = None,
    chapters: Sequence[tuple[float, float, str]] = (),
    *,
    rate: int = 5,
) -> Path:
    """Scenes are pictures with the seconds they last; each begins with a key frame. Chapters: from, to, title."""
    container_format, video, audio = _CODECS[path.suffix]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=container_format) as container:
        if chapters:
            container.set_chapters(
                [
                    {
                        "id": number,
                        "start": round(start * 1000),
                        "end": round(end * 1000),
                        "time_base": Fraction(1, 1000),
                        "metadata": {"title": title},
                    }
                    for number, (start, end, title) in enumerate(chapters)
                ]
            )
        pictures = _video(container, video, scenes[0][0].size, rate) if scenes else None
        voice = _sound(container, audio) if sound is not None else None
        if pictures is not None:
            number = 0
            for picture, seconds in scenes:
                for first in [True, *[False] * (round(seconds * rate) - 1)]:
                    frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
                    frame.pts, number = number, number + 1
                    frame.pict_type = av.video.frame.PictureType.I if first else av.video.frame.PictureType.NONE
                    container.mux(pictures.encode(frame))
            container.mux(pictures.encode(None))
        if voice is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            fitting = av.AudioResampler(format=voice.format, layout="mono", rate=voice.rate)
            for each in [*fitting.resample(frame), None]:
                container.mux(voice.encode(each))
    return path


def _video(container: "av.container.OutputContainer", codec: str, size: tuple[int, int], rate: int) -> "av.VideoStream":
    stream = container.add_stream(codec, rate=rate)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.gop_size = 1000
    return stream


def _sound(container: "av.container.OutputContainer", codec: str) -> "av.AudioStream":
    stream = container.add_stream(codec, rate=48_000 if codec == "libopus" else RATE)
    assert isinstance(stream, av.AudioStream)
    stream.layout = "mono"
    return stream
