"""Where two texts that say nearly the same differ: the runs of words that stand in one of them, or in another form.

`SequenceMatcher` finds such runs, but takes half a millisecond for two passages. Most of what two passages share is one
long run, at their ends or shifted, because they were cut at other places: that is taken away first.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Run = tuple[Sequence[str], Sequence[str]]
"""The words of the one and of the other text in the same place; one side may be empty."""

_LEAST_SHARED = 3
"""Words in a row by which the beginning of one text is found in the other."""


def differing(one: Sequence[str], other: Sequence[str]) -> Iterator[Run]:
    """Words are the same in upper and lower case, and come back as they are written."""
    left, right = [word.lower() for word in one], [word.lower() for word in other]
    one_begin, other_begin = _first_shared(left, right)
    yield one[:one_begin], other[:other_begin]
    shared = _equal(left[one_begin:], right[other_begin:])
    one_begin, other_begin = one_begin + shared, other_begin + shared
    from_end = _equal(left[one_begin:][::-1], right[other_begin:][::-1])
    one_end, other_end = len(one) - from_end, len(other) - from_end
    one_rest, other_rest = left[one_begin:one_end], right[other_begin:other_end]
    if not one_rest or not other_rest:
        yield one[one_begin:one_end], other[other_begin:other_end]
        return
    for tag, a, b, c, d in SequenceMatcher(None, one_rest, other_rest, autojunk=False).get_opcodes():
        if tag != "equal":
            yield one[one_begin + a : one_begin + b], other[other_begin + c : other_begin + d]


def _first_shared(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """Where the beginning of one text stands in the other one; their own beginnings when it stands nowhere."""
    if (place := _place(left, right[:_LEAST_SHARED])) is not None:
        return place, 0
    if (place := _place(right, left[:_LEAST_SHARED])) is not None:
        return 0, place
    return 0, 0


def _place(words: Sequence[str], wanted: Sequence[str]) -> int | None:
    first = 0
    while wanted and wanted[0] in words[first:]:
        first = words.index(wanted[0], first)
        if words[first : first + len(wanted)] == wanted:
            return first
        first += 1
    return None


def _equal(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words both begin with."""
    for number, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return number
    return min(len(left), len(right))
