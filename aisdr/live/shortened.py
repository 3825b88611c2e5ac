"""Makes a tool's result shorter where a vendor takes only so much, in the order in which it can be done without."""

import json
from collections.abc import Callable, Mapping
from typing import Any


def shortened(result: Mapping[str, Any], fits: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """A form of `result` that fits, and hardly shorter than it must be; the shortest there is, when none does."""
    while not fits(result):
        less = _less(result)
        if less == result:
            break
        result = less
    return dict(result)


def _less(result: Mapping[str, Any]) -> dict[str, Any]:
    """One item less of the longest list, or one in eight of a long one, for a company's tool may answer with thousands;
    where there is no list left, half of the longest text."""
    lists = {key: value for key, value in result.items() if isinstance(value, list | tuple) and value}
    if lists:
        key = max(lists, key=lambda each: len(json.dumps(lists[each])))
        return {**result, key: list(lists[key])[: -max(1, len(lists[key]) // 8)]}
    texts = {key: value for key, value in result.items() if isinstance(value, str) and value}
    if not texts:
        return dict(result)
    key = max(texts, key=lambda each: len(texts[each]))
    return {**result, key: texts[key][: len(texts[key]) // 2]}
