"""Pictures: some with a caption file beside them, some with a description inside, some that only their own "
"letters explain."""

from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageFilter

from examples.make.content.look import AMBER, FOAM, GREY, INK, NAVY, RED, TEAL, font

DESCRIPTIONS = {
    "dock-seven.jpg": "Dock 7 in Hirtshals on a foggy morning: the inflatable shelter closes the gap around "
    "the trailer within 9 seconds.",
    "ice-flask.jpg": "The vacuum flask with crushed ice in which our technicians check the zero point of "
    "every tenth Puck on site.",
    "old-recorder.jpg": "A chart recorder with a paper disc from 1987, which the dairy in Thisted used until "
    "it joined us in 2022.",
}


def make_pictures(folder: Path) -> None:
    _mounting_heights().save(folder / "mounting-heights.png", optimize=True)
    _zones().save(folder / "pallet-zones.png", optimize=True)
    _ring_chart().save(folder / "alarm-causes.webp", quality=80, method=6)
    _plate().save(folder / "name-plate.png", optimize=True)
    _screen().save(folder / "harbour-overnight.webp", quality=82, method=6)
    _poster().save(folder / "codes-on-the-trailer.jpg", quality=78)
    _notice().save(folder / "notice-at-the-gate.png", optimize=True)
    for name, scene in (("dock-seven.jpg", _dock()), ("ice-flask.jpg", _flask()), ("old-recorder.jpg", _recorder())):
        exif = Image.Exif()
        exif[ExifTags.Base.ImageDescription] = DESCRIPTIONS[name]
        exif[ExifTags.Base.Copyright] = "Brinefell A/S, Apache-2.0"
        scene.save(folder / name, quality=72, exif=exif)


def _canvas(size: tuple[int, int] = (1200, 750), ground: str = "#ffffff") -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", size, ground)
    return picture, ImageDraw.Draw(picture)


def _mounting_heights() -> Image.Image:
    """A room from the side: pictograms and no numbers, those stand in the caption."""
    picture, pen = _canvas(ground=FOAM)
    pen.rectangle((90, 110, 1110, 650), "#ffffff", NAVY, 6)
    for left in (190, 430, 670):
        for row in range(3):
            pen.rounded_rectangle((left, 640 - 130 * (row + 1), left + 170, 625 - 130 * row), 8, "#cfe3e1", TEAL, 3)
    for x, y in ((110, 230), (1090, 330), (905, 560)):
        pen.ellipse((x - 24, y - 24, x + 24, y + 24), "#ffffff", TEAL, 6)
        pen.line((x, y, x, 648), AMBER, 3)
    pen.rectangle((960, 120, 1080, 180), "#d8dee2", GREY, 3)
    for place in range(4):
        pen.arc((940 + 20 * place, 190, 1040 + 20 * place, 250), 20, 160, TEAL, 3)
    return picture


def _zones() -> Image.Image:
    picture, pen = _canvas(ground="#ffffff")
    for number, color in enumerate(("#bfe0de", "#f3dfae", "#efb9b1")):
        pen.rounded_rectangle((120 + 330 * number, 140, 420 + 330 * number, 600), 16, color, NAVY, 4)
        for row in range(3):
            for column in range(2):
                x, y = 150 + 330 * number + 125 * column, 180 + 135 * row
                pen.rectangle((x, y, x + 105, y + 105), "#ffffff", GREY, 3)
    pen.polygon(((1140, 370), (1100, 340), (1100, 400)), NAVY)
    return picture


def _ring_chart() -> Image.Image:
    picture, pen = _canvas()
    begin = -90.0
    for share, color in ((58, TEAL), (21, AMBER), (13, RED), (8, GREY)):
        pen.pieslice((350, 125, 850, 625), begin, begin + 3.6 * share, color, "#ffffff", 6)
        begin += 3.6 * share
    pen.ellipse((480, 255, 720, 495), "#ffffff")
    return picture


def _plate() -> Image.Image:
    picture, pen = _canvas((1000, 620), "#b9c2c8")
    pen.rounded_rectangle((60, 60, 940, 560), 26, "#eef1f2", INK, 4)
    for x, y in ((95, 95), (905, 95), (95, 525), (905, 525)):
        pen.ellipse((x - 12, y - 12, x + 12, y + 12), "#98a2a8", INK, 2)
    pen.text((140, 100), "BRINEFELL A/S", NAVY, font(44, bold=True))
    for row, (label, value) in enumerate(
        (
            ("Type", "Mast, outdoor version"),
            ("Supply", "PoE 802.3af, 37 to 57 V"),
            ("Frequency", "868.3 MHz, 25 mW"),
            ("Approval", "DK-2291-14, zone 22 dust"),
            ("Weight", "1.85 kg with bracket"),
            ("Made in", "Esbjerg, week 18 of 2026"),
        )
    ):
        pen.text((140, 185 + 56 * row), label, GREY, font(30))
        pen.text((380, 185 + 56 * row), value, INK, font(30))
    return picture


