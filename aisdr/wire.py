"""How a record looks outside Python: camelCase JSON, immutable, unknown keys refused."""

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
        # What we send has every field, so a reader of the schema need not allow for its absence.
        json_schema_serialization_defaults_required=True,
    )
