"""JSON as RFC 8259 and RFC 7493 (I-JSON) mean it, of bounded depth: what every door, frame and tool call is read with.

Python's own reader takes more: the last of two equal keys, `NaN`, numbers that become infinite, half of a character.
Two readers that differ over such a text can be played off against each other.
"""

import json
import math
from typing import Any

MOST_LEVELS = 32
"""Of objects and lists inside each other. What browsers and vendors send here has eight at most."""


class MalformedJson(ValueError):
    """The text is no JSON, or says something twice, or too deep. The message never repeats any of it."""


def read_json(text: str | bytes) -> Any:
    """Raises: MalformedJson."""
    try:
        value = json.loads(
            text if isinstance(text, str) else text.decode(),
            parse_constant=_no_constant,
            parse_float=_number,
            object_pairs_hook=_without_twins,
        )
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate has no bytes
    except MalformedJson:
        raise
    except json.JSONDecodeError as error:
        # Only the rule that was broken: Python's message names a place, and never what stands there.
        raise MalformedJson(str(error)) from None
    except (RecursionError, UnicodeError) as error:
        raise MalformedJson("the text is not valid UTF-8, or nested too deep") from error
    except ValueError as error:
        raise MalformedJson("a number has too many digits") from error
    _check_levels(value)
    return value


def _no_constant(name: str) -> None:
    raise MalformedJson(f"{name} is not JSON")


def _number(digits: str) -> float:
    """`8.0` is 8, as JSON Schema has it: which of the two a program writes says nothing."""
    value = float(digits)
    if math.isinf(value):
        raise MalformedJson("a number is larger than any that can be kept")
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise MalformedJson("a key stands twice in one object")
    return record


def _check_levels(value: Any) -> None:
    level = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return
    raise MalformedJson(f"objects and lists stand more than {MOST_LEVELS} deep in each other")


def _inside(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []
