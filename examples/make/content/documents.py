"""PDF documents whose pages are text: portrait, several pages, some with tables."""

# mypy: disable-error-code=import-untyped
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from examples.make.content.look import COMPANY, FOAM, GREY, INK, NAVY, SAMPLE, TEAL, register_fonts

Part = str | Sequence[Sequence[str]]
"""A paragraph, a subheading that begins with `# `, or a table whose first row is its head."""
Pages = Sequence[tuple[str, Sequence[Part]]]
"""A heading and what stands below it, one for each page."""

HANDBOOK: Pages = (
    (
        "1  Before you begin",
        (
            "This handbook is for quality managers who run Harbour on one site or on several. It says what "
            "has to be decided "
            "before the first logger is hung, and by whom. Nothing in it needs a technician.",
            "# Who takes part",
            "Name one owner for each room. Owners need not be managers; the best ones are the people who walk "
            "through the room "
            "every day anyway. For a site of average size we reckon with four owners and one deputy.",
            "# What to have at hand",
            "Have the floor plan as a picture or PDF, the list of rooms with their set points, and the latest "
            "hygiene audit. "
            "The plan may be a photograph of the one beside the fire extinguisher.",
        ),
    ),
    (
        "2  Naming rooms and places",
        (
            "Names end up in reports that auditors read years later. Use the names that stand on the doors, "
            "and never the "
            "names of people or customers.",
            "# Numbers",
            "Rooms get two digits, places within a room one letter. Letters run clockwise from the door. So "
            "07-C is the third "
            "place of room seven, seen from its door.",
            "# Renaming",
            "A room can be renamed at any time. Reports that were signed before keep the old name, and a "
            "footnote tells the new "
            "one. Rooms that are no longer used are put to rest instead of being deleted: their history stays "
            "for 10 years.",
        ),
    ),
    (
        "3  Limits",
        (
            "A limit consists of a temperature, a time and a reason. The reason is shown to whoever is called "
            "at night, so "
            "write it for somebody who is half asleep.",
            (
                ("Goods", "Lower", "Upper", "Upper for at most"),
                ("Fresh fish on ice", "-1.0", "2.0", "45 min"),
                ("Minced meat", "0.0", "2.0", "20 min"),
                ("Poultry", "0.0", "4.0", "30 min"),
                ("Cheese, hard", "2.0", "8.0", "240 min"),
                ("Ice cream", "-30.0", "-20.0", "10 min"),
                ("Frozen vegetables", "-30.0", "-18.0", "60 min"),
                ("Bananas, ripening", "13.2", "16.5", "90 min"),
            ),
            "The table holds what we propose. National law may ask for more: in Sweden minced meat ends at 4 "
            "degrees only when it is "
            "sold packed.",
        ),
    ),
    (
        "4  The daily round",
        (
            "Harbour does not replace the round through the rooms. It makes it shorter, because one knows "
            "where to look.",
            "# In the morning",
            "Open the list Overnight. It holds only what was unusual between 20:00 and 06:00. On most "
            "mornings it is empty, and the "
            "round takes seven minutes.",
            "# In the evening",
            "Look at the battery page on Fridays. Whatever shows less than 15 percent is changed before the weekend.",
        ),
    ),
    (
        "5  Audits",
        (
            "An auditor gets a guest account that ends by itself after 10 days. It shows everything and "
            "changes nothing.",
            "# The audit file",
            "The file is made under Reports, Audit. For one site and one year it has about 140 pages and "
            "needs four minutes. It "
            "holds the readings as curves, every alarm with its closing note, and the certificates of all devices.",
            "# When something is missing",
            "Gaps of less than two hours are filled from the logger's own memory and marked with a dotted "
            "line. Longer gaps stay "
            "white. Never draw a line by hand: one of our customers lost a listing with a supermarket by that.",
        ),
    ),
    (
        "6  When people leave or come",
        (
            "New colleagues get a training of 35 minutes in the app, with nine questions at its end. Seven "
            "right answers are "
            "enough. The certificate is stored with the person.",
            "# Leaving",
            "Take away a leaver's account on the last working day. Shared telephones must be paired again, "
            "which takes the "
            "successor a minute and the old code.",
        ),
    ),
)

