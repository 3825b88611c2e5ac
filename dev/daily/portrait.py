"""The face of the stand-in: a portrait drawn once in layers, and put together anew for every frame of video."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

WIDTH, HEIGHT = 720, 512
MOUTHS = 7  # 0 is a closed smile, the last is wide open
LABEL = "local stand-in"

_FINE = 2  # everything is drawn twice as large and then reduced: that is what makes the edges soft
_SKIN, _SKIN_SHADE, _SKIN_LIGHT = (231, 184, 157), (196, 138, 116), (247, 210, 187)
_HAIR, _HAIR_LIGHT = (58, 42, 46), (104, 76, 76)
_JACKET, _JACKET_SHADE, _SHIRT = (47, 62, 108), (32, 43, 80), (240, 243, 250)
_LIPS, _MOUTH, _TEETH, _TONGUE = (184, 94, 92), (92, 34, 42), (250, 248, 246), (196, 98, 98)
_IRIS, _BROW = (70, 96, 128), (72, 52, 52)

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Colour = tuple[int, ...]


@dataclass(frozen=True)
class Pose:
    """What moves: the breath, the head, the eyelids and the mouth."""

    breath: int
    head: tuple[int, int]
    eyes: int  # 0 open, 1 half, 2 closed
    mouth: int


def pose(seconds: float, loudness: float) -> Pose:
    """A calm person at this moment; loudness runs from 0 to 1 and opens the mouth."""
    beat = seconds % 3.7  # one blink, and on every third round a second one right after
    second_blink = 0.25 if int(seconds / 3.7) % 3 == 2 else 0.0
    in_blink = min(abs(beat - 3.4), abs(beat - 3.4 + second_blink) if second_blink else 1.0)
    nod = 1.5 * loudness * math.sin(seconds * 5.1)
    return Pose(
        breath=round(1.6 * math.sin(seconds * 1.35)),
        head=(round(2.4 * math.sin(seconds * 0.61)), round(1.8 * math.sin(seconds * 0.83 + 1) + nod)),
        eyes=2 if in_blink < 0.06 else 1 if in_blink < 0.12 else 0,
        mouth=min(MOUTHS - 1, round(loudness * (MOUTHS - 1))),
    )


def frame(moment: Pose) -> Image.Image:
    layers = _layers()
    picture = layers.background.copy()
    x, y = moment.head[0], moment.head[1] + moment.breath
    for layer, offset in (
        (layers.back_hair, (x, y)),
        (layers.body, (0, moment.breath)),
        (layers.head, (x, y)),
        (layers.eyes[moment.eyes], (x, y)),
        (layers.mouths[moment.mouth], (x, y)),
    ):
        picture.paste(layer.picture, (layer.at[0] + offset[0], layer.at[1] + offset[1]), layer.picture)
    return picture


@dataclass(frozen=True)
class _Layer:
    picture: Image.Image
    at: tuple[int, int]


@dataclass(frozen=True)
class _Layers:
    background: Image.Image
    back_hair: _Layer
    body: _Layer
    head: _Layer
    eyes: tuple[_Layer, ...]
    mouths: tuple[_Layer, ...]


@cache
def _layers() -> _Layers:
    return _Layers(
        _background(),
        _reduced(_back_hair()),
        _reduced(_body()),
        _reduced(_head()),
        tuple(_reduced(_eyes(step)) for step in range(3)),
        tuple(_reduced(_mouth(step / (MOUTHS - 1))) for step in range(MOUTHS)),
    )


def _background() -> Image.Image:
    """A studio wall: dark at the edges, lit behind the head, with a grain too fine to see that prevents banding."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    wall = np.array([30, 35, 52], np.float32)
    floor = np.array([19, 22, 34], np.float32)
    down = (y / HEIGHT)[..., None]
    light = np.exp(-(((x - 350) / 250) ** 2 + ((y - 190) / 215) ** 2))[..., None]
    side = np.exp(-(((x - 655) / 190) ** 2 + ((y - 80) / 230) ** 2))[..., None]
    picture = wall * (1 - down) + floor * down
    picture += light * np.array([66, 80, 122], np.float32) + side * np.array([60, 34, 74], np.float32)
    picture += np.random.default_rng(7).normal(0, 0.8, (HEIGHT, WIDTH, 1)).astype(np.float32)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    font = ImageFont.load_default(size=13)
    ImageDraw.Draw(image).text((WIDTH - 16, HEIGHT - 14), LABEL, (139, 147, 172), font=font, anchor="rs")
    return image


