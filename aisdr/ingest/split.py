"""Long text into pieces that an embedder can read whole: at paragraphs first, at sentences where one is too long."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_WORDS = 180
"""MiniLM reads 256 tokens; English has about 1.3 tokens a word, and the title is read along."""

OVERLAP_WORDS = 30
"""A piece that continues a paragraph begins with the end of the piece before, so that no thought is cut in two."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[\"'“‘(]*[A-Z0-9À-Þ])")


@dataclass(frozen=True)
class Block:
    """A paragraph, a list item, or something that must stay whole, such as a table."""

    text: str
    whole: bool = False


def split(blocks: Sequence[Block], max_words: int = MAX_WORDS, overlap: int = OVERLAP_WORDS) -> list[str]:
    """Packs blocks into as few pieces as fit. Only a block that is longer than a piece is cut."""
    pieces: list[str] = []
    packed: list[str] = []
    room = max_words
    for block in blocks:
        length = _length(block.text)
        if length > max_words and not block.whole:
            if packed:
                pieces.append("\n".join(packed))
            cut = _cut(block.text, max_words, overlap)
            pieces += cut[:-1]
            packed, room = [cut[-1]], max_words - _length(cut[-1])
            continue
        if packed and length > room:
            pieces.append("\n".join(packed))
            packed, room = [], max_words
        packed.append(block.text)
        room -= length
    if packed:
        pieces.append("\n".join(packed))
    return pieces


def sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text.strip()) if sentence]


def _cut(text: str, max_words: int, overlap: int) -> list[str]:
    pieces: list[str] = []
    current: list[str] = []
    for sentence in _short_enough(sentences(text), max_words - overlap):
        if current and _length(" ".join([*current, sentence])) > max_words:
            pieces.append(" ".join(current))
            current = _tail(current, overlap)
        current.append(sentence)
    return [*pieces, " ".join(current)]


def _tail(current: Sequence[str], overlap: int) -> list[str]:
    """The last sentences that fit into the overlap."""
    tail: list[str] = []
    for sentence in reversed(current):
        if _length(" ".join([sentence, *tail])) > overlap:
            break
        tail.insert(0, sentence)
    return tail


def _short_enough(parts: Sequence[str], max_words: int) -> list[str]:
    """A sentence without an end, such as a list of names in a PDF, is cut between words."""
    short: list[str] = []
    for part in parts:
        words = part.split()
        short += [" ".join(words[begin : begin + max_words]) for begin in range(0, len(words), max_words)]
    return short


def _length(text: str) -> int:
    return len(text.split())
