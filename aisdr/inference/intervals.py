"""Numbers that lie within a range: 80 stores are among `50 to 199 stores`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from aisdr.inference.words import stems

_NUMBER = r"(?<![$€£\d.,])(\d[\d,]*)"
_RANGES = (
    re.compile(rf"{_NUMBER} ?(?:to|and|-|–) (\d[\d,]*) ([a-z]+)", re.IGNORECASE),
    re.compile(rf"\b(?:from|over|above|at least|more than|starting at) {_NUMBER}()(?! to) ([a-z]+)", re.IGNORECASE),
    re.compile(rf"{_NUMBER}\+?() ([a-z]+) (?:and|or) more\b", re.IGNORECASE),
)
_LIMITS = re.compile(rf"\b(?:up to|at most|under|below|fewer than|less than) {_NUMBER} ([a-z]+)", re.IGNORECASE)
_AMOUNT = re.compile(rf"{_NUMBER} ([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Interval:
    """From `low` to `high` of what `unit` (a stem) counts."""

    low: float
    high: float
    unit: str

    def holds(self, number: float, unit: str) -> bool:
        return self.unit == unit and self.low <= number <= self.high


def amounts(text: str) -> dict[str, tuple[float, str]]:
    """The counted things of a question, by the number as a term: `{"80": (80, "store")}`."""
    return {
        match[1].replace(",", ""): (_value(match[1]), unit[0])
        for match in _AMOUNT.finditer(text)
        if (unit := stems(match[2]))
    }


@lru_cache(maxsize=2048)
def intervals(text: str) -> tuple[Interval, ...]:
    """Every range that `text` names."""
    found = []
    for pattern in _RANGES:
        for low, high, unit in pattern.findall(text):
            found += [Interval(_value(low), _value(high) if high else inf, stem) for stem in stems(unit)[:1]]
    for high, unit in _LIMITS.findall(text):
        found += [Interval(0, _value(high), stem) for stem in stems(unit)[:1]]
    return tuple(found)


def _value(number: str) -> float:
    return float(number.replace(",", ""))
