"""Items in DynamoDB's form and in ours."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = dict[str, Any]


def encode(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _attribute(value) for key, value in item.items()}


def decode(item: Mapping[str, Any]) -> Item:
    return {key: _value(attribute) for key, attribute in item.items()}


def _attribute(value: Any) -> dict[str, Any]:
    """As DynamoDB writes it down. What JSON has: sets and bytes are not used.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            if not math.isfinite(value):
                raise ValueError(f"{value} is no number that DynamoDB knows")
            return {"N": str(value)}
        case Mapping():
            return {"M": encode(value)}
        case list() | tuple():
            return {"L": [_attribute(inner) for inner in value]}
        case _:
            raise TypeError(f"A {type(value).__name__} cannot be stored")


def _value(attribute: Mapping[str, Any]) -> Any:
    [(kind, value)] = attribute.items()
    match kind:
        case "N":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else float(number)
        case "NULL":
            return None
        case "M":
            return decode(value)
        case "L":
            return [_value(inner) for inner in value]
        case _:
            return value
