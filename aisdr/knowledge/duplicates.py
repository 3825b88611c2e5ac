"""Near-duplicates: two hits that say the same thing, so that one place in the list is enough for them.

Similar wording is not sameness: the same text with another price has cosine 1.00. Hence shared word triples, and then a
guard that looks at what differs.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from aisdr.index.base import Chunk

CONTAINMENT = 0.60
"""Share of the shorter text's word triples that the longer one has, too."""

SHORT_RUN = 4
"""A differing run of at most so many words is a changed value; a longer one is another wording."""

_DENIALS = frozenset({"not", "no", "never", "without", "except", "cannot"})
_VALUE_WORDS = frozenset(
    """free none unlimited zero one two three four five six seven eight nine ten twelve hourly daily weekly monthly
    quarterly yearly annually hour day week month quarter year""".split()  # noqa: SIM905  (a list of words, readable)
)
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")


def cluster(chunks: Sequence[Chunk]) -> list[list[int]]:
    """Groups positions of chunks that say the same; groups and positions in the order of first appearance."""
    groups: list[list[int]] = []
    for position, chunk in enumerate(chunks):
        for group in groups:
            if any(are_duplicates(chunks[other], chunk) for other in group):
                group.append(position)
                break
        else:
            groups.append([position])
    return groups


def are_duplicates(first: Chunk, second: Chunk) -> bool:
    """Media are the same when they show the same thing at the same time; texts when they say the same."""
    if first.chunk_id == second.chunk_id:
        return True
    if first.media and second.media:
        return first.media.url == second.media.url and _overlap(first, second)
    if first.media or second.media:
        return False  # a picture with a text's words still is a picture
    return say_the_same(first.text, second.text)


def say_the_same(first: str, second: str) -> bool:
    one, other = _read(first), _read(second)
    if one.lowered == other.lowered:
        return True
    smaller = min(len(one.triples), len(other.triples))
    if smaller == 0 or len(one.triples & other.triples) < CONTAINMENT * smaller:
        return False
    return not _different_values(one, other)


def _overlap(first: Chunk, second: Chunk) -> bool:
    one, other = first.locator, second.locator
    if one.start is None or other.start is None:
        return one.page == other.page
    return one.start < (other.end or other.start + 1) and other.start < (one.end or one.start + 1)


class _Reading:
    """A text as it is compared."""

    def __init__(self, text: str) -> None:
        self.words = _WORD.findall(text)
        self.lowered = [word.lower() for word in self.words]
        self.triples = frozenset(zip(self.lowered, self.lowered[1:], self.lowered[2:], strict=False))


@lru_cache(maxsize=4096)
def _read(text: str) -> _Reading:
    return _Reading(text)


def _different_values(one: _Reading, other: _Reading) -> bool:
    """True when a short differing run swaps a value or a name for another, or denies what the other text says."""
    matcher = SequenceMatcher(None, one.lowered, other.lowered, autojunk=False)
    for tag, one_begin, one_end, other_begin, other_end in matcher.get_opcodes():
        if tag == "equal" or max(one_end - one_begin, other_end - other_begin) > SHORT_RUN:
            continue
        before, after = one.words[one_begin:one_end], other.words[other_begin:other_end]
        if _denials(before) != _denials(after):
            return True
        if tag == "replace" and (
            _contradict(_values(before), _values(after)) or _contradict(_names(before), _names(after))
        ):
            return True
    return False


def _values(words: Sequence[str]) -> set[str]:
    lowered = (word.lower() for word in words)
    return {word for word in lowered if word in _VALUE_WORDS or any(character.isdigit() for character in word)}


def _names(words: Sequence[str]) -> set[str]:
    return {word for word in words if word[0].isupper()}


def _denials(words: Sequence[str]) -> set[str]:
    return {word.lower() for word in words} & _DENIALS


def _contradict(before: set[str], after: set[str]) -> bool:
    """Something else of the same kind in the same place. What only one side has is wording, not contradiction."""
    return bool(before) and bool(after) and before != after
