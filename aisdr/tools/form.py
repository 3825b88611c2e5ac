"""One model of arguments, seen from both sides: as JSON Schema by whoever calls a tool, as a form by the visitor."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from aisdr.answer import FormField
from aisdr.wire import problems


@dataclass(frozen=True)
class Shown:
    """How an argument looks on the visitor's screen; written into its annotation."""

    label: str
    kind: Literal["text", "email", "tel", "multiline"] = "text"


def schema_of(arguments: type[BaseModel]) -> dict[str, Any]:
    """A JSON Schema that every brain takes: one level, one type a property, no references.

    "May be null" is left out: to leave a property away says the same, and some vendors refuse `anyOf`.
    """
    schema: dict[str, Any] = json.loads(_schema_text(arguments))
    return schema


@lru_cache(maxsize=512)
def _schema_text(arguments: type[BaseModel]) -> str:
    """Remembered, because every turn of every conversation needs all of them; as text, because nobody can change it."""
    schema = arguments.model_json_schema()
    plain = {
        "type": "object",
        "properties": {name: _plain(field) for name, field in schema.get("properties", {}).items()},
        "required": schema.get("required", []),
        "additionalProperties": False,
    }
    return json.dumps(plain)


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    types = field.pop("anyOf", [])
    field |= next((each for each in types if each.get("type") != "null"), {})
    field.pop("title", None)
    if "const" in field:
        field["enum"] = [field.pop("const")]
    if field.get("default", ...) is None:
        del field["default"]
    return field


def form_of(arguments: BaseModel) -> tuple[FormField, ...]:
    """Every argument with the value it has now; what nobody said yet is empty and may be filled in."""
    values = arguments.model_dump(mode="json", by_alias=True)
    return tuple(
        _field(field, field.alias or name, values[field.alias or name])
        for name, field in type(arguments).model_fields.items()
    )


def _field(field: FieldInfo, name: str, value: Any) -> FormField:
    shown = next((each for each in reversed(field.metadata) if isinstance(each, Shown)), Shown(name))
    return FormField(name=name, label=shown.label, value=_words(value), kind=shown.kind, required=field.is_required())


def _words(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def filled_in(arguments: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Stored arguments with what the visitor corrected; an emptied field counts as not said."""
    corrected = dict(arguments) | {name: value.strip() for name, value in values.items()}
    return {name: value for name, value in corrected.items() if value != ""}


def explain(name: str, error: ValidationError) -> str:
    """Names fields and rules, never the values: those are what a visitor said."""
    return f"The arguments of '{name}' do not fit: {problems(error.errors(include_input=False), name)}"
