"""The cells of an HTML table, row by row, spans filled in, the names of its columns first."""

from collections.abc import Iterator

from lxml.etree import iterwalk  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em", "font",
    "i", "ins", "kbd", "label", "mark", "nobr", "q", "ruby", "rb", "rt", "rp", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
"""Elements that do not end a word."""

MAX_SPAN = 200
"""Cells that one may stand for, across or down. Tables that people read are narrower."""

_BLOCKS = "./h1 | ./h2 | ./h3 | ./h4 | ./h5 | ./h6 | ./table | ./ul[2] | ./p[3] | ./div/h2 | ./div/h3 | ./div/p[3]"


def words_of(element: HtmlElement) -> str:
    """The text of an element in one line."""
    parts: list[str] = []
    for event, each in iterwalk(element, events=("start", "end")):
        if each.tag not in INLINE:
            parts.append(" ")
        if event == "start":
            parts.append(each.text or "")
        elif each is not element:
            parts.append(each.tail or "")
    return " ".join("".join(parts).split())


def is_layout(table: HtmlElement) -> bool:
    """Whether it only puts things beside each other, as pages did before there was another way."""
    role = table.get("role", "").lower()
    if role in ("presentation", "none"):
        return True
    if role in ("table", "grid") or any(True for _ in table.iter("th", "caption")):
        return False
    cells = [cell for row in _rows(table) for cell in row.iterchildren("td")]
    return len(cells) <= 1 or any(cell.xpath(_BLOCKS) for cell in cells)


def rows_of(table: HtmlElement) -> list[list[str]]:
    """Rows of cells, of which the first names the columns; its cells are empty where nobody named them."""
    rows = list(_rows(table))
    grid = _grid(rows)
    heads = 0
    for row in rows:
        if not (_is_head(row) and heads < len(rows) - 1):
            break
        heads += 1
    if heads:
        header = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*grid[:heads], strict=True)]
        return [header, *grid[heads:]]
    named = [bool(row.xpath("./th")) for row in rows]
    width = max(map(len, grid), default=0)
    if width == 2 or all(named):  # each row begins with its own name
        return [[""] * width, *([": ".join(filter(None, row[:2])), *row[2:]] for row in grid)]
    return grid


def _rows(table: HtmlElement) -> Iterator[HtmlElement]:
    """Those of the table itself, not of tables within."""
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _is_head(row: HtmlElement) -> bool:
    return row.getparent().tag == "thead" or (len(row) > 0 and all(cell.tag == "th" for cell in row))


def _grid(rows: list[HtmlElement]) -> list[list[str]]:
    """All rows equally wide. What spans several columns stands in the first, or above each where it is a heading."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        above, below = below, {}
        cells = list(row.iterchildren("td", "th"))
        is_head = _is_head(row)
        while cells or len(line) in above:
            if len(line) in above:  # a cell from above reaches into this row
                down, text = above[len(line)]
                spread = [text]
            else:
                cell = cells.pop(0)
                down, text = _span(cell, "rowspan"), words_of(cell)
                spread = [text if across == 0 or is_head else "" for across in range(_span(cell, "colspan"))]
            for shown in spread:
                if down > 1:
                    below[len(line)] = (down - 1, shown)
                line.append(shown)
        grid.append(line)
    width = max(map(len, grid), default=0)
    return [[*line, *[""] * (width - len(line))] for line in grid]


def _span(cell: HtmlElement, name: str) -> int:
    value = cell.get(name, "").strip()
    return min(max(int(value), 1), MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 6 else 1
