"""Text in pictures, read on this machine by RapidOCR, whose models come inside its package.

Loaded when the first picture is read, once in a process. A worker then holds 180 MB; on the way it needs up to 350 MB.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from aisdr.ingest.perception.memory import give_back_memory, keep_no_memory
from aisdr.ingest.perception.ocr_words import put_right

Box = tuple[float, float, float, float]
"""Left, top, width and height, as shares of the picture's size."""

LONGEST_SIDE = 2000
"""Pixels of what is looked at in one go. A page of a 10-point text is legible from 1,600 on."""
SEARCHED_SIDE = 960
"""Lines are searched for in a smaller copy, which takes most of the memory, and read in the picture itself. Of lines in
12 dots on a screen of 1920, one of 960 finds as many as one of 1280, in 90 MB less."""
MOST_BANDS = 12
"""A screenshot of a long page is read in bands one below the other. What is longer is made smaller."""
SURE = 0.6
"""Of 1. What the model is less sure of is a texture more often than a word."""
_OVERLAP = 0.1
"""Of a band: a line that one band cuts stands whole in the next."""


@dataclass(frozen=True)
class Line:
    """A line of text and where it stands."""

    text: str
    box: Box


def read(picture: Image.Image, tell: Callable[[int, int], None] = lambda done, total: None) -> list[Line]:
    """The lines of a picture from top to bottom. Colour or grey, of any size; text that stands on its head is lost.

    Args:
        tell: hears after each band of a large picture, which can take some seconds, how far it is down.
    """
    lines: list[Line] = []
    for band, place in _bands(picture):
        tell(round(place[1] * 100), 100)
        for line in _read(band):
            moved = _within(line.box, place)
            if not any(_same(moved, other.box) for other in lines):
                lines.append(Line(line.text, moved))
    return lines


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of at least one."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return (round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4))


def _read(picture: Image.Image) -> list[Line]:
    pixels = np.asarray(picture.convert("RGB"))[:, :, ::-1]  # OpenCV's order of colours
    found = _engine()(np.ascontiguousarray(pixels))
    give_back_memory()
    if found.boxes is None:
        return []
    height, width = pixels.shape[:2]
    lines = []
    for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        words = put_right(" ".join(text.split()))
        if words and score >= SURE:
            (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
            box = (left / width, top / height, (right - left) / width, (bottom - top) / height)
            lines.append(Line(words, tuple(round(min(1.0, max(0.0, share)), 4) for share in box)))
    return lines


def _bands(picture: Image.Image) -> Iterator[tuple[Image.Image, Box]]:
    """Pieces that are read one by one, each with its place in the whole."""
    shorter, longer = sorted(picture.size)
    scale = min(1.0, LONGEST_SIDE / shorter, LONGEST_SIDE * MOST_BANDS * (1 - _OVERLAP) / longer)
    if longer <= LONGEST_SIDE * 1.5:  # not worth a second look
        scale = min(scale, LONGEST_SIDE / longer)
    if scale < 1:
        picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    width, height = picture.size
    if max(width, height) <= LONGEST_SIDE:
        yield picture, (0.0, 0.0, 1.0, 1.0)
        return
    step = round(LONGEST_SIDE * (1 - _OVERLAP))
    for top in range(0, max(1, height - LONGEST_SIDE + step), step):
        for left in range(0, max(1, width - LONGEST_SIDE + step), step):
            corner = (min(left + LONGEST_SIDE, width), min(top + LONGEST_SIDE, height))
            place = (left / width, top / height, (corner[0] - left) / width, (corner[1] - top) / height)
            yield picture.crop((left, top, *corner)), place


def _within(box: Box, place: Box) -> Box:
    return (
        round(place[0] + box[0] * place[2], 4),
        round(place[1] + box[1] * place[3], 4),
        round(box[2] * place[2], 4),
        round(box[3] * place[3], 4),
    )


def _same(one: Box, other: Box) -> bool:
    """Whether two boxes share most of the smaller one."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return False
    return width * height > 0.6 * min(one[2] * one[3], other[2] * other[3])


@cache
def _engine() -> Any:
    # Half a second of imports that only pictures need.
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").disabled = True  # coloured lines about every model it opens, on a progress display
    keep_no_memory()
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": LONGEST_SIDE,
            # It is there to turn lines that stand on their head, and turned one line in ten that did not.
            "Global.use_cls": False,
            "Det.limit_side_len": SEARCHED_SIDE,
            "Det.limit_type": "max",
            "Rec.rec_batch_num": 1,  # a batch is as wide as its longest line, in memory too
            # Several files are read at once, each in a process of its own.
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
