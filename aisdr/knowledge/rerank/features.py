"""What the learned second stage sees of a hit: five numbers that hold across kinds of material.

Chosen by cross-validation on the training half of three public collections and, because questions there are worded like
their answers, only as far as the sample companies' questions, which nobody trains with, were answered no worse. Tried
and left out, since they were no better or did harm there: weights of their own for pictures and clips; matches in the
title apart from the text; rare words, numbers and names apart from the other words; the best sentence by words, a
window of words, their order, the place of the first match; common words of the best hits; and the cosine of the best
sentence and of the title, which would have meant three to ten times as many vectors.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aisdr.index.base import SearchHit
from aisdr.knowledge.matching import Span, Term, terms

NAMES = ("rank", "coverage", "nearness", "density", "words of a short text")
"""In order: 1 / place in the list; the share of the question's words that the hit has, by their rarity among the hits;
how close words stand that are neighbours in the question; the question's words among all of the text's words; the share
of the best word score, as far as the text is short: word scores overrate captions."""

_LETTERS_IN_A_WORD = 6  # with the space behind it
_SHORT, _LONG = math.log(20), math.log(80)  # words: from here to there a text grows from wholly short to not at all

Numbers = NDArray[np.float64]


def features(question: str, hits: Sequence[SearchHit]) -> Numbers:
    """Shape (hits, features), in the order of `NAMES`."""
    wanted = terms(question)
    # Most words stand in few of the hits: the question whether one does is asked before where.
    spans = [
        [term.spans(text) if term.prefix in text else [] for term in wanted]
        for text in (hit.chunk.text.lower() for hit in hits)
    ]
    has = np.array([_has(hit, wanted, found) for hit, found in zip(hits, spans, strict=True)], dtype=np.float64)
    has = has.reshape(len(hits), len(wanted))
    rarity = _rarity(has)
    lengths = np.array([1 + len(hit.chunk.text) / _LETTERS_IN_A_WORD for hit in hits])
    matched = np.array([sum(map(len, found)) for found in spans])
    shortness = np.clip((_LONG - np.log(lengths)) / (_LONG - _SHORT), 0, 1)
    return np.stack(
        [
            1 / np.arange(1.0, len(hits) + 1),
            has @ rarity / (rarity.sum() or 1.0),
            np.array([_nearness(found, rarity) for found in spans]),
            np.minimum(1.0, matched / lengths),
            shortness * np.array([hit.words for hit in hits]),
        ],
        axis=1,
    )


def _has(hit: SearchHit, wanted: Sequence[Term], in_text: Sequence[Sequence[Span]]) -> list[bool]:
    above = f"{hit.chunk.title}\n{hit.chunk.locator.heading or ''}".lower()
    return [
        bool(found) or (term.prefix in above and bool(term.spans(above)))
        for term, found in zip(wanted, in_text, strict=True)
    ]


def _rarity(has: Numbers) -> Numbers:
    """As in BM25, but among these hits: a word that all of them have tells them not apart, nor does one of none."""
    found = has.sum(axis=0)
    rarity: Numbers = np.log(1 + (len(has) - found + 0.5) / (found + 0.5))
    return np.where(found > 0, rarity, 0.0)


def _nearness(spans: Sequence[Sequence[Span]], rarity: Numbers) -> float:
    """1 when all words stand as in the question; two words with one between them count half."""
    total = near = 0.0
    for at in range(len(spans) - 1):
        weight = float(rarity[at] + rarity[at + 1])
        total += weight
        if spans[at] and spans[at + 1]:
            near += weight / (1 + _gap(spans[at], spans[at + 1]) / _LETTERS_IN_A_WORD)
    return near / total if total else 0.0


def _gap(left: Sequence[Span], right: Sequence[Span]) -> int:
    """The fewest characters between a word and the next one; the wrong way round costs four more."""
    return min(
        after[0] - before[1] if after[0] >= before[1] else before[0] - after[1] + 4
        for before in left
        for after in right
    )
