"""The sample company's pricing guide: eight landscape pages that a sales representative would send."""

from pathlib import Path

from examples.make.pdf import ACCENT, GREEN, HEIGHT, INK, LINE, MARGIN, MID, MUTED, RAISED, SOFT, WHITE, WIDTH, Sheets
from examples.make.pdf import color as tint


def write_pricing_guide(target: Path) -> None:
    sheets = Sheets(
        target,
        title="Pricing guide",
        author="Hypersonix (sample)",
        footer="Hypersonix pricing guide · sample content, invented for this demo",
    )
    _cover(sheets)
    _plans(sheets)
    _contents(sheets)
    _steps(sheets)
    _terms(sheets)
    _special_cases(sheets)
    _examples(sheets)
    _next_steps(sheets)
    sheets.save()


def _cover(sheets: Sheets) -> None:
    sheets.blank()
    sheets.box(0, 0, WIDTH, HEIGHT, fill=WHITE, radius=0)
    sheets.box(WIDTH - 330, 0, 330, HEIGHT, fill=ACCENT, radius=0)
    for number, height in enumerate((330, 252, 196)):
        sheets.box(
            WIDTH - 278 + number * 78,
            HEIGHT - height,
            62,
            height + 20,
            fill=tint(("#ffffff", "#c3cdfe", "#8fa2fe")[number]),
            radius=10,
        )
    for number, price in enumerate(("$49", "$39", "$31")):
        sheets.text(
            WIDTH - 247 + number * 78,
            HEIGHT - (330, 252, 196)[number] - 14,
            price,
            size=20,
            bold=True,
            color=WHITE,
            align="center",
        )
    sheets.box(MARGIN, 70, 44, 44, fill=ACCENT, radius=12)
    sheets.text(MARGIN + 22, 100, "H", size=24, bold=True, color=WHITE, align="center")
    sheets.text(MARGIN + 60, 99, "Hypersonix", size=21, bold=True)
    sheets.text(MARGIN, 270, "Pricing guide", size=60, bold=True)
    sheets.paragraph(
        MARGIN, 314, 470, "Plans, price steps, terms and worked examples for retail chains", size=20, color=MUTED
    )
    sheets.text(MARGIN, HEIGHT - 66, "Edition of October 2026", size=14, color=MUTED)
    sheets.text(MARGIN, HEIGHT - 44, "Sample content, invented for this demo", size=14, color=MUTED)


def _plans(sheets: Sheets) -> None:
    sheets.page("Three plans, one price per store", "US dollars per store and month, 12-month term, without tax")
    plans = (
        ("Starter", "$29", "up to 49 stores", "Price recommendations and competitor monitoring for a small team"),
        ("Growth", "$49", "falls to $39 at 50 and $31 at 200 stores", "Adds promotion planning and demand forecasting"),
        (
            "Enterprise",
            "$65",
            "from 50 stores, falls to $52 at 200 stores",
            "Adds assortment, the API, single sign-on and support around the clock",
        ),
    )
    for number, (name, price, steps, text) in enumerate(plans):
        x, middle = MARGIN + number * 284, number == 1
        ink, quiet = (WHITE, tint("#dfe5ff")) if middle else (INK, MUTED)
        sheets.box(x, 150, 264, 310, fill=ACCENT if middle else WHITE, line=None if middle else LINE, radius=18)
        sheets.text(x + 26, 192, name, size=21, bold=True, color=ink)
        sheets.text(x + 26, 258, price, size=54, bold=True, color=ink)
        sheets.text(x + 26, 282, "per store and month", size=14, color=quiet)
        below = sheets.paragraph(x + 26, 326, 214, steps, size=16, bold=True, color=ink)
        sheets.paragraph(x + 26, below + 10, 214, text, size=15, color=quiet)


