"""What vendors deliver, where anything may stand: an object, or the arguments of a tool call as JSON text or object."""

from collections.abc import Mapping
from typing import Any

from aisdr.events import ToolCall
from aisdr.strict_json import MalformedJson, read_json


def as_object(value: Any) -> Mapping[str, Any]:
    """What stands where an object belongs: events come through a browser, which may send anything."""
    return value if isinstance(value, Mapping) else {}


def tool_call(call_id: str, name: str, arguments: Any) -> ToolCall:
    """Arguments that cannot be read are told, so that the model hears about it and tries again."""
    malformed = None
    if isinstance(arguments, str):
        try:
            arguments = read_json(arguments or "{}")
        except MalformedJson:
            malformed = "the arguments are not valid JSON"
    if not isinstance(arguments, dict):
        malformed, arguments = malformed or "the arguments are not a JSON object", {}
    return ToolCall(call_id, name, arguments, malformed)
