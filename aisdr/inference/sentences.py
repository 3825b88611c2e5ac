"""Cuts prose into sentences, in languages with and without spaces between them."""

import re
from collections.abc import Iterator

# Begins with one class of characters, so that the text before it is skipped at the speed of a search.
_END = re.compile(
    r"[.!?…。！？｡](?:(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[$€£¿¡]?[A-Z0-9]|[^\x00-\x7f])"
    r"|(?<=[。！？｡])[」』”’）)]*\s*)"  # Chinese and Japanese leave no space
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|vs|approx|ca|cf|nos?|figs?|dr|mr|mrs|ms|prof|st|sr|jr|gen|col|lt|rev|hon|al|vol|ed|pp?"
    r"|sec|ch|est|max|min|incl|excl|[a-z]|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|z\.\s?b|d\.\s?h|bzw|nr|inkl|ggf|zzgl|sra|sres|srta|uds?|núm|pág)\.$",
    re.IGNORECASE,
)
# These may end a sentence: they do when the next word is one that begins sentences.
_MAYBE_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:inc|ltd|co|corp|llc|gmbh|bros|etc|u\.s|u\.k|a\.m|p\.m|d\.c)\.$", re.IGNORECASE
)
_STARTER = re.compile(r"(?:The|It|We|You|They|This|That|These|In|On|At|A|An|For|If|When|Our|Your|Each|All|Every|No)\b")
_LONGEST_ABBREVIATION = 12


def sentences(text: str) -> list[str]:
    """Splits prose at the ends of sentences; points inside amounts, versions and abbreviations do not count."""
    borders = [*ends(text), len(text)]
    parts = (text[begin:end].strip() for begin, end in zip([0, *borders], borders, strict=False))
    return [part for part in parts if part]


def ends(text: str) -> Iterator[int]:
    """Where sentences end, the space behind them included; the end of the text is not told."""
    begin = 0
    for end in _END.finditer(text):
        if text[end.start()] == "." and _is_abbreviation(text, begin, end.start() + 1, end.end()):
            continue
        begin = end.end()
        yield begin


def _is_abbreviation(text: str, begin: int, point: int, following: int) -> bool:
    before = text[max(begin, point - _LONGEST_ABBREVIATION) : point]
    if _ABBREVIATION.search(before):
        return True
    return _MAYBE_ABBREVIATION.search(before) is not None and not _STARTER.match(text, following)
