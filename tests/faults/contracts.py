"""Whether somebody who was built for an older version of the doors gets on with the present one."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
OLDER = Path(__file__).parents[1] / "data" / "contract"
PRESENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def older_contracts() -> dict[str, Json]:
    return {path.name: json.loads(gzip.decompress(path.read_bytes())) for path in sorted(OLDER.glob("*.json.gz"))}


def present_contract() -> Json:
    contract: Json = json.loads(PRESENT.read_text())
    return contract


def broken(older: Json, newer: Json) -> Iterator[str]:
    """What the older one could do and does not get on with any more, a line each."""
    for path, verbs in older["paths"].items():
        for verb, operation in verbs.items():
            present = newer["paths"].get(path, {}).get(verb)
            if present is None:
                yield f"{verb} {path} is gone"
                continue
            yield from _parameters(f"{verb} {path}", operation, present)
            yield from _request(f"{verb} {path}", _Schemas(older), _Schemas(newer), operation, present)
            yield from _answers(f"{verb} {path}", _Schemas(older), _Schemas(newer), operation, present)


def _parameters(where: str, older: Json, newer: Json) -> Iterator[str]:
    known = {(each["in"], each["name"].lower()): each for each in older.get("parameters", [])}
    for each in newer.get("parameters", []):
        before = known.get((each["in"], each["name"].lower()))
        if each.get("required") and not (before or {}).get("required") and each["in"] != "header":
            yield f"{where} wants '{each['name']}'"


def _request(where: str, before: "_Schemas", now: "_Schemas", older: Json, newer: Json) -> Iterator[str]:
    """What was sent is still taken: nothing more is required, nothing that was known is unknown."""
    sent, taken = before.body(older), now.body(newer)
    if sent is None or taken is None:
        return
    for name in sorted(set(taken.get("required", [])) - set(sent.get("required", []))):
        yield f"{where} wants the field '{name}'"
    for name in sorted(set(sent.get("properties", {})) - set(taken.get("properties", {}))):
        if taken.get("additionalProperties") is False:
            yield f"{where} does not know the field '{name}' any more"


def _answers(where: str, before: "_Schemas", now: "_Schemas", older: Json, newer: Json) -> Iterator[str]:
    """What was read is still answered."""
    for status in (each for each in older["responses"] if each.startswith("2")):
        if status not in newer["responses"]:
            yield f"{where} does not answer {status} any more"
            continue
        read, told = before.answer(older, status), now.answer(newer, status)
        for name in sorted(set((read or {}).get("properties", {})) - set((told or {}).get("properties", {}))):
            yield f"{where} does not tell '{name}' any more"


class _Schemas:
    """One document's own."""

    def __init__(self, contract: Json) -> None:
        self._named = contract["components"]["schemas"]

    def body(self, operation: Json) -> Json | None:
        return self._schema(operation.get("requestBody", {}))

    def answer(self, operation: Json, status: str) -> Json | None:
        return self._schema(operation["responses"][status])

    def _schema(self, holder: Json) -> Json | None:
        schema = holder.get("content", {}).get("application/json", {}).get("schema")
        if schema and "$ref" in schema:
            named: Json = self._named[schema["$ref"].rpartition("/")[2]]
            return named
        return schema if isinstance(schema, dict) else None
