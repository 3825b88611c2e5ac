"""How a record looks outside Python: camelCase JSON, immutable, unknown keys refused."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Wire(BaseModel):
    """Base of every record that crosses a border."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        serialize_by_alias=True,
        allow_inf_nan=False,  # JSON and DynamoDB know neither
        hide_input_in_errors=True,  # it may be a secret, or what a visitor said
        defer_build=True,  # a function meets few of the records that it knows, and each takes a part of its start
        # What we send has every field, so a reader of the schema need not allow for its absence.
        json_schema_serialization_defaults_required=True,
    )


class Body(Wire):
    """What a request brings. A function that takes it checks every one, so it is ready from the start."""

    model_config = ConfigDict(
        defer_build=False,
        strict=True,  # "8" is no number and 1 is not yes: what our document of the doors forbids is refused by them
    )


FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
"""What looks like the name of a field: no number, no address, no sentence."""
MOST_PROBLEMS = 5


def problems(errors: Iterable[Mapping[str, Any]], whole: str = "body") -> str:
    """What pydantic found, field by field, without a word of the input; `whole` names what is wrong as such.

    The name of an unknown field is input as well: it is told as long as it looks like a name.
    """
    return "; ".join(f"'{_place(each['loc']) or whole}': {_rule(each)}" for each in list(errors)[:MOST_PROBLEMS])


def _place(loc: Iterable[str | int]) -> str:
    parts = [part for part in loc if part != "body"]
    return ".".join(str(part) if isinstance(part, int) or FIELD.fullmatch(part) else "?" for part in parts)


def _rule(error: Mapping[str, Any]) -> str:
    if error["type"] == "union_tag_invalid":
        # The one message of pydantic's that repeats what came.
        return f"{error['ctx']['discriminator']} should be one of {error['ctx']['expected_tags']}"
    return str(error["msg"]).removeprefix("Value error, ").lower()


def iso_time(seconds: float) -> str:
    """An instant as others read it: ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