def _contents(sheets: Sheets) -> None:
    sheets.page("What each plan contains")
    rows = (
        ("", "Starter", "Growth", "Enterprise"),
        ("Price recommendations", "yes", "yes", "yes"),
        ("Competitors watched", "5, weekly", "15, daily", "40, every 4 hours"),
        ("Promotion planning", "–", "yes", "yes"),
        ("Demand forecasting", "–", "yes", "yes"),
        ("Assortment", "–", "$9 per store", "yes"),
        ("Single sign-on", "–", "$300 a month", "yes"),
        ("API", "–", "–", "yes"),
        ("Users", "5", "no limit", "no limit"),
        ("Setup fee, one-off", "none", "$6,000", "$18,000"),
    )
    sheets.box(MARGIN + 404, 102, 200, 374, fill=SOFT, radius=16)
    sheets.table(MARGIN, 108, (260, 164, 200, 200), rows, row=36.4)


def _steps(sheets: Sheets) -> None:
    sheets.page(
        "How the steps work", "Monthly bill on Growth: the step applies to all stores, and the step cap keeps it fair"
    )
    left, top, width, height = MARGIN + 56, 150.0, 520.0, 300.0
    stores_most, bill_most = 260, 9000

    def at(stores: float, bill: float) -> tuple[float, float]:
        return left + stores / stores_most * width, top + height - bill / bill_most * height

    for bill in (0, 3000, 6000, 9000):
        sheets.line([at(0, bill), at(stores_most, bill)])
        sheets.text(left - 12, at(0, bill)[1] + 5, f"${bill:,}", size=12.5, color=MUTED, align="right")
    for stores in (50, 100, 150, 200, 250):
        sheets.text(at(stores, 0)[0], top + height + 24, f"{stores} stores", size=12.5, color=MUTED, align="center")
    sheets.line([at(39.8, 39.8 * 49), at(49, 49 * 49)], color=MID, width=2, dash=(3, 4))
    sheets.line([at(159, 6201), at(199, 199 * 39)], color=MID, width=2, dash=(3, 4))
    sheets.line(
        [at(0, 0), at(39.8, 1950), at(50, 1950), at(159, 6201), at(200, 6200), at(260, 8060)], color=ACCENT, width=4
    )
    for stores, bill, label in ((50, 1950, "$1,950 at 50 stores"), (200, 6200, "$6,200 at 200 stores")):
        x, y = at(stores, bill)
        sheets.canvas.setFillColor(ACCENT)
        sheets.canvas.circle(x, HEIGHT - y, 6, stroke=0, fill=1)
        sheets.text(x + 6, y + 26, label, size=14, bold=True)
    x = MARGIN + 618
    y = sheets.paragraph(x, 176, 214, "Nobody pays more than at the beginning of the next step.", size=18, bold=True)
    y = sheets.paragraph(x, y + 12, 214, "From 40 to 49 stores the bill stays at $1,950 a month.", color=MUTED)
    y = sheets.paragraph(x, y + 10, 214, "From 159 to 199 stores it stays at $6,200 a month.", color=MUTED)
    sheets.paragraph(x, y + 10, 214, "The dashed lines show what would be paid without the step cap.", color=MUTED)


def _terms(sheets: Sheets) -> None:
    sheets.page("Discounts and terms", "Discounts lower the price per store; together they never exceed 18 %")
    bars = (
        ("24-month term", 10, ACCENT),
        ("36-month term", 15, ACCENT),
        ("Year paid in advance", 6, MID),
        ("Most that adds up", 18, GREEN),
    )
    for number, (label, percent, color) in enumerate(bars):
        y = 168 + number * 62
        sheets.text(MARGIN, y, label, size=15)
        sheets.box(MARGIN, y + 10, percent * 16, 24, fill=color, radius=7)
        sheets.text(MARGIN + percent * 16 + 12, y + 28, f"{percent} %", size=16, bold=True)
    x = MARGIN + 432
    sheets.box(x - 28, 140, WIDTH - MARGIN - x + 28, 330, fill=RAISED, radius=18)
    facts = (
        ("Invoices", "quarterly in advance, payable within 30 days"),
        ("Currencies", "US dollars, euros and pounds"),
        ("Payment", "transfer, or credit card up to $5,000 an invoice"),
        ("Late payment", "1 % a month after a reminder of 14 days"),
        ("Renewal", "price increase of at most 5 %"),
        ("Notice", "60 days before the term ends"),
    )
    for number, (label, text) in enumerate(facts):
        sheets.text(x, 180 + number * 50, label, size=13, color=MUTED)
        sheets.text(x, 199 + number * 50, text, size=15.5, bold=True)


