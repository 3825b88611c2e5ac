"""Rows of a table as sentences: every value beside the name of its column, so that each can stand alone."""

from collections.abc import Iterable, Iterator, Sequence

from aisdr.ingest.split import MAX_WORDS, Block, split

NAME_WORDS = 8
"""A first cell no longer than this is taken for the row's name, and repeated where a row is cut."""


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """A table whose first row names its columns, one line for each other row: `Plan: Team; Price: 49 €.`"""
    header, *body = rows
    return "\n".join(line for row in body if (line := row_text(header, row))) or "; ".join(filter(None, header))


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """One line; cells without a value are left out, and a row without any gives no text."""
    named = _named(header, row)
    return "; ".join(named) + "." if named else ""


def table_blocks(rows: Sequence[Sequence[str]]) -> list[Block]:
    """A table as one block that stays whole; one that no piece could hold as several, each with some of its rows."""
    if not rows:
        return []
    text = table_text(rows)
    if len(text.split()) <= MAX_WORDS or len(rows) < 2:
        return [Block(text, whole=True)] if text else []
    return [Block(part, whole=True) for _, part in pack_rows(rows[0], enumerate(rows[1:], 2))]


def pack_rows(
    header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], max_words: int = MAX_WORDS
) -> Iterator[tuple[int, str]]:
    """Numbered rows in pieces that an embedder reads whole, each with the number of its first row.

    A row that is longer than a piece is cut between its cells, and every part begins with the row's name.
    """
    first, packed, room = 0, list[str](), max_words
    for number, row in rows:
        for line in _lines(header, row, max_words):
            length = len(line.split())
            if packed and length > room:
                yield first, "\n".join(packed)
                packed, room = [], max_words
            if not packed:
                first = number
            packed.append(line)
            room -= length
    if packed:
        yield first, "\n".join(packed)


def _lines(header: Sequence[str], row: Sequence[str], max_words: int) -> list[str]:
    line = row_text(header, row)
    if len(line.split()) <= max_words:
        return [line] if line else []
    cells = _named(header, row)
    name = f"{cells[0]}; " if len(cells[0].split()) <= NAME_WORDS else ""
    room = max_words - len(name.split())
    lines, packed = list[str](), list[str]()
    for cell in (part for each in (cells[1:] if name else cells) for part in _cut_cell(each, room)):
        if packed and len(" ".join([*packed, cell]).split()) > room:
            lines.append(f"{name}{'; '.join(packed)}.")
            packed = []
        packed.append(cell)
    return [*lines, f"{name}{'; '.join(packed)}."]


def _cut_cell(cell: str, room: int) -> list[str]:
    """A cell that is longer than a piece in parts that each begin with the name of its column."""
    if len(cell.split()) <= room:
        return [cell]
    column, mark, value = cell.partition(": ")
    if not mark or len(column.split()) > NAME_WORDS:
        return split([Block(cell)], room)
    return [f"{column}: {part}" for part in split([Block(value)], room - len(column.split()))]


def _named(header: Sequence[str], row: Sequence[str]) -> list[str]:
    names = [*header, *[""] * (len(row) - len(header))]
    return [f"{name}: {value}" if name else value for name, value in zip(names, row, strict=False) if value]
