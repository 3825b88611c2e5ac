"""The collections of hostile input in tests/data/security: where they come from stands in the README there."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "tests" / "data" / "security"


@dataclass(frozen=True)
class MalformedText:
    """One file of the JSON test suite."""

    name: str
    body: bytes


def malformed_json() -> list[MalformedText]:
    """All 318: JSON that is none, nearly none, or borderline."""
    rows = map(json.loads, (FOLDER / "json-malformed.jsonl").read_text(encoding="utf-8").splitlines())
    return [MalformedText(row["name"], _bytes(row)) for row in rows]


def naughty_strings() -> list[str]:
    """Strings that break programs."""
    strings: list[str] = json.loads((FOLDER / "naughty-strings.json").read_text(encoding="utf-8"))
    return strings


def long_strings() -> list[str]:
    """What no key of DynamoDB's takes: nothing, too much to sort by or to find by, and too much in bytes alone."""
    return ["", "k" * 1025, "k" * 7000, "€" * 700]


def _bytes(row: dict[str, str | int]) -> bytes:
    unit, times = base64.b64decode(str(row["b64"])), int(row.get("times", 1))
    return unit * times + base64.b64decode(str(row.get("end_b64", "")))
