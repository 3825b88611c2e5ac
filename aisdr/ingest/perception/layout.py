"""Lines that stand somewhere on a page or picture, put into the order and the groups in which one reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from aisdr.ingest.perception.ocr import Box, Line, union

CELL_MARK = " | "
"""Between the cells of a row: the words of one column stay apart from those of the next."""
_LEAST_ROWS = 3
"""So many rows of as many cells, one below the other, are a table. Two are a label over a number."""

Row = tuple[Line, ...]


@dataclass(frozen=True)
class TextBlock:
    """What belongs together: a table by its rows, a card, a paragraph."""

    rows: tuple[Row, ...]

    @property
    def text(self) -> str:
        return "\n".join(CELL_MARK.join(line.text for line in row) for row in self.rows)

    @property
    def box(self) -> Box:
        """Around all of it."""
        return union([line.box for row in self.rows for line in row])

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def is_table(self) -> bool:
        return len(self.rows) >= _LEAST_ROWS and len(self.rows[0]) > 1


def blocks(lines: Sequence[Line]) -> list[TextBlock]:
    """Groups lines: tables row by row, all else with what stands close by. From top to bottom, then left to right."""
    found: list[TextBlock] = []
    rest: list[Line] = []
    for run in runs(_rows(lines)):
        if run.is_table:
            found.append(run)
        else:
            rest += [line for row in run.rows for line in row]
    found += [TextBlock(tuple(_rows(group))) for group in _close_together(rest)]
    return _in_order(found)


def _in_order(found: list[TextBlock]) -> list[TextBlock]:
    bands: list[list[TextBlock]] = []
    for block in sorted(found, key=lambda block: block.box[1]):
        if bands and block.box[1] - bands[-1][0].box[1] < min(line.box[3] for line in block.rows[0]):
            bands[-1].append(block)
        else:
            bands.append([block])
    return [block for band in bands for block in sorted(band, key=lambda block: block.box[0])]


def runs(rows: Sequence[Row]) -> list[TextBlock]:
    """Neighbouring rows whose cells stand below each other, all others by themselves. Some cells may be empty."""
    found: list[list[Row]] = []
    for row in rows:
        if found and _continues(found[-1], row):
            found[-1].append(row)
        else:
            found.append([row])
    return [TextBlock(tuple(run)) for run in found]


def packed(blocks: Sequence[TextBlock], max_words: int) -> list[list[TextBlock]]:
    """Neighbouring blocks in groups of at most `max_words`. A longer one is cut between rows; tables keep a header."""
    groups: list[list[TextBlock]] = []
    room = 0
    for block in (part for whole in blocks for part in _cut(whole, max_words)):
        if not groups or block.words > room:
            groups.append([])
            room = max_words
        groups[-1].append(block)
        room -= block.words
    return groups


def _cut(block: TextBlock, max_words: int) -> list[TextBlock]:
    if block.words <= max_words:
        return [block]
    header = block.rows[:1] if block.is_table else ()
    parts: list[tuple[Row, ...]] = [header]
    for row in block.rows[len(header) :]:
        if len(parts[-1]) > len(header) and TextBlock((*parts[-1], row)).words > max_words:
            parts.append(header)
        parts[-1] = (*parts[-1], row)
    return [TextBlock(part) for part in parts]


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Lines at the same height, from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3] / 2):
        if rows and _level(rows[-1][-1].box, line.box):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [tuple(sorted(row, key=lambda line: line.box[0])) for row in rows]


def _level(one: Box, other: Box) -> bool:
    return abs((one[1] + one[3] / 2) - (other[1] + other[3] / 2)) < 0.5 * min(one[3], other[3])


def _continues(run: list[Row], row: Row) -> bool:
    header, above = run[0], run[-1]
    if len(row) > len(header) or (len(row) == 1) != (len(header) == 1):
        return False
    if abs(_bottom(row) - _bottom(above)) > 4 * max(line.box[3] for line in above + row):
        return False
    columns = [column for cell in row if (column := _column(cell, run)) is not None]
    return len(columns) == len(row) and all(one < next for one, next in pairwise(columns))


def _column(cell: Line, run: list[Row]) -> int | None:
    """The column under whose header or last full row a cell stands; None when that is not one alone."""
    for row in (run[0], *(row for row in reversed(run) if len(row) == len(run[0]))):
        under = [place for place, other in enumerate(row) if _overlap(cell.box, other.box) > 0]
        if len(under) == 1:
            return under[0]
    return None


def _bottom(row: Row) -> float:
    return max(line.box[1] + line.box[3] for line in row)


def _overlap(one: Box, other: Box) -> float:
    return min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])


def _close_together(lines: list[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        near = [group for group in groups if any(_near(line.box, other.box) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), line])
    return groups


def _near(one: Box, other: Box) -> bool:
    """Below each other with less than a line between, or beside each other with no more than a word between."""
    height = max(one[3], other[3])
    below = max(one[1], other[1]) - min(one[1] + one[3], other[1] + other[3])
    if _overlap(one, other) > 0:
        return below < height
    return _level(one, other) and -_overlap(one, other) < height