def _screen() -> Image.Image:
    picture, pen = _canvas((1280, 760), "#f4f7f8")
    pen.rectangle((0, 0, 1280, 72), NAVY)
    pen.text((32, 18), "Harbour   Overnight   Saltholm, 3 September", "#ffffff", font(28, bold=True))
    pen.text((40, 104), "4 things were unusual between 20:00 and 06:00", INK, font(26))
    rows = (
        ("21:12", "Freezer 2", "door open for 17 min", AMBER),
        ("23:40", "Chill room 5", "5.8 degrees, limit 5.0", RED),
        ("02:05", "Dock gate 3", "Puck 31 lost for 26 min", GREY),
        ("04:47", "Freezer 1", "defrost twice in one hour", AMBER),
    )
    for number, (time, place, what, color) in enumerate(rows):
        y = 170 + 124 * number
        pen.rounded_rectangle((40, y, 1240, y + 104), 14, "#ffffff", "#d5dde1", 2)
        pen.rectangle((40, y + 14, 52, y + 90), color)
        pen.text((84, y + 32), time, INK, font(30, bold=True))
        pen.text((230, y + 32), place, INK, font(30))
        pen.text((560, y + 32), what, INK, font(30))
    return picture


def _poster() -> Image.Image:
    picture, pen = _canvas((900, 1200), "#fffdf5")
    pen.rectangle((0, 0, 900, 150), AMBER)
    pen.text((60, 45), "Codes on the trailer unit", INK, font(48, bold=True))
    for row, (code, words) in enumerate(
        (
            ("E1", "sensor of the return air broken"),
            ("E2", "evaporator iced up, defrost by hand"),
            ("E3", "belt slips, call the workshop"),
            ("E5", "battery below 11.4 volts"),
            ("E6", "coolant too hot, let it idle for 5 min"),
            ("E8", "clock wrong after change of battery"),
        )
    ):
        y = 210 + 145 * row
        pen.rounded_rectangle((60, y, 190, y + 100), 16, NAVY)
        pen.text((88, y + 24), code, "#ffffff", font(42, bold=True))
        pen.text((225, y + 32), words, INK, font(31))
    pen.text((60, 1110), "Questions: channel 9, day and night", GREY, font(30))
    return picture


def _notice() -> Image.Image:
    picture, pen = _canvas((1100, 760), "#1f5f8a")
    pen.rounded_rectangle((30, 30, 1070, 730), 30, None, "#ffffff", 8)
    pen.text((90, 90), "GATE B", "#ffffff", font(90, bold=True))
    for row, line in enumerate(
        (
            "Deliveries 05:15 to 13:45",
            "Engine off after 3 minutes",
            "Speed limit 15 km/h",
            "Refrigerated trucks park in lane 6",
            "Weighbridge closed on Thursdays",
        )
    ):
        pen.text((90, 250 + 84 * row), line, "#ffffff", font(46))
    return picture


def _foggy(picture: Image.Image, seed: int, blur: float) -> Image.Image:
    """With the grain and the softness of a photograph."""
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    grain = np.random.default_rng(seed).normal(0, 5, soft.shape[:2])[..., None]
    return Image.fromarray((soft + grain).clip(0, 255).astype(np.uint8))


def _dock() -> Image.Image:
    picture, pen = _canvas((1024, 683), "#aab6bd")
    pen.rectangle((0, 480, 1024, 683), "#6d7579")
    pen.rectangle((250, 120, 770, 500), "#39444b")
    pen.rectangle((320, 180, 700, 500), "#dfe5e8")
    pen.rectangle((350, 470, 670, 520), "#23292d")
    for x in (400, 620):
        pen.ellipse((x - 34, 500, x + 34, 568), "#15191c")
    pen.ellipse((840, 90, 900, 150), "#f4e3b0")
    return _foggy(picture, 1, 5)


def _flask() -> Image.Image:
    picture, pen = _canvas((800, 900), "#d9d2c5")
    pen.rectangle((0, 700, 800, 900), "#8a735a")
    pen.rounded_rectangle((260, 300, 540, 760), 50, "#9fb0b8", "#4d5960", 8)
    pen.ellipse((275, 270, 525, 350), "#eef6fa", "#4d5960", 6)
    pen.line((420, 90, 400, 320), "#3a3f43", 14)
    pen.ellipse((385, 60, 455, 130), TEAL)
    return _foggy(picture, 2, 3)


def _recorder() -> Image.Image:
    picture, pen = _canvas((900, 900), "#7b7f76")
    pen.rounded_rectangle((120, 120, 780, 800), 30, "#3d403b")
    pen.ellipse((190, 190, 710, 710), "#efe8d6")
    for radius in range(60, 260, 40):
        pen.ellipse((450 - radius, 450 - radius, 450 + radius, 450 + radius), None, "#b9a98a", 2)
    angles = np.linspace(0, 5.2, 120)
    radii = 150 + 14 * np.sin(9 * angles)
    points = [(450 + r * np.cos(a), 450 + r * np.sin(a)) for r, a in zip(radii, angles, strict=True)]
    pen.line(points, "#8c2f2a", 4)
    pen.line((450, 450, 690, 300), "#1c1c1c", 6)
    return _foggy(picture, 3, 2)
