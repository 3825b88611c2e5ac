"""What the invented company's papers have in common: its name, its colours, its typeface."""

# mypy: disable-error-code=import-untyped
from pathlib import Path

import reportlab
from PIL import ImageFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont

COMPANY = "Brinefell A/S"
SAMPLE = "Sample content, invented for tests"
NAVY, TEAL, FOAM, AMBER, RED, INK, GREY = "#12344d", "#1f8a8a", "#e8f3f2", "#e0a526", "#c8402f", "#1b232b", "#66727c"

_FONTS = Path(reportlab.__file__).parent / "fonts"
"""Bitstream Vera, which comes with reportlab: the same letters on every machine."""


def register_fonts() -> None:
    registerFont(TTFont("Vera", str(_FONTS / "Vera.ttf")))
    registerFont(TTFont("Vera-Bold", str(_FONTS / "VeraBd.ttf")))


def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FONTS / ("VeraBd.ttf" if bold else "Vera.ttf")), size)