def _special_cases(sheets: Sheets) -> None:
    sheets.page("Special cases", "Stores are not all alike, and the bill follows")
    cases = (
        (
            "Pop-up stores",
            "A pop-up store costs $3 a day, for at most 90 days a year, and does not count towards the steps.",
        ),
        ("Closed for refurbishment", "A closed store can be paused at no cost for up to 120 days a year."),
        (
            "Franchise groups",
            "Up to 5 legal entities can pool their stores to reach a step; each gets an invoice of its own.",
        ),
        ("Online shop", "The first online shop is free; each further one is billed like one store."),
        (
            "Acquisitions",
            "Stores that are bought during a term join at the current price and need no second setup fee.",
        ),
        ("Distribution centres", "Warehouses and distribution centres are not billed."),
    )
    for number, (title, text) in enumerate(cases):
        x, y = MARGIN + number % 3 * 284, 146 + number // 3 * 168
        sheets.box(x, y, 264, 150, line=LINE, radius=16)
        sheets.text(x + 22, y + 36, title, size=17, bold=True)
        sheets.paragraph(x + 22, y + 62, 222, text, size=14.5, color=MUTED)


def _examples(sheets: Sheets) -> None:
    sheets.page("Three worked examples")
    rows = (
        ("", "Small chain", "Growing chain", "Large chain"),
        ("Plan", "Starter", "Growth", "Enterprise"),
        ("Stores", "24", "86", "240"),
        ("Price per store", "$29", "$39", "$52"),
        ("A month", "$696", "$3,354", "$12,480"),
        ("A year", "$8,352", "$40,248", "$149,760"),
        ("Discount", "none", "10 % (24 months)", "18 % (36 months, prepaid)"),
        ("A year after discount", "$8,352", "$36,223.20", "$122,803.20"),
        ("Setup fee", "none", "$6,000", "$18,000"),
    )
    end = sheets.table(MARGIN, 112, (230, 170, 190, 242), rows, row=37)
    sheets.text(
        MARGIN,
        end + 26,
        "A 36-month term (15 %) and prepayment (6 %) would be 21 %; the limit of 18 % applies.",
        size=14,
        color=MUTED,
    )


def _next_steps(sheets: Sheets) -> None:
    sheets.page("Next steps")
    steps = (
        ("Talk", "30 minutes about your stores, your systems and your goal"),
        ("Check", "We look at a sample of your data within 5 working days, at no cost"),
        ("Pilot", "8 weeks, up to 10 stores, $9,500, credited when you sign within 30 days"),
        ("Start", "10 weeks from the first data file to live prices on Growth"),
    )
    for number, (title, text) in enumerate(steps):
        x = MARGIN + number * 212
        if number:
            sheets.line([(x - 212 + 50, 166), (x - 6, 166)], color=LINE, width=2)
        sheets.box(x, 144, 44, 44, fill=ACCENT, radius=22)
        sheets.text(x + 22, 173, str(number + 1), size=19, bold=True, color=WHITE, align="center")
        sheets.text(x, 226, title, size=20, bold=True)
        sheets.paragraph(x, 254, 182, text, size=15, color=MUTED)
    sheets.box(MARGIN, 372, WIDTH - 2 * MARGIN, 92, fill=SOFT, radius=18)
    sheets.text(MARGIN + 28, 410, "These prices hold for contracts signed until 31 March 2027.", size=19, bold=True)
    sheets.text(MARGIN + 28, 438, "sales@hypersonix-sample.example", size=15, color=ACCENT)
