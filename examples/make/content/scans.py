"""PDF documents that came out of a scanner: every page is a grey picture, a little askew, and holds no text."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from reportlab import rl_config  # type: ignore[import-untyped]
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]
from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped]
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from examples.make.content.look import font

SIZE = (1240, 1754)
"""A4 at 150 dots an inch, as office scanners are set."""

Sheet = Sequence[str | tuple[str, ...]]
"""Lines; `# ` begins a heading, an empty one leaves room, a tuple is a row of a table."""

CERTIFICATE: Sequence[Sheet] = (
    (
        "# Certificate of calibration",
        "Number BFC-26-04417",
        "",
        "Device: Puck P with needle of 110 mm",
        "Serial number: 2603-5519",
        "Customer: Marstrand Seafood, packing hall 2",
        "Date of calibration: 14 April 2026",
        "Next calibration due: April 2027",
        "",
        "The device was compared with a reference thermometer in a",
        "stirred bath. The air in the laboratory had 22.8 degrees and",
        "41 percent of humidity.",
        "",
        "Result: the device is within its tolerance.",
        "",
        "The head of the laboratory      (signature)",
    ),
    (
        "# Results of the measurement",
        "",
        ("Reference", "Device", "Deviation", "Uncertainty"),
        ("-40.02", "-40.11", "-0.09", "0.05"),
        ("-20.00", "-20.04", "-0.04", "0.04"),
        ("4.01", "4.03", "+0.02", "0.03"),
        ("25.00", "25.06", "+0.06", "0.03"),
        ("84.97", "85.13", "+0.16", "0.06"),
        "",
        "All values in degrees Celsius.",
        "Reference thermometer: Pt100, last compared at the national",
        "institute in Hoersholm in November 2025.",
    ),
)

DELIVERY: Sequence[Sheet] = (
    (
        "# Delivery note 88213",
        "Brinefell A/S, warehouse Kolding",
        "To: Lofthus Dairy, dock 4, Voss",
        "Dispatched: 9 March 2026, two pallets, 312 kg",
        "",
        ("Article", "Ordered", "Delivered"),
        ("Puck S, blue ring", "120", "120"),
        ("Puck S, white ring", "60", "48"),
        ("Puck T", "16", "16"),
        ("Mast", "5", "5"),
        ("Wall bracket", "180", "180"),
        "",
        "Twelve Puck S with a white ring follow in week 13.",
    ),
    (
        "# Goods received",
        "",
        "Received on 11 March 2026 at 07:35 by the night shift.",
        "One carton was wet on the outside. Opened at once: the",
        "contents were dry and complete.",
        "",
        "Seal number of the truck: K 55-901",
        "Temperature in the box on arrival: 3.6 degrees",
        "",
        "Remark of the driver: waited 50 minutes, dock occupied.",
    ),
)

INSPECTION: Sequence[Sheet] = (
    (
        "# Inspection report, Saltholm cold store",
        "Visit of 22 June 2026, announced, 09:10 to 13:40",
        "",
        "Rooms seen: freezer 1, freezer 2, chill room 5, dock",
        "",
        "# Findings",
        "1. Freezer 2: the lower hinge of the emergency door is",
        "   frozen. To be mended within 7 days.",
        "2. Chill room 5: logger hangs in the air stream of the",
        "   evaporator and shows 1.4 degrees too little.",
        "3. Dock: the strip curtain of gate 3 is tied to the side.",
    ),
    (
        "# What was agreed",
        "",
        "The logger of chill room 5 moves to the back wall, 1.8 metres",
        "above the floor, by 30 June.",
        "",
        "The emergency door gets a heated frame. Offer of the company",
        "Panelbau Nord: 2,340 euros, delivery in five weeks.",
        "",
        "A second visit without notice follows before October.",
        "",
        "For the site: the deputy manager      For us: inspector 12",
    ),
)


def make_scans(folder: Path) -> None:
    rl_config.useA85 = 0  # scanners put their JPEG into the file as it is
    for name, sheets in (
        ("certificate-bfc-26-04417.pdf", CERTIFICATE),
        ("delivery-note-88213.pdf", DELIVERY),
        ("inspection-saltholm.pdf", INSPECTION),
    ):
        canvas = Canvas(str(folder / name), pagesize=A4, invariant=1)
        for number, sheet in enumerate(sheets):
            canvas.drawImage(ImageReader(_scanned(sheet, number)), 0, 0, *A4)
            canvas.showPage()
        canvas.save()


def _scanned(sheet: Sheet, number: int) -> io.BytesIO:
    page = Image.new("L", SIZE, 250)
    pen, y = ImageDraw.Draw(page), 170
    for line in sheet:
        if isinstance(line, tuple):
            for column, cell in enumerate(line):
                pen.text((130 + column * (1000 // len(line)), y), cell, 40, font(27))
            pen.line((130, y + 44, 1120, y + 44), 150, 2)
            y += 60
        elif line.startswith("# "):
            pen.text((130, y), line[2:], 25, font(40, bold=True))
            y += 86
        else:
            pen.text((130, y), line, 40, font(28))
            y += 52
    pen.rectangle((130, 90, 330, 96), 60)
    pen.text((130, 1660), f"page {number + 1}", 110, font(20))
    askew = page.rotate((0.5, -0.35)[number % 2], Image.Resampling.BICUBIC, fillcolor=246)
    soft = np.asarray(askew.filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    # The same dust on every run.
    dusty = soft + np.random.default_rng(number).normal(0, 2.5, soft.shape)
    scan = io.BytesIO()
    Image.fromarray(dusty.clip(0, 255).astype(np.uint8)).save(scan, "JPEG", quality=38, dpi=(150, 150))
    scan.seek(0)
    return scan
