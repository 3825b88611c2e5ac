"""PDF slides: landscape pages with few words, some of them cards, some with a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from examples.make.content.look import COMPANY, FOAM, NAVY, SAMPLE, TEAL
from examples.make.pdf import HEIGHT, MARGIN, MUTED, WHITE, WIDTH, Sheets, color


@dataclass(frozen=True)
class Slide:
    title: str
    cards: Sequence[tuple[str, str]] = ()
    """A figure or a few words, and what they mean."""
    bars: Sequence[tuple[str, float]] = ()
    unit: str = ""
    note: str = ""


ROADMAP = (
    Slide("Roadmap 2027", note="What customers asked for, and when they get it"),
    Slide(
        "First quarter: the dock",
        (
            ("Door contacts", "Know for how long each gate stood open, and which truck stood there"),
            ("Yard view", "All trailers on the yard with the temperature of the box"),
            ("Beta", "Twelve sites in Denmark and Poland"),
        ),
    ),
    Slide(
        "Second quarter: energy",
        (
            ("Compressor hours", "Read from the rack controllers of three makers"),
            ("Night tariff", "Cool ahead when electricity is cheap, within the limits"),
            ("Goal", "Nine percent less electricity in freezers"),
        ),
    ),
    Slide(
        "Third quarter: carriers",
        (
            ("Shared trips", "A carrier shows a trip to its customer without an account"),
            ("Languages", "Polish, Romanian and Turkish for drivers"),
            ("Telematics", "Readings from five more trailer makers"),
        ),
    ),
    Slide(
        "What we will not build",
        (
            ("Humidity control", "We measure it, others steer it"),
            ("Warehouse stock", "There are good systems for that; we connect to them"),
        ),
    ),
)

PILOT = (
    Slide("The pilot programme", note="Six weeks from the first call to a decision"),
    Slide(
        "Week by week",
        (
            ("Week 1", "Call of an hour, floor plan, list of rooms"),
            ("Week 2", "The box arrives; hang the loggers yourself in half a day"),
            ("Weeks 3 to 5", "Measure and do nothing else"),
            ("Week 6", "Joint reading of the curves, then yes or no"),
        ),
    ),
    Slide(
        "What it costs",
        (
            ("490 euros", "For one site, taken off the first invoice if you stay"),
            ("0 euros", "For sites that are the second or third of a group"),
        ),
    ),
    Slide("How pilots ended in 2025", bars=(("Signed", 71), ("Extended", 17), ("Ended", 12)), unit="%"),
    Slide(
        "Why twelve percent ended",
        (
            ("No owner", "In six of ten cases nobody on site had the time"),
            ("Thick walls", "Two old stores would have needed a Mast in each room"),
            ("Price", "Named once"),
        ),
    ),
)

SAVINGS = (
    Slide("Where the money comes back", note="Averages of 63 sites after their first year"),
    Slide(
        "Savings per site and year",
        bars=(("Write-offs", 18.4), ("Paper rounds", 9.7), ("Energy", 6.2), ("Insurance", 2.1)),
        unit=" k€",
    ),
    Slide(
        "What a site spends",
        (
            ("7,900 euros", "Hardware, once, for 60 loggers and 2 Masts"),
            ("1,430 euros", "Plan Pier for a year"),
            ("1,100 euros", "Calibration for a year"),
        ),
    ),
    Slide(
        "Payback by kind of site",
        bars=(("Fish", 4), ("Dairy", 7), ("Fruit", 9), ("Bakery", 15)),
        unit=" months",
    ),
)


def make_slides(folder: Path) -> None:
    for name, deck in (("roadmap-2027.pdf", ROADMAP), ("pilot-programme.pdf", PILOT), ("savings.pdf", SAVINGS)):
        sheets = Sheets(folder / name, title=deck[0].title, author=COMPANY, footer=f"{COMPANY} · {SAMPLE}")
        _cover(sheets, deck[0])
        for slide in deck[1:]:
            _draw(sheets, slide)
        sheets.save()


def _cover(sheets: Sheets, slide: Slide) -> None:
    sheets.blank()
    sheets.box(0, 0, WIDTH, HEIGHT, fill=color(NAVY), radius=0)
    sheets.box(MARGIN, 210, 90, 8, fill=color(TEAL), radius=3)
    sheets.text(MARGIN, 280, slide.title, size=48, bold=True, color=WHITE)
    sheets.text(MARGIN, 324, slide.note, size=20, color=color(FOAM))


def _draw(sheets: Sheets, slide: Slide) -> None:
    sheets.page(slide.title)
    width = (WIDTH - 2 * MARGIN - 24) / 2
    for number, (head, text) in enumerate(slide.cards):
        x, y = MARGIN + number % 2 * (width + 24), 130 + number // 2 * 160
        sheets.box(x, y, width, 140, fill=color(FOAM))
        sheets.text(x + 24, y + 46, head, size=24, bold=True, color=color(NAVY))
        sheets.paragraph(x + 24, y + 78, width - 48, text, size=15, color=MUTED)
    most = max((value for _, value in slide.bars), default=1)
    for number, (label, value) in enumerate(slide.bars):
        y = 140 + number * 82
        sheets.text(MARGIN, y + 34, label, size=18, bold=True)
        sheets.box(MARGIN + 170, y, 560 * value / most, 52, fill=color(TEAL), radius=6)
        sheets.text(MARGIN + 184 + 560 * value / most, y + 34, f"{value:g}{slide.unit}", size=18)
