"""Highlights: the sentence of a hit that fits the question best, so that a reader sees why it was found."""

import math
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from aisdr.index.base import SearchHit
from aisdr.inference.sentences import ends
from aisdr.knowledge.matching import Span, Term, terms

READ = 8000
"""Characters of a text that are looked at. Our chunks are shorter; what a search address answers may not be."""
LONGEST = 300
"""Characters. A longer sentence is cut to the part around the question's words."""

_LINE = re.compile(r"\n+")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_HEADING = re.compile(r"\s*#{1,6}\s")
_MARKUP = re.compile(
    r"^\s*(?:#{1,6}|>|[-*+•‣▪–]|\(?\d{1,2}[.)])\s+|!?\[([^\]]*)\]\([^)\s]*\)|\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|`+"
)
_CELLS = re.compile(r"\s*\|\s*")


def highlighted(question: str, hits: Sequence[SearchHit]) -> list[SearchHit]:
    """The same hits, each with its best sentence; a hit without any word of the question begins with its first one."""
    wanted = terms(question)
    read = [hit.chunk.text[:READ] for hit in hits]
    lowered = [text.lower() for text in read]
    spans = [[term.spans(text) for term in wanted] for text in lowered]
    # A word that every hit has tells none of their sentences apart.
    weights = {
        term: math.log(1 + (len(hits) + 1) / (0.5 + sum(bool(found[at]) for found in spans)))
        for at, term in enumerate(wanted)
    }
    return [
        hit.model_copy(update={"highlight": best_sentence(text, wanted, found, weights)})
        for hit, text, found in zip(hits, read, spans, strict=True)
    ]


def best_sentence(
    text: str, wanted: Sequence[Term], spans: Sequence[Sequence[Span]], weights: Mapping[Term, float]
) -> str:
    """The sentence, list item or table row with most of what is wanted; a table's row comes with its header.

    Args:
        spans: where each of `wanted` stands in the text.
        weights: how much each of `wanted` counts.
    """
    begins = _begins(text)
    found: dict[int, dict[Term, Span]] = {}
    for term, places in zip(wanted, spans, strict=True):
        for place in places:
            found.setdefault(bisect_right(begins, place[0]) - 1, {}).setdefault(term, place)
    pieces = [*zip(begins, [*begins[1:], len(text)], strict=True)]
    if not found:
        return next((plain for begin, end in pieces if (plain := _plain(text[begin:end]))), "")
    best = max(found, key=lambda at: (_fit(found[at], weights, text[slice(*pieces[at])]), -at))
    begin, end = pieces[best]
    header = _header(text, begin, end)
    sentence = _plain(text[begin:end]) if end - begin <= LONGEST else _around(text, begin, end, found[best])
    return f"{header}: {sentence}" if header and header != sentence else sentence


@lru_cache(maxsize=2048)
def _begins(text: str) -> tuple[int, ...]:
    """Where sentences and lines begin. A line's end always ends a sentence: it may be an item or a row.

    Kept, because this is most of a highlight's time and a company's best passages are found again and again.
    """
    return tuple(sorted({0, *ends(text), *(line.end() for line in _LINE.finditer(text) if line.end() < len(text))}))


def _fit(found: Mapping[Term, Span], weights: Mapping[Term, float], piece: str) -> float:
    total = sum(weights[term] for term in found)
    places = sorted(found.values())
    near = sum(1 / (1 + max(0, after[0] - before[1]) / 12) for before, after in pairwise(places))
    # A heading repeats the question's words without an answer; what follows it is worth reading.
    return (total + 0.1 * near) * (0.5 if _HEADING.match(piece) else 1.0)


def _header(text: str, begin: int, end: int) -> str:
    """The first line of the table that this row belongs to."""
    if text.count("|", begin, end) < 2:
        return ""
    lines = text[:begin].splitlines()
    table: list[str] = []
    while lines and lines[-1].count("|") >= 2:
        table.insert(0, lines.pop())
    return _plain(table[0]) if len(table) > 1 and _RULE.match(table[1]) else ""


def _around(text: str, begin: int, end: int, found: Mapping[Term, Span]) -> str:
    """Of a text without sentences, the part where the wanted words stand, from a space to a space."""
    first = min(place[0] for place in found.values())
    start = max(begin, min(first - LONGEST // 5, end - LONGEST))
    stop = min(end, start + LONGEST)
    start = text.find(" ", start, first) + 1 or start if start > begin else start
    stop = text.rfind(" ", first + 1, stop) if stop < end and " " in text[first + 1 : stop] else stop
    return f"{'… ' if start > begin else ''}{_plain(text[start:stop])}{' …' if stop < end else ''}"


def _plain(piece: str) -> str:
    """Without Markdown's signs; a table's row as its cells."""
    if _RULE.fullmatch(piece.strip()):
        return ""
    if piece.count("|") >= 2:
        return "; ".join(cell for cell in _CELLS.split(piece.strip()) if cell)
    return " ".join(_MARKUP.sub(lambda sign: sign[1] or "", piece).split())
