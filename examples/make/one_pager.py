"""The product's own one-page summary."""

from pathlib import Path

from examples.make.pdf import LINE, MARGIN, MUTED, WHITE, WIDTH, Sheets, color

ACCENT, ON_ACCENT = color("#0b7a6b"), color("#cfeae4")


def write_one_pager(target: Path) -> None:
    sheets = Sheets(target, title="AI SDR at a glance", author="AI SDR", footer="AI SDR · Apache-2.0")
    sheets.page("AI SDR at a glance", "A sales representative for any website that answers from your own material")
    points = (
        ("One script tag", "It draws a small launcher; everything else is loaded when a visitor asks for it."),
        ("Answers with sources", "Each claim has a number that opens the page, the heading or the second of a clip."),
        ("Text and video", "Writing or a call with an avatar: one conversation, one transcript, the same tools."),
        ("Bounded costs", "Minutes and money are reserved before a call is created and settled once when it ends."),
        (
            "Nothing before a click",
            "No vendor is contacted, and nothing is stored in the browser, before the visitor acts.",
        ),
        ("Runs on a laptop", "One command, no account, no network: the vendors are imitated at their own addresses."),
    )
    for number, (title, text) in enumerate(points):
        x, y = MARGIN + number % 3 * 284, 140 + number // 3 * 136
        sheets.box(x, y, 264, 120, line=LINE, fill=WHITE, radius=16)
        sheets.text(x + 20, y + 34, title, size=17, bold=True)
        sheets.paragraph(x + 20, y + 58, 228, text, size=13.5, color=MUTED)
    steps = ("company.toml", "aisdr seed", "aisdr ingest", "script tag")
    sheets.box(MARGIN, 414, WIDTH - 2 * MARGIN, 70, fill=ACCENT, radius=16)
    sheets.text(MARGIN + 28, 455, "Four steps to go live", size=17, bold=True, color=WHITE)
    for number, step in enumerate(steps):
        x = MARGIN + 262 + number * 145
        sheets.text(x, 455, f"{number + 1}", size=17, bold=True, color=ON_ACCENT)
        sheets.text(x + 18, 455, step, size=16, color=WHITE)
    sheets.save()
