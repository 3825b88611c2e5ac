"""Pictures of a clip: one for each scene, found by comparing small grey copies of its key frames."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aisdr.ingest.perception.recording import LONGEST_SECONDS, MOST_PIXELS, opened, picture_track

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MOST_FRAMES = 60
"""Of a clip: each is looked at for a second. Those of a long clip lie further apart."""
LEAST_SECONDS = 2.0
ANOTHER_SCENE = 0.005
"""Mean difference of two frames, of full scale. A pointer that moves makes 0.001, other words on the same slide 0.007,
another slide 0.03 and more."""
PLAIN = 6.0
"""Standard deviation of grey values, of 255: a frame that is plainer shows nothing, such as the fade at a beginning."""
WIDEST = 1280
_SMALL = (64, 36)
_EVERY_FRAME_UNTIL = 600.0
"""Seconds. Clips that have hardly any key frames are decoded as a whole, unless they are longer than this."""
_SPARSE_SECONDS = 10.0


@dataclass(frozen=True)
class Frame:
    second: float
    picture: Image.Image


def scenes(path: Path, seconds: float, tell: Callable[[int, int], None] = lambda done, total: None) -> Iterator[Frame]:
    """The first good picture of each scene, at most `MOST_FRAMES`.

    Args:
        tell: hears which second is being looked at, of how many.

    Raises:
        BrokenRecording: it cannot be decoded. Whatever came before was whole.
    """
    spacing = max(LEAST_SECONDS, min(seconds, LONGEST_SECONDS) / MOST_FRAMES)
    last: NDArray[np.float32] | None = None
    at = -spacing
    found = 0
    for second, frame in _candidates(path, seconds):
        tell(round(second), max(round(second), round(seconds)))
        if found and second - at < spacing:
            continue
        small = frame.reformat(width=_SMALL[0], height=_SMALL[1], format="gray").to_ndarray().astype(np.float32)
        if small.std() < PLAIN or (last is not None and np.abs(small - last).mean() / 255 < ANOTHER_SCENE):
            continue
        last, at, found = small, second, found + 1
        yield Frame(round(second, 2), _picture(frame))
        if found == MOST_FRAMES:
            return


def _candidates(path: Path, seconds: float) -> "Iterator[tuple[float, VideoFrame]]":
    sparse = seconds <= _EVERY_FRAME_UNTIL and _key_frames(path) * _SPARSE_SECONDS < seconds
    with opened(path) as container:
        track = picture_track(container)
        if track is None:
            return
        context = track.codec_context
        if context.width * context.height > MOST_PIXELS:
            return
        context.thread_type, context.thread_count = "SLICE", 1  # each thread more holds frames more
        if not sparse:
            context.skip_frame = "NONKEY"
        for frame in container.decode(track):
            if frame.time is not None and frame.width * frame.height <= MOST_PIXELS:
                second = max(0.0, frame.time - _start(track))
                if second > LONGEST_SECONDS:
                    return
                yield second, frame


def _key_frames(path: Path) -> int:
    with opened(path) as container:
        packets = container.demux(picture_track(container) or ())
        return sum(packet.is_keyframe for packet in packets if packet.size)


def _start(track: "VideoStream") -> float:
    return float(track.start_time * track.time_base) if track.start_time and track.time_base else 0.0


def _picture(frame: "VideoFrame") -> Image.Image:
    width = min(WIDEST, frame.width)
    height = max(1, round(frame.height * width / frame.width))
    picture: Image.Image = frame.to_image(width=width, height=height)  # type: ignore[no-untyped-call]
    turned = getattr(frame, "rotation", 0) or 0
    return picture.rotate(turned, expand=True) if turned else picture