def _body() -> Image.Image:
    canvas = _canvas()
    shoulders: list[Point] = [(124, 640), (126, 500), (142, 454), (196, 420), (300, 386), (360, 398), (420, 386)]
    shoulders += [(524, 420), (578, 454), (594, 500), (596, 640)]
    _smooth(canvas, shoulders, _JACKET)
    _shade(canvas, (96, 440, 236, 620), _JACKET_SHADE, 120)
    _shade(canvas, (490, 420, 650, 620), _JACKET_SHADE, 200)
    _shade(canvas, (170, 398, 320, 446), (84, 104, 166), 110)
    _shape(canvas, [(304, 384), (416, 384), (398, 470), (360, 540), (322, 470)], _SHIRT)
    _shape(canvas, [(316, 330), (404, 330), (406, 392), (388, 424), (360, 440), (332, 424), (314, 392)], _SKIN)
    _shade(canvas, (306, 340, 414, 404), _SKIN_SHADE, 200, within=(312, 330, 408, 442))
    _shape(canvas, [(312, 384), (342, 428), (324, 470), (296, 408)], (255, 255, 255))
    _shape(canvas, [(408, 384), (378, 428), (396, 470), (424, 408)], (228, 233, 246))
    _shape(canvas, [(298, 388), (326, 462), (358, 540), (262, 540), (250, 452), (276, 446), (262, 420)], _JACKET)
    _shape(canvas, [(422, 388), (394, 462), (362, 540), (458, 540), (470, 452), (444, 446), (458, 420)], _JACKET_SHADE)
    _stroke(canvas, [(298, 388), (326, 462), (358, 540)], (76, 94, 150), 2)
    _stroke(canvas, [(422, 388), (394, 462), (362, 540)], (58, 72, 122), 2)
    return canvas


def _back_hair() -> Image.Image:
    canvas = _canvas()
    outline: list[Point] = [
        (360, 48),
        (432, 66),
        (478, 132),
        (488, 240),
        (476, 336),
        (444, 372),
        (360, 360),
        (276, 372),
    ]
    _smooth(canvas, [*outline, (244, 336), (232, 240), (242, 132), (288, 66)], (44, 31, 36))
    return canvas


def _head() -> Image.Image:
    canvas = _canvas()
    for x in (262, 458):  # ears
        _ellipse(canvas, (x - 15, 214, x + 15, 268), _SKIN_SHADE)
    face: list[Point] = [(360, 92), (418, 104), (452, 150), (458, 214), (448, 276), (424, 328), (388, 358), (360, 364)]
    face += [(332, 358), (296, 328), (272, 276), (262, 214), (268, 150), (302, 104)]
    _smooth(canvas, face, _SKIN)
    clip = (258, 90, 462, 368)
    _shade(canvas, (420, 150, 520, 380), _SKIN_SHADE, 150, within=clip)
    _shade(canvas, (270, 332, 450, 400), _SKIN_SHADE, 120, within=clip)
    _shade(canvas, (296, 120, 392, 214), _SKIN_LIGHT, 150, within=clip)
    for x in (306, 412):  # a little colour on the cheeks
        _shade(canvas, (x - 30, 258, x + 30, 302), (226, 142, 128), 95, within=clip)
    _nose(canvas)
    for points in (
        [(286, 186), (300, 177), (322, 174), (340, 180)],
        [(380, 180), (398, 174), (420, 177), (434, 186)],
    ):
        _stroke(canvas, points, _BROW, 7)
    _front_hair(canvas)
    return canvas


def _nose(canvas: Image.Image) -> None:
    _shade(canvas, (350, 196, 364, 262), _SKIN_LIGHT, 150, blur=7)
    _shade(canvas, (340, 250, 384, 276), _SKIN_SHADE, 140, blur=5)
    _stroke(canvas, [(346, 264), (354, 269), (366, 269), (374, 264)], (186, 124, 104), 3)


