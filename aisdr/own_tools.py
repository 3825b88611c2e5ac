"""Tools of a company's own, as it writes them down: an address of its own, and what is posted there."""

from typing import Literal, Self

from pydantic import Field, model_validator

from aisdr.wire import Wire
from aisdr.written import PrivateAddress, PropertyName, WebhookSecret


class ToolProperty(Wire):
    """One argument of a company's own tool: the part of JSON Schema that every brain and a visitor's form can carry."""

    type: Literal["string", "number", "integer", "boolean"]
    description: str = Field("", max_length=500)
    title: str = Field("", max_length=80)
    """What the visitor reads beside the value."""
    enum: tuple[str | int | float, ...] | None = Field(None, min_length=1, max_length=50)
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = Field(None, ge=0)
    max_length: int | None = Field(None, ge=1, le=4000)

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        limits = {
            "minimum/maximum": (self.minimum, self.maximum, ("number", "integer")),
            "minLength/maxLength": (self.min_length, self.max_length, ("string",)),
        }
        for words, (low, high, types) in limits.items():
            if (low, high) != (None, None) and self.type not in types:
                raise ValueError(f"write {words} only for the type {' or '.join(types)}")
            if low is not None and high is not None and low > high:
                raise ValueError(f"write {words} so that the first is not above the second")
        kinds = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": ()}[self.type]
        if any(not isinstance(value, kinds) for value in self.enum or ()):
            raise ValueError(f"write an enum only with values of the type {self.type}, and none for boolean")
        return self


class ToolParameters(Wire):
    """A JSON Schema object, one level deep; other keys are always refused."""

    type: Literal["object"] = "object"
    properties: dict[PropertyName, ToolProperty] = Field(default_factory=dict, max_length=20)
    required: tuple[str, ...] = ()
    additional_properties: Literal[False] = False

    @model_validator(mode="after")
    def _requires_what_is_there(self) -> Self:
        strangers = set(self.required) - self.properties.keys()
        if strangers:
            raise ValueError(f"write only names of properties into 'required'; unknown: {', '.join(sorted(strangers))}")
        return self


class HttpTool(Wire):
    """A tool of the company's own: we post the arguments to `url` and hand the answer to the model."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{2,47}$")
    title: str = Field("", max_length=80)
    """What the visitor reads above the values that are to be confirmed."""
    description: str = Field(min_length=10, max_length=1000)
    parameters: ToolParameters
    """JSON Schema of the arguments."""
    url: PrivateAddress
    secret: WebhookSecret
    timeout_seconds: float = Field(5, ge=0.5, le=15)
    max_bytes: int = Field(16_384, ge=256, le=65_536)
    writes: bool = True
    """Whether it leaves something behind; then the visitor confirms the values first."""
