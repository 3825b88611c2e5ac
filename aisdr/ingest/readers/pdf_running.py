"""Running headers and footers of a PDF: what stands at the edge of most pages says nothing about any of them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aisdr.ingest.readers.base import Piece

LEAST_PAGES = 3
SHARE = 0.4
"""Of the pages with text. Manuals print the chapter on one side and the title on the other."""
MOST_WORDS = 25
ROUNDS = 2
"""Lines at each edge that may be running ones."""


def without_running_lines(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces without such lines. A page that has nothing else keeps them."""
    kept = list(pieces)
    for _ in range(ROUNDS):
        edges = list(_edges(kept))
        pages = {kept[position].locator.page for position, _ in edges}
        seen = Counter(line for line in (_line(kept[position], edge) for position, edge in edges) if line)
        running = {line for line, count in seen.items() if count >= max(LEAST_PAGES, SHARE * len(pages))}
        if not running:
            break
        for position, edge in edges:
            piece = kept[position]
            rest = piece.text.split("\n")
            if _line(piece, edge) in running and len(rest) > 1:
                rest.pop(edge)
                kept[position] = replace(piece, text="\n".join(rest))
    return kept


def _edges(pieces: Sequence[Piece]) -> Iterator[tuple[int, int]]:
    """Position of a page's first piece with 0, and of its last one with -1. What OCR read has no edge of its own."""
    of_page: dict[int | None, list[int]] = defaultdict(list)
    for position, piece in enumerate(pieces):
        if piece.modality == "text" and piece.locator.box is None:
            of_page[piece.locator.page].append(position)
    for positions in of_page.values():
        yield positions[0], 0
        yield positions[-1], -1


def _line(piece: Piece, edge: int) -> str:
    """A page's first or last line with the page's number apart; empty for one that is long enough to be a sentence.

    Other numbers count: on forms that are filled in they are all that differs, and all that is asked for.
    """
    words = piece.text.split("\n")[edge].split()
    number = str(piece.locator.page)
    if number in words:
        words[words.index(number)] = "#"
    return " ".join(words) if len(words) <= MOST_WORDS else ""