def _front_hair(canvas: Image.Image) -> None:
    """Parted on one side; two sweeps that meet above the brow."""
    long_side: list[Point] = [
        (338, 64),
        (424, 64),
        (478, 124),
        (486, 220),
        (476, 300),
        (456, 262),
        (452, 196),
        (432, 158),
    ]
    _smooth(canvas, [*long_side, (380, 140), (334, 104)], _HAIR)
    short_side: list[Point] = [
        (352, 62),
        (292, 66),
        (242, 124),
        (234, 220),
        (244, 300),
        (264, 262),
        (268, 196),
        (288, 152),
    ]
    _smooth(canvas, [*short_side, (322, 122), (352, 96)], _HAIR)
    for points in (
        [(356, 78), (410, 88), (450, 128), (466, 196)],
        [(340, 78), (302, 90), (268, 126), (252, 190)],
        [(368, 72), (426, 78), (466, 124), (477, 184)],
    ):
        _stroke(canvas, points, _HAIR_LIGHT, 4, blur=2)


def _eyes(step: int) -> Image.Image:
    canvas = _canvas()
    opened = (1.0, 0.5, 0.0)[step]
    for x in (313, 407):
        if opened:
            _one_eye(canvas, x, 216, 12.5 * opened)
        corner, lid = 218 + opened, 223 - 18 * opened
        _stroke(canvas, [(x - 22, corner), (x - 12, lid), (x, lid - 1), (x + 12, lid), (x + 22, corner)], _BROW, 4)
    return canvas


def _one_eye(canvas: Image.Image, x: float, y: float, height: float) -> None:
    almond = [(x - 21, y + 2), (x - 11, y - height), (x + 11, y - height), (x + 21, y + 2), (x + 10, y + height * 0.8)]
    mask = Image.new("L", canvas.size, 0)
    _smooth_on(ImageDraw.Draw(mask), [*almond, (x - 10, y + height * 0.8)], 255)
    inside = _canvas()
    _ellipse(inside, (x - 30, y - 20, x + 30, y + 20), (250, 250, 252))
    _ellipse(inside, (x - 11.5, y - 12.5, x + 11.5, y + 10.5), _IRIS)
    _ellipse(inside, (x - 9, y - 4, x + 9, y + 10), (104, 138, 172))
    _ellipse(inside, (x - 5.5, y - 6.5, x + 5.5, y + 4.5), (22, 24, 34))
    _ellipse(inside, (x + 1.5, y - 8, x + 6.5, y - 3), (255, 255, 255))
    _shade(inside, (x - 28, y - 24, x + 28, y - 8), (120, 120, 140), 130, blur=4)
    inside.putalpha(ImageChops.multiply(inside.getchannel("A"), mask))
    canvas.alpha_composite(inside)


def _mouth(opened: float) -> Image.Image:
    canvas = _canvas()
    x, y = 360.0, 308.0
    half, drop = 31 - 6 * opened, 26 * opened
    if opened:
        inner = [(x - half, y - 1), (x - 12, y - 5), (x, y - 4), (x + 12, y - 5), (x + half, y - 1)]
        outer = [
            *inner,
            (x + half * 0.62, y + drop * 0.8 + 4),
            (x, y + drop + 5),
            (x - half * 0.62, y + drop * 0.8 + 4),
        ]
        _smooth(canvas, outer, _MOUTH)
        mask = canvas.getchannel("A")
        inside = _canvas()
        _ellipse(inside, (x - half * 0.8, y - 14, x + half * 0.8, y + 1 + drop * 0.25), _TEETH)
        _ellipse(inside, (x - half * 0.6, y + drop * 0.62, x + half * 0.6, y + drop * 1.6 + 8), _TONGUE)
        inside.putalpha(ImageChops.multiply(inside.getchannel("A"), mask))
        canvas.alpha_composite(inside)
        _stroke(canvas, [outer[4], *outer[5:], outer[0]], _LIPS, 6)
        _stroke(canvas, inner, _LIPS, 5)
    else:
        _shade(canvas, (x - 20, y + 4, x + 20, y + 17), _LIPS, 150, blur=4)
        _stroke(canvas, [(x - 32, y - 5), (x - 17, y + 4), (x, y + 7), (x + 17, y + 4), (x + 32, y - 5)], _LIPS, 5)
    return canvas


def _canvas() -> Image.Image:
    return Image.new("RGBA", (WIDTH * _FINE, (HEIGHT + 20) * _FINE), (0, 0, 0, 0))


