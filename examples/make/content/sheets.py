"""Spreadsheets with several sheets, some of which begin with a title above the table."""

# mypy: disable-error-code=import-untyped
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill

from examples.make.content.look import COMPANY, NAVY
from examples.make.content.office import WRITTEN, same_each_time

Cell = str | int | float | date | None
Rows = Sequence[Sequence[Cell]]

PRICE_LIST: dict[str, Rows] = {
    "Hardware": (
        ("Article", "Description", "Price EUR", "From 50", "From 200"),
        ("PS-100", "Puck S, blue ring", 64, 58, 51),
        ("PS-110", "Puck S, white ring", 64, 58, 51),
        ("PS-120", "Puck S, orange ring, with humidity", 79, 72, 64),
        ("PT-200", "Puck T for trailers", 118, 107, 95),
        ("PP-300", "Puck P with needle", 142, 131, 119),
        ("MA-400", "Mast", 490, 455, 420),
        ("MM-410", "Mast Mini", 175, 162, 149),
        ("DC-500", "Door contact", 39, 35, 31),
    ),
    "Services": (
        ("Service", "Unit", "Price EUR", "Remark"),
        ("Installation by us", "night of two technicians", 1480, "travel included within 300 km"),
        ("Site survey", "day", 720, "taken off the installation"),
        ("Training on site", "half a day, up to 12 people", 540, None),
        ("Training online", "two hours", 190, "up to 30 people"),
        ("Connection to other software", "interface", 2600, "plus 45 a month"),
        ("Data taken over from another maker", "site", 380, "up to 5 years of readings"),
    ),
    "Freight": (
        ("Country", "Parcel EUR", "Pallet EUR", "Days"),
        ("Denmark", 9, 65, 1),
        ("Germany", 14, 92, 2),
        ("Norway", 26, 148, 3),
        ("Poland", 19, 117, 6),
        ("Spain", 24, 171, 4),
        ("Iceland", 58, 390, 8),
    ),
}

COMPATIBILITY: dict[str, Rows] = {
    "Refrigeration units": (
        ("Units that a Puck T can read", None, None, None),
        (None, None, None, None),
        ("Maker", "Series", "Cable", "What is read"),
        ("Polarvind", "PV 400", "CB-11", "set point, return air, fuel"),
        ("Polarvind", "PV 900", "CB-12", "set point, return air, fuel, door"),
        ("Iskald", "Trailer 3", "CB-20", "return air"),
        ("Iskald", "Trailer 5", "CB-21", "return air, fuel, hours of the engine"),
        ("Zeroth", "City Van", "none, by radio", "set point"),
        ("Borealis", "Twin", "CB-31", "both compartments"),
    ),
    "Rack controllers": (
        ("Maker", "Model", "Protocol", "Since version"),
        ("Kompressa", "R2", "Modbus TCP", "25.3"),
        ("Kompressa", "R4", "BACnet", "26.1"),
        ("Fjell", "Control One", "MQTT", "26.2"),
        ("Hvidt", "Sentry", "dry contacts only", "24.1"),
    ),
    "Phones": (
        ("System", "Oldest version", "Ends"),
        ("Android", "10", date(2028, 6, 30)),
        ("iOS", "16", date(2027, 9, 30)),
        ("Scanner of the make Zepto", "TC 52", date(2029, 12, 31)),
    ),
}

SCHEDULE: dict[str, Rows] = {
    "Nights": (
        ("Night", "Site", "Team", "Loggers", "Start", "Lift needed"),
        (date(2026, 11, 9), "Skagen, freezer hall", "North", 46, "21:30", "yes"),
        (date(2026, 11, 10), "Skagen, docks", "North", 22, "22:00", "no"),
        (date(2026, 11, 11), "Hirtshals, chill rooms", "North", 38, "20:45", "no"),
        (date(2026, 11, 16), "Padborg, cross dock", "South", 64, "23:15", "yes"),
        (date(2026, 11, 17), "Padborg, offices", "South", 6, "19:00", "no"),
        (date(2026, 11, 23), "Nyborg, ripening rooms", "Islands", 31, "21:00", "yes"),
        (date(2026, 11, 24), "Korsør, freezer", "Islands", 17, "22:30", "no"),
    ),
    "Teams": (
        ("Team", "People", "Van", "Spare loggers", "Hotel"),
        ("North", 3, "BF 20 417", 12, "Aalborg"),
        ("South", 4, "BF 20 418", 20, "Aabenraa"),
        ("Islands", 2, "BF 20 422", 8, "Nyborg"),
    ),
}


def make_sheets(folder: Path) -> None:
    for name, sheets in (
        ("price-list-2026.xlsx", PRICE_LIST),
        ("compatibility.xlsx", COMPATIBILITY),
        ("installation-schedule.xlsx", SCHEDULE),
    ):
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
            head = 1 if all(rows[0]) else 3
            for cell in sheet[head]:
                cell.font = Font(bold=True, color="FFFFFF")
                cell.fill = PatternFill("solid", fgColor=NAVY[1:])
            for column in sheet.columns:
                letter = column[0].column_letter
                sheet.column_dimensions[letter].width = 3 + max(
                    len(str(cell.value or "")) for cell in column[head - 1 :]
                )
            sheet.freeze_panes = f"A{head + 1}"
        book.properties.creator, book.properties.created = COMPANY, WRITTEN
        book.save(folder / name)
        same_each_time(folder / name)
