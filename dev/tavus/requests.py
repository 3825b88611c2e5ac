"""The vendor's tables of requests and messages as a schema: what it refuses, and what it ignores without a word."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

SCHEMA = Path(__file__).with_name("requests.schema.json")
_IN_WORDS = {"string": "a string", "integer": "an integer", "boolean": "a boolean", "array": "an array"}


@dataclass(frozen=True)
class Verdict:
    """`missing` and `wrong` make a request refused, `unknown` fields are ignored by the vendor."""

    missing: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not (self.missing or self.wrong or self.unknown)


def judge(method: str, path: str, body: Any) -> Verdict | None:
    """None for a request that has no body to speak of. `body` is in the newer vocabulary."""
    name = _request(method, path)
    return _judged(_validator("requests", name), body) if name else None


def judge_message(message: Any) -> Verdict:
    """An app-message that a client sends into a call. The vendor passes over what it does not understand."""
    kind = message.get("event_type") if isinstance(message, dict) else None
    if kind not in _whole()["messages"]:
        return Verdict(unknown=(f"event_type {kind}",))
    return _judged(_validator("messages", kind), message)


def _judged(validator: Draft202012Validator, body: Any) -> Verdict:
    missing: list[str] = []
    wrong: list[str] = []
    unknown: list[str] = []
    for error in validator.iter_errors(body):
        where = ".".join(map(str, error.absolute_path))
        match error.validator:
            case "required":
                missing.append(error.message)
            case "additionalProperties":
                unknown += [".".join(part for part in (where, each) if part) for each in _surplus(error)]
            case "type" if str(error.validator_value) in _IN_WORDS:
                wrong.append(f"{where} must be {_IN_WORDS[str(error.validator_value)]}")
            case _:
                wrong.append(f"{where or 'body'}: {error.message[:120]}")
    return Verdict(tuple(missing), tuple(wrong), tuple(sorted(unknown)))


def _surplus(error: ValidationError) -> Iterator[str]:
    assert isinstance(error.instance, dict)
    assert isinstance(error.schema, dict)
    yield from (name for name in error.instance if name not in error.schema.get("properties", {}))


@cache
def _whole() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return schema


@cache
def _validator(table: str, name: str) -> Draft202012Validator:
    whole = _whole()
    return Draft202012Validator({"$defs": whole["$defs"], **whole[table][name]})


def _request(method: str, path: str) -> str | None:
    for name in _whole()["requests"]:
        verb, _, template = name.partition(" ")
        if verb == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
            return str(name)
    return None