def _reduced(canvas: Image.Image) -> _Layer:
    """The layer in its final size, no larger than what is drawn on it."""
    left, top, right, bottom = canvas.getbbox() or (0, 0, 1, 1)
    left, top = left // _FINE * _FINE, top // _FINE * _FINE
    size = (math.ceil((right - left) / _FINE), math.ceil((bottom - top) / _FINE))
    drawn = canvas.crop((left, top, left + size[0] * _FINE, top + size[1] * _FINE))
    return _Layer(drawn.resize(size, Image.Resampling.LANCZOS), (left // _FINE, top // _FINE))


def _fine(points: Sequence[Point]) -> list[Point]:
    return [(x * _FINE, y * _FINE) for x, y in points]


def _ellipse(canvas: Image.Image, box: Box, colour: Colour) -> None:
    ImageDraw.Draw(canvas).ellipse([value * _FINE for value in box], fill=colour)


def _shape(canvas: Image.Image, points: Sequence[Point], colour: Colour) -> None:
    ImageDraw.Draw(canvas).polygon(_fine(points), fill=colour)


def _smooth(canvas: Image.Image, points: Sequence[Point], colour: Colour) -> None:
    _smooth_on(ImageDraw.Draw(canvas), points, colour)


def _smooth_on(draw: ImageDraw.ImageDraw, points: Sequence[Point], colour: Colour | int) -> None:
    draw.polygon(_fine(_curve(points, closed=True)), fill=colour)


def _stroke(canvas: Image.Image, points: Sequence[Point], colour: Colour, width: float, blur: float = 0) -> None:
    layer = _canvas() if blur else canvas
    draw, radius = ImageDraw.Draw(layer), width * _FINE / 2
    path = _fine(_curve(points, closed=False))
    for (x0, y0), (x1, y1) in pairwise(path):  # a pen with a round point, set down close enough to leave no steps
        touches = max(1, round(math.dist((x0, y0), (x1, y1)) / (radius * 0.3)))
        for touch in range(touches + 1):
            x, y = x0 + (x1 - x0) * touch / touches, y0 + (y1 - y0) * touch / touches
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    if blur:
        canvas.alpha_composite(layer.filter(ImageFilter.GaussianBlur(blur * _FINE)))


def _shade(
    canvas: Image.Image, box: Box, colour: Colour, strength: int, blur: float = 16, within: Box | None = None
) -> None:
    """A soft patch of light or shadow that stays on what is already drawn (or, with `within`, on that part of it)."""
    left, top, right, bottom = _region(box, 3 * blur)  # beyond three times its radius a blur is nothing
    patch = Image.new("L", (right - left, bottom - top), 0)
    ImageDraw.Draw(patch).ellipse(_shifted(box, left, top), fill=strength)
    patch = patch.filter(ImageFilter.GaussianBlur(blur * _FINE))
    if canvas.getbbox():
        patch = ImageChops.multiply(patch, canvas.getchannel("A").crop((left, top, right, bottom)))
    if within is not None:
        window = Image.new("L", patch.size, 0)
        ImageDraw.Draw(window).rectangle(_shifted(within, left, top), fill=255)
        patch = ImageChops.multiply(patch, window)
    colourful = Image.new("RGBA", patch.size, (*colour[:3], 0))
    colourful.putalpha(patch)
    canvas.alpha_composite(colourful, (left, top))


def _region(box: Box, margin: float) -> tuple[int, int, int, int]:
    """The part of the large canvas around a box."""
    left, top = max(0, int((box[0] - margin) * _FINE)), max(0, int((box[1] - margin) * _FINE))
    right = min(WIDTH * _FINE, int((box[2] + margin) * _FINE))
    return left, top, right, min((HEIGHT + 20) * _FINE, int((box[3] + margin) * _FINE))


def _shifted(box: Box, left: int, top: int) -> Box:
    return box[0] * _FINE - left, box[1] * _FINE - top, box[2] * _FINE - left, box[3] * _FINE - top


def _curve(points: Sequence[Point], *, closed: bool) -> list[Point]:
    """A Catmull-Rom spline through the points."""
    count = len(points)
    around = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    curve: list[Point] = []
    for i in range(count if closed else count - 1):
        a, b, c, d = around[i : i + 4]
        for step in range(24):
            t = step / 24
            curve.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return curve if closed else [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
