"""What a benchmark says: tables for people, bars that hold or do not, and one JSON line."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Bar:
    """A figure and what it must reach. `least` and `most` are inclusive."""

    name: str
    value: float
    least: float | None = None
    most: float | None = None

    @property
    def holds(self) -> bool:
        reached = self.least is None or self.value >= self.least
        return reached and (self.most is None or self.value <= self.most)

    def __str__(self) -> str:
        wanted = f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"
        return f"{'holds ' if self.holds else 'MISSED'}  {self.name}: {self.value:.4f} ({wanted})"


@dataclass(frozen=True)
class Section:
    """One table. The first column names the row; figures are shown with four digits."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[float | str]]]
    bars: Sequence[Bar] = ()
    notes: Sequence[str] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": {name: dict(zip(self.columns[1:], values, strict=True)) for name, values in self.rows},
            "bars": {
                bar.name: {"value": round(bar.value, 5), "least": bar.least, "most": bar.most, "holds": bar.holds}
                for bar in self.bars
            },
        }

    def show(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="right" if number else "left")
        for name, values in self.rows:
            table.add_row(name, *(value if isinstance(value, str) else f"{value:.4f}" for value in values))
        console.print(table)
        for note in self.notes:
            console.print(note, style="dim")
        for bar in self.bars:
            console.print(str(bar), style="" if bar.holds else "bold red", highlight=False)
        console.print()


def tell(sections: Sequence[Section], *, as_json: bool) -> bool:
    """Prints the sections, and with `as_json` the JSON line after them. True when every bar holds."""
    console = Console(width=120)
    for section in sections:
        section.show(console)
    ok = all(bar.holds for section in sections for bar in section.bars)
    if as_json:
        print(json.dumps({section.title: section.as_json() for section in sections} | {"ok": ok}))
    return ok