CALIBRATION: Pages = (
    (
        "Why calibrate at all",
        (
            "Sensors age. Of 2,100 loggers that came back to our laboratory in two years, 94 percent were "
            "still within their "
            "tolerance, 5 percent were off by up to half a degree, and the rest had been dropped.",
            "A calibration says how far a device is off. An adjustment makes it right. What the laws ask for "
            "is the former.",
        ),
    ),
    (
        "Three points on site",
        (
            "We compare each logger with a reference at minus 20, at plus 4 and at plus 25 degrees. The bath "
            "needs 18 minutes at each "
            "point until it is still. A box of twelve devices therefore takes about an hour and a half.",
            "The ice point can be made anywhere: crushed ice from distilled water, a vacuum flask, a spoon of "
            "patience. It is "
            "right to 0.01 degrees if the water is clean.",
        ),
    ),
    (
        "In the laboratory",
        (
            "Devices that are sent in get five points, from minus 40 to plus 85 degrees, and are back after "
            "six working days. We "
            "lend a replacement for the time at no charge; it must be ordered together with the calibration.",
            (
                ("Service", "Points", "Price per device", "Duration"),
                ("On site, up to 20 devices", "3", "29 euros", "same day"),
                ("On site, more than 20", "3", "21 euros", "same day"),
                ("Laboratory, standard", "5", "46 euros", "6 working days"),
                ("Laboratory, express", "5", "83 euros", "2 working days"),
            ),
        ),
    ),
    (
        "Reading the certificate",
        (
            "The deviation is what the device showed minus what was true. Beside it stands the uncertainty, "
            "for a coverage of 95 "
            "percent. A device passes if deviation and uncertainty together stay within its tolerance.",
            "Certificates carry a number that begins with BFC. Whoever types it in at the address on the last "
            "line sees whether "
            "it is genuine; for this no account is needed.",
        ),
    ),
)

SECURITY: Pages = (
    (
        "Summary for reviewers",
        (
            "This paper answers the questions that security departments ask us most often. It is revised "
            "twice a year and "
            "describes the state of September 2026.",
            "The information security of Brinefell is certified after ISO 27001 since 2021. The certificate "
            "covers development, "
            "operation and support, and leaves out the warehouse in Kolding.",
        ),
    ),
    (
        "Devices",
        (
            "Each logger has a key that is written into it at the factory and never leaves it. Programmes are "
            "signed; a device refuses "
            "one that is older than what it has. The service plug is dead until a technician unlocks it for "
            "30 minutes.",
            "A lost logger is no danger: it holds readings and no passwords, and its key is blocked with one click.",
        ),
    ),
    (
        "People and access",
        (
            "Eleven employees can reach the systems that serve customers. Each access needs a hardware token, "
            "is granted for at most "
            "four hours, and is recorded where the person cannot delete it.",
            "Passwords of customers have at least 12 characters and are checked against known leaks. After "
            "six failures an account "
            "rests for 20 minutes.",
        ),
    ),
    (
        "When something happens",
        (
            "We tell affected customers within 36 hours after we have learnt of an incident, by telephone and "
            "in writing. The duty "
            "officer can be reached at any hour; the number stands in each contract.",
            "Penetration tests are made every spring by a firm that changes every three years. In 2026 it "
            "found no critical "
            "weakness, one that was high and seven that were medium; all were closed within 41 days.",
        ),
    ),
)


def make_documents(folder: Path) -> None:
    _write(folder / "quality-managers-handbook.pdf", "Handbook for quality managers", HANDBOOK)
    _write(folder / "calibration-guide.pdf", "Calibration guide", CALIBRATION)
    _write(folder / "security-white-paper.pdf", "Security white paper", SECURITY)


def _write(target: Path, title: str, pages: Pages) -> None:
    register_fonts()
    document = SimpleDocTemplate(
        str(target),
        pagesize=A4,
        leftMargin=24 * mm,
        rightMargin=24 * mm,
        topMargin=34 * mm,
        bottomMargin=26 * mm,
        title=title,
        author=COMPANY,
        invariant=1,
        lang="en",
    )
    story: list[Any] = []
    for heading, parts in pages:
        story += [PageBreak()] if story else []
        story += [Paragraph(heading, _style("Vera-Bold", 19, NAVY, after=14)), *(_flowable(part) for part in parts)]

    def furniture(canvas: Canvas, _: object) -> None:
        width, height = A4
        canvas.setFillColor(HexColor(TEAL))
        canvas.rect(0, height - 9 * mm, width, 9 * mm, stroke=0, fill=1)
        canvas.setFillColor(HexColor(GREY))
        canvas.setFont("Vera", 8)
        canvas.drawString(24 * mm, 14 * mm, f"{COMPANY} · {title} · {SAMPLE}")
        canvas.drawRightString(width - 24 * mm, 14 * mm, str(canvas.getPageNumber()))

    document.build(story, onFirstPage=furniture, onLaterPages=furniture)


def _style(name: str, size: float, color: str, *, before: float = 0, after: float = 8) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=name,
        fontSize=size,
        leading=size * 1.5,
        textColor=HexColor(color),
        spaceBefore=before,
        spaceAfter=after,
    )


def _flowable(part: Part) -> Any:
    if isinstance(part, str):
        if part.startswith("# "):
            return Paragraph(part[2:], _style("Vera-Bold", 12.5, TEAL, before=8, after=5))
        return Paragraph(part, _style("Vera", 10.5, INK))
    table = Table(
        [list(row) for row in part],
        hAlign="LEFT",
        spaceBefore=6,
        spaceAfter=10,
        colWidths=[56 * mm] + [None] * (len(part[0]) - 1),
    )
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, -1), "Vera", 9.5),
                ("FONT", (0, 0), (-1, 0), "Vera-Bold", 9.5),
                ("TEXTCOLOR", (0, 0), (-1, -1), HexColor(INK)),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(FOAM)),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(TEAL)),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
            ]
        )
    )
    return [table, Spacer(1, 4)][0]
