"""Near-duplicates: two hits that say the same thing, so that one place in the list is enough for them.

Similar wording is not sameness: the same text with another price has cosine 1.00. Hence shared word triples, and then a
guard that looks at what differs.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from aisdr.index.base import Chunk
from aisdr.knowledge.differences import differing
from aisdr.knowledge.shingles import WORD, sharing

CONTAINMENT = 0.60
"""Share of the shorter text's word triples that the longer one has, too."""

SHORT_RUN = 4
"""A differing run of at most so many words is a changed value; a longer one is another wording."""

_DENIALS = frozenset({"not", "no", "never", "without", "except", "cannot"})
_VALUE_WORDS = frozenset(
    """free none unlimited zero one two three four five six seven eight nine ten twelve hourly daily weekly monthly
    quarterly yearly annually hour day week month quarter year""".split()  # noqa: SIM905  (a list of words, readable)
)


def cluster(chunks: Sequence[Chunk]) -> list[list[int]]:
    """Groups positions of chunks that say the same; groups and positions in the order of first appearance."""
    groups: list[list[int]] = []
    group_of: list[int] = []
    same, alike = _same(chunks), _alike(chunks)
    for position, first in enumerate(same):
        group = group_of[first] if first < position else len(groups)
        for other in sorted(alike.get(position, ()), key=lambda other: (group_of[other], other)):
            if group == len(groups) and are_duplicates(chunks[other], chunks[position]):
                group = group_of[other]
        if group == len(groups):
            groups.append([])
        groups[group].append(position)
        group_of.append(group)
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


@lru_cache(maxsize=8192)
def say_the_same(first: str, second: str) -> bool:
    return any(sharing([first, second], CONTAINMENT)) and not _different_values(first, second)


def _same(chunks: Sequence[Chunk]) -> list[int]:
    """For each chunk the first one with its id or, letter for letter, its text; itself when there is none before it."""
    ids: dict[str, int] = {}
    texts: dict[str, int] = {}
    same = []
    for position, chunk in enumerate(chunks):
        first = ids.setdefault(chunk.chunk_id, position)
        if not chunk.media:
            first = min(first, texts.setdefault(chunk.text, position))
        same.append(first)
    return same


def _alike(chunks: Sequence[Chunk]) -> dict[int, list[int]]:
    """For each chunk those before it that it has to be compared with; nothing for one that stands alone."""
    alike: dict[int, list[int]] = defaultdict(list)
    media: dict[str, list[int]] = {}
    texts: dict[str, int] = {}
    for position, chunk in enumerate(chunks):
        if chunk.media is None:
            texts.setdefault(chunk.text, position)
            continue
        shown = media.setdefault(chunk.media.url, [])
        if shown:
            alike[position] += shown
        shown.append(position)
    positions = list(texts.values())
    for one, other in sharing(list(texts), CONTAINMENT):
        alike[positions[other]].append(positions[one])
    return alike


def _overlap(first: Chunk, second: Chunk) -> bool:
    one, other = first.locator, second.locator
    if one.start is None or other.start is None:
        return one.page == other.page
    return one.start < (other.end or other.start + 1) and other.start < (one.end or one.start + 1)


def _different_values(first: str, second: str) -> bool:
    """True when a short differing run swaps a value or a name for another, or denies what the other text says."""
    for before, after in differing(WORD.findall(first), WORD.findall(second)):
        if max(len(before), len(after)) > SHORT_RUN:
            continue
        if _denials(before) != _denials(after):
            return True
        if _contradict(_values(before), _values(after)) or _contradict(_names(before), _names(after)):
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
