"""Words as the extractive model compares them: stems, and which different words a buyer uses for one thing."""

import re
import threading
from collections.abc import Iterable
from functools import lru_cache

import Stemmer  # type: ignore[import-not-found, unused-ignore]

from aisdr.inference.vocabulary import KIN, PHRASES, STOP, WEAK

_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*")

_COUNTS = {"two": "2", "three": "3", "four": "4", "five": "5"}
_YEARS = re.compile(rf"(?<![\d.,-])\b([1-5]|{'|'.join(_COUNTS)})[ -]years?\b")
_ENDING = re.compile(r"'(?:s|re|ve|ll|d|m|t)$")

STOP_WORDS = frozenset(STOP.split())

# Words that the stemmer would make one with others of another meaning, such as `custom` or `universe`.
_APART = {
    "customer": "customer",
    "customers": "customer",
    "university": "university",
    "universities": "university",
    "availability": "availability",  # of a service, which is not what a plan is available on
}

_stemmer = Stemmer.Stemmer("english")
# A stemmer must not be asked by two threads at once.
_stemming = threading.Lock()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    if word in _APART:
        return _APART[word]
    with _stemming:
        return str(_stemmer.stemWord(word))


def _in_months(years: re.Match[str]) -> str:
    """A contract of 3 years is a 36-month term."""
    return f"{12 * int(_COUNTS.get(years[1], years[1]))} month"


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words in order; `5,000` and `v2.1` stay whole, `it's` loses its ending."""
    text = text.lower().replace("’", "'")
    for pattern, plain in PHRASES:
        text = pattern.sub(plain, text)
    text = _YEARS.sub(_in_months, text)
    found = _WORD.findall(text)
    return tuple(_ENDING.sub("", word).replace(",", "").replace("'", "") for word in found)


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """The stems of the words that carry meaning, in order."""
    return tuple(stem(word) for word in words(text) if word not in STOP_WORDS)


def _line_stems(line: str) -> list[str]:
    return [stem(word) for word in line.split()]


WEAK_STEMS = frozenset(_line_stems(WEAK))


def _families(lines: Iterable[str]) -> dict[str, frozenset[str]]:
    families: dict[str, frozenset[str]] = {}
    for line in lines:
        askers, _, answers = line.partition(":")
        members = frozenset(_line_stems(askers) + _line_stems(answers))
        for stem in _line_stems(askers):
            families[stem] = families.get(stem, frozenset()) | members
    return families


_FAMILIES = _families(KIN.strip().split("\n"))
KIN_WORDS = tuple(KIN.replace(":", " ").split())


def kin(stem: str) -> frozenset[str]:
    """Stems of other words for the same thing, without `stem` itself."""
    return _FAMILIES.get(stem, frozenset()) - {stem}
