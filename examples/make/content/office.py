"""Word documents and PowerPoint decks, with the same bytes each time."""

# mypy: disable-error-code=no-untyped-call
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.shared import Pt as Points
from docx.shared import RGBColor
from pptx import Presentation
from pptx.dml.color import RGBColor as SlideColor
from pptx.util import Emu, Inches, Pt

from examples.make.content.look import COMPANY, FOAM, GREY, NAVY, SAMPLE, TEAL

WRITTEN = datetime(2026, 10, 1, 9)

Part = str | Sequence[Sequence[str]]
"""A paragraph; `# ` and `## ` begin headings, `- ` an item of a list; or a table whose first row is its head."""

SERVICE_LEVELS: Sequence[Part] = (
    "# Service level agreement",
    "This annex belongs to every contract for the plans Pier and Terminal. It says how fast we are, and what "
    "happens when we are not.",
    "## Availability of Harbour",
    "Harbour can be reached for 99.9 percent of each month on Terminal, and for 99.5 percent on Pier. "
    "Announced maintenance does not count; it "
    "takes place on Sundays between 02:00 and 04:00 and never twice in a month.",
    "## Times of response",
    (
        ("Severity", "What it means", "Pier", "Terminal"),
        ("1", "Alarms do not reach anybody", "2 hours", "15 minutes"),
        ("2", "A whole site shows no readings", "4 hours", "1 hour"),
        ("3", "One device or one report is wrong", "next working day", "8 hours"),
        ("4", "A question or a wish", "5 working days", "2 working days"),
    ),
    "## Credits",
    "For every started half percent below what was promised we give back 6 percent of the month's price, up "
    "to 48 percent. Credits are taken off "
    "the next invoice without anybody having to ask.",
    "## Replacement of hardware",
    "Devices that fail within 5 years are replaced. The new one leaves our warehouse on the day of the report "
    "if it comes in before 13:00.",
)

METHOD_STATEMENT: Sequence[Part] = (
    "# Method statement for installations",
    "For the safety officer of the customer, to be read before the first night.",
    "## Work at height",
    "Up to 2.5 metres we work from a platform ladder, above that from a scissor lift that the customer "
    "provides. Nobody works alone above three "
    "metres.",
    "## Work in the cold",
    "In rooms below minus 18 degrees a shift lasts at most 80 minutes, followed by a break of 20 minutes in "
    "the warm. The second technician stays "
    "in sight. Batteries of drills are kept under the jacket.",
    "## Drilling in panels",
    "Holes have 4 millimetres and go through the inner sheet only. Before each hole a detector looks for "
    "cables and pipes. Each hole is closed on the same "
    "night.",
    "## Waste",
    "- Cardboard goes into the customer's press.",
    "- Foil and shavings are taken away by us, so that none of them ends up in the food.",
    "- Batteries travel back to Kolding in a steel box.",
    "## Emergency numbers",
    (
        ("Whom", "When", "How"),
        ("Our duty engineer", "leak of ammonia, gas or smoke", "channel 4 of the site radio"),
        ("Rescue", "somebody is hurt", "112"),
        ("Project office", "a night cannot be finished in time", "before 04:30, by phone"),
    ),
)

PROCESSING: Sequence[Part] = (
    "# Data processing agreement",
    "Between the customer, who decides, and Brinefell, who processes.",
    "## What is processed",
    "Names, work e-mail addresses and mobile numbers of people who receive alarms. No pictures, no health "
    "data, and no movement of people.",
    "## Subprocessors",
    (
        ("Company", "What for", "Where"),
        ("Nordhal Cloud", "servers and backups", "Frankfurt, Stockholm"),
        ("Ringwell", "telephone calls and text messages", "Dublin"),
        ("Postbrev", "e-mail of reports", "Malmö"),
        ("Tolkas", "translation of the app, no personal data", "Vilnius"),
    ),
    "We announce a new subprocessor 45 days ahead. Whoever objects may leave the contract at the end of this time.",
    "## Return and deletion",
    "After the contract has ended the personal data are deleted within 30 days, in backups within 65.",
    "## Checks",
    "The customer may check us once a year with 14 days' notice, or take the report of an independent auditor instead.",
)

