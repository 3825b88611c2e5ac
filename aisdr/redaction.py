"""The last line before anything is written to a log or a metric: what looks like a person's data is taken out.

Nothing of the kind should come here: events have fields, and fields are ids, codes and numbers. This is for the day on
which one of us forgets it. Words of a company's own (`privateWords`) are taken out as well.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

MOST_CHARACTERS = 1000
"""Of one field; an event that needs more is no event."""
MOST_OF_A_TRACE = 8000
OURS = frozenset(
    ("timestamp", "location", "request_id", "trace_id", "xray_trace_id", "session_id", "call_id", "operation_id")
)
"""Fields that we fill with what we made ourselves; some have as many digits as a card."""

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SOCIAL = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d(?:[ ()./-]{0,2}\d){8,18}(?![\w])")
"""Nine to nineteen digits, with what people write between them: a card's, or a telephone's."""
_SERVICE = re.compile(r"An error occurred \(\w+\) when calling the \w+ operation")
_FRAME = re.compile(r"\s*(?:\|\s*)*File \"")
_HEAD = re.compile(r"\s*[|+ -]*(?:Exception Group )?Traceback \(most recent call last\):")
_LINK = re.compile(r"\s*[| ]*(?:The above exception was|During handling of the above)")

_private: dict[str, re.Pattern[str]] = {}


def keep_private(company_id: str, words: Iterable[str]) -> None:
    """From now on this process writes none of a company's `privateWords`; `#` in one stands for any digit."""
    patterns = [re.escape(word).replace(r"\#", r"\d") for word in words]
    if patterns:
        _private[company_id] = re.compile("|".join(patterns), re.IGNORECASE)
    else:
        _private.pop(company_id, None)


def redacted(text: str) -> str:
    """The text with a mark in place of addresses, numbers of people, and companies' private words."""
    text = _EMAIL.sub("[email]", text)
    text = _SOCIAL.sub("[number]", text)
    text = _DIGITS.sub(_number, text)
    for pattern in _private.values():
        text = pattern.sub("[private]", text)
    return text


def record(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A record of the log as it may be written: redacted, bounded, and an exception without what it says."""
    return {name: _field(name, value) for name, value in fields.items()}


def _field(name: str, value: Any) -> Any:
    match value:
        case str() if name in OURS:
            return value[:MOST_CHARACTERS]
        case str() if name == "exception":
            return redacted(_without_messages(value))[-MOST_OF_A_TRACE:]
        case str():
            return redacted(value[: 2 * MOST_CHARACTERS])[:MOST_CHARACTERS]
        case Mapping():
            return record(value)
        case list() | tuple():
            return [_field(name, each) for each in value]
        case None | bool() | int() | float():
            return value
        case _:
            return redacted(str(value)[: 2 * MOST_CHARACTERS])[:MOST_CHARACTERS]


def _number(found: re.Match[str]) -> str:
    """A long bare number is a count or an id, unless it is a card's; with a sign or gaps in it people wrote it."""
    digits = re.sub(r"\D", "", found[0])
    written = digits != found[0]
    return "[number]" if written or (len(digits) >= 13 and _is_card(digits)) else found[0]


def _is_card(digits: str) -> bool:
    """Luhn's sum: https://www.iso.org/standard/70484.html (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _without_messages(trace: str) -> str:
    """Where it happened and what kind it was. What an exception says may quote anything that somebody sent."""
    kept: list[str] = []
    frame = head = False
    for line in trace.splitlines():
        if _HEAD.match(line) or _LINK.match(line):
            kept.append(line)
            head = True
        elif _FRAME.match(line):
            kept.append(line)
            frame = head = True
        elif frame:  # the line of code
            kept.append(line)
            frame = False
        elif head and (name := re.match(r"[|+ -]*([\w.]+)", line)):
            told = _SERVICE.search(line)
            kept.append(f"{name[1]}: {told[0]}" if told else name[1])
            head = False
    return "\n".join(kept)
