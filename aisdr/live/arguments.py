"""A tool call as vendors deliver it: arguments are JSON text, or an object, or neither."""

from typing import Any

from aisdr.events import ToolCall
from aisdr.strict_json import MalformedJson, read_json


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