DECKS: dict[str, Sequence[tuple[str, Sequence[str], str]]] = {
    # Title, lines, and what the speaker says.
    "partner-kickoff.pptx": (
        ("Partner kick-off 2026", ("For installers in the Nordics",), "Welcome everybody; coffee is at half past ten."),
        (
            "What partners earn",
            (
                "18 % on hardware",
                "10 % of the plan in the first year, 4 % after that",
                "Bonus of 600 euros for the tenth site",
            ),
            "The margin on hardware was 15 until last year. Say that it will not change before 2029.",
        ),
        (
            "How to become certified",
            ("Two days in Esbjerg", "One installation under supervision", "Test with 40 questions, 32 right"),
            "People who have hung devices for another maker may skip the first day.",
        ),
        (
            "Leads and protection",
            (
                "A lead is yours for 120 days",
                "Renew it once by a visit on site",
                "Groups with more than 20 sites are ours",
            ),
            "There was a quarrel about Tromsø last spring. The rule is: whoever writes the visit report first.",
        ),
    ),
    "quarterly-review-q3.pptx": (
        ("Third quarter 2026", ("Review for customers and partners",), "Keep it under twenty minutes."),
        (
            "Figures",
            ("512 sites, 44 of them new", "61,300 loggers in the field", "Median time to close an alarm: 11 minutes"),
            "The year before it was 17 minutes. The push message with the name of the room made the difference.",
        ),
        (
            "What went wrong",
            (
                "29 August: text messages late for 52 minutes",
                "Cause: a certificate of our carrier",
                "A second carrier is live since 14 September",
            ),
            "We told 96 customers by phone. Two left the plan; both came back.",
        ),
        (
            "Next quarter",
            ("Qualified seal for reports", "Warehouse in Gdynia opens in November", "Prices stay"),
            "The warehouse brings delivery to Poland from six days down to two.",
        ),
    ),
    "shift-leader-training.pptx": (
        ("Training for shift leaders", ("35 minutes, no slides to take home",), "Ask who has been called at night."),
        (
            "Three questions to every alarm",
            ("Is the door open?", "Is the fan running?", "What does the probe in the product say?"),
            "In this order. Nine of ten alarms end with the first question.",
        ),
        (
            "Moving goods",
            (
                "Freezer to freezer: no more than 20 minutes on the dock",
                "Write the pallet numbers down",
                "Blue tape on what was moved",
            ),
            "The tape stays on until quality has looked at it, also when the pallet is sold.",
        ),
        (
            "When to throw away",
            ("Never alone", "Minced meat above 7 degrees: always", "Ice cream that was soft: always"),
            "Two people sign. If the second is not on site, a video call is enough, and its time is written down.",
        ),
    ),
}


def make_documents(folder: Path) -> None:
    for name, parts in (
        ("service-level-agreement.docx", SERVICE_LEVELS),
        ("installation-method-statement.docx", METHOD_STATEMENT),
        ("data-processing-agreement.docx", PROCESSING),
    ):
        _write_document(folder / name, parts)


def make_decks(folder: Path) -> None:
    for name, slides in DECKS.items():
        _write_deck(folder / name, slides)


def same_each_time(path: Path) -> None:
    """Takes out of an Office file when it was written: from its archive, and from what it says about itself."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), content)
            archive.writestr(zipfile.ZipInfo(name, WRITTEN.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


def _write_document(target: Path, parts: Sequence[Part]) -> None:
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Points(11)
    for part in parts:
        if not isinstance(part, str):
            table = document.add_table(rows=0, cols=len(part[0]), style="Light Grid Accent 1")
            for row in part:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            document.add_paragraph()
        elif part.startswith("#"):
            marks, words = part.split(" ", 1)
            heading = document.add_heading(words, len(marks))
            for run in heading.runs:
                run.font.color.rgb = RGBColor.from_string((NAVY if len(marks) == 1 else TEAL)[1:])
        elif part.startswith("- "):
            document.add_paragraph(part[2:], style="List Bullet")
        else:
            document.add_paragraph(part)
    document.sections[0].footer.paragraphs[0].text = f"{COMPANY} · {SAMPLE}"
    about = document.core_properties
    about.author, about.title, about.created, about.modified = COMPANY, str(parts[0])[2:], WRITTEN, WRITTEN
    document.save(str(target))
    same_each_time(target)


def _write_deck(target: Path, slides: Sequence[tuple[str, Sequence[str], str]]) -> None:
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    for number, (title, lines, notes) in enumerate(slides):
        slide = deck.slides.add_slide(deck.slide_layouts[5])  # a title and nothing else
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = SlideColor.from_string((NAVY if number == 0 else FOAM)[1:])
        head = slide.shapes.title
        head.left, head.top, head.width, head.height = Inches(0.8), Inches(0.7), Inches(11.7), Inches(1.1)
        head.text = title
        _dress(head.text_frame.paragraphs[0], 40, FOAM if number == 0 else NAVY, bold=True)
        body = slide.shapes.add_textbox(Inches(0.8), Inches(2.2), Inches(11.7), Inches(4)).text_frame
        for place, line in enumerate(lines):
            paragraph = body.paragraphs[0] if place == 0 else body.add_paragraph()
            paragraph.text = line
            paragraph.space_after = Pt(14)
            _dress(paragraph, 26, FOAM if number == 0 else TEAL)
        foot = slide.shapes.add_textbox(Inches(0.8), Inches(6.8), Inches(9), Inches(0.4)).text_frame
        foot.text = f"{COMPANY} · {SAMPLE}"
        _dress(foot.paragraphs[0], 12, GREY)
        slide.notes_slide.notes_text_frame.text = notes
    about = deck.core_properties
    about.author, about.title, about.created, about.modified = COMPANY, slides[0][0], WRITTEN, WRITTEN
    deck.save(str(target))
    same_each_time(target)


def _dress(paragraph: object, size: int, color: str, *, bold: bool = False) -> None:
    font = paragraph.font  # type: ignore[attr-defined]
    font.size, font.bold, font.color.rgb = Emu(Pt(size)), bold, SlideColor.from_string(color[1:])
