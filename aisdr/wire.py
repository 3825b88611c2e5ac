"""How a record looks outside Python: camelCase JSON, immutable, unknown keys refused."""

from datetime import UTC, datetime

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

    model_config = ConfigDict(defer_build=False)


def iso_time(seconds: float) -> str:
    """An instant as others read it: ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
