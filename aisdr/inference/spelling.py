"""Understands misspelled words: those of the material, and the small ones that a question is built from."""

import re
from collections.abc import Callable, Iterable
from itertools import groupby

from aisdr.inference.words import KIN_WORDS, stem

_LONG, _LONGER = 6, 9
_SMALL_WORDS = frozenset(
    (
        *("how", "long", "does", "much", "many", "what", "which", "when", "where", "have", "your", "with"),
        *("there", "often", "take", "about", "could", "would"),
    )
)


def corrected(word: str, vocabulary: Iterable[str]) -> frozenset[str]:
    """Stems of the words that `word` is probably a misspelling of, among those of the material and our own."""
    return frozenset(stem(known) for known in (*vocabulary, *KIN_WORDS) if is_misspelling(word, known))


def is_misspelling(wanted: str, existing: str) -> bool:
    """One slip in a word long enough that this is no other word, two in a still longer one."""
    shorter = min(len(wanted), len(existing))
    if shorter < _LONG or abs(len(wanted) - len(existing)) > 2 or wanted[0] != existing[0]:
        return False
    if any(character.isdigit() for character in wanted + existing):
        return False
    return slips(wanted, existing) <= (1 if shorter < _LONGER else 2)


def slips(left: str, right: str) -> int:
    """How many letters are too many, too few, wrong or swapped with their neighbour."""
    left, right = _differing(left, right)
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, letter in enumerate(left, start=1):
        two_before, before, row = before, row, [at]
        for to, other in enumerate(right, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == right[to - 2] and left[at - 2] == other:
                cost = min(cost, two_before[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _differing(left: str, right: str) -> tuple[str, str]:
    """Both without the letters that they begin and end with alike: mostly few remain, and comparing is quick."""
    shorter = min(len(left), len(right))
    begin = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    end = next((at for at in range(shorter - begin) if left[-1 - at] != right[-1 - at]), shorter - begin)
    return left[begin : len(left) - end], right[begin : len(right) - end]


def with_small_words_corrected(text: str) -> str:
    """`hoow lonng doos` is `how long does`.

    A doubled letter is corrected always; another slip only in a text that holds such a one, because `dogs` is no
    misspelled `does`.
    """
    undoubled = _each_word(text, _undoubled)
    return _each_word(undoubled, _nearest_small_word) if undoubled != text else text


def _each_word(text: str, change: Callable[[re.Match[str]], str]) -> str:
    return re.sub(r"[^\W\d_]{4,}", change, text)


def _undoubled(word: re.Match[str]) -> str:
    plain = "".join(letter for letter, _ in groupby(word[0].lower()))
    return plain if word[0].lower() not in _SMALL_WORDS and plain in _SMALL_WORDS else word[0]


def _nearest_small_word(word: re.Match[str]) -> str:
    said = word[0].lower()
    near = sorted(small for small in _SMALL_WORDS if small[0] == said[0] and slips(said, small) == 1)
    return near[0] if near and said not in _SMALL_WORDS else word[0]
