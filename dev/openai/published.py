"""Checks what a client sends against the types the vendor publishes with its Python client, as the server would.

The client passes on whatever it is given; the server does not: a name that the published types do not hold is refused.
"""

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Required, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict

from dev.openai.refusals import OpenAIError, wrong

# Their descriptions say that null turns them off; the types forgot it.
_NULLABLE = ("noise_reduction", "transcription")
_CALLED: dict[type, str] = {str: "a string", bool: "a boolean", int: "an integer", float: "a decimal"}


def check(value: Any, published: Any, where: str) -> None:
    """Raises: OpenAIError, with the full name of the parameter."""
    if published is Any or published is object:
        return
    origin = get_origin(published)
    if origin in (Union, types.UnionType):
        _check_union(value, get_args(published), where)
    elif origin is Literal:
        if value not in get_args(published):
            raise _not_among(value, get_args(published), where)
    elif is_typeddict(published):
        _check_object(value, published, where)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        _expect(isinstance(value, dict), "an object", where)
    elif origin is not None:  # List, Sequence and Iterable: on the wire each is an array
        _expect(isinstance(value, list), "an array", where)
        for at, member in enumerate(value):
            check(member, get_args(published)[0], f"{where}[{at}]")
    elif published is type(None):
        _expect(value is None, "null", where)
    elif published is float:
        _expect(isinstance(value, int | float) and not isinstance(value, bool), _CALLED[float], where)
    else:
        _expect(isinstance(value, published) and (published is bool or not isinstance(value, bool)), published, where)


@cache
def _fields(published: Any) -> dict[str, Any]:
    return get_type_hints(published, include_extras=True)


def _check_object(value: Any, published: Any, where: str) -> None:
    _expect(isinstance(value, dict), "an object", where)
    fields = _fields(published)
    for name in value:
        if name not in fields:
            param = _inside(where, name)
            raise wrong(param, f"Unknown parameter: '{param}'.", "unknown_parameter")
    for name, kind in fields.items():
        required = get_origin(kind) is Required
        param = _inside(where, name)
        if name not in value:
            if required:
                raise wrong(param, f"Missing required parameter: '{param}'.", "missing_required_parameter")
        elif not (value[name] is None and name in _NULLABLE):
            check(value[name], get_args(kind)[0] if required else kind, param)


def _check_union(value: Any, members: tuple[Any, ...], where: str) -> None:
    """An object is meant to be the member that says so in its `type` (and `role`); its own mistake is then reported."""
    if isinstance(value, dict):
        objects = [member for member in members if is_typeddict(member)]
        for name in ("type", "role"):
            named = [member for member in objects if value.get(name) in _words(member, name)]
            words = tuple(word for member in objects for word in _words(member, name))
            if words and not named:
                raise _not_among(value.get(name), words, _inside(where, name))
            objects = named or objects
        if objects:
            return check(value, objects[0], where)
    problems: list[OpenAIError] = []
    for member in members:
        try:
            return check(value, member, where)
        except OpenAIError as problem:
            problems.append(problem)
    raise next((problem for problem in problems if problem.error["code"] == "invalid_value"), problems[0])


def _words(published: Any, name: str) -> tuple[Any, ...]:
    kind = _fields(published).get(name)
    if get_origin(kind) is Required:
        kind = get_args(kind)[0]
    return get_args(kind) if get_origin(kind) is Literal else ()


def _not_among(value: Any, words: tuple[Any, ...], where: str) -> OpenAIError:
    if value is None:
        return wrong(where, f"Missing required parameter: '{where}'.", "missing_required_parameter")
    supported = ", ".join(f"'{word}'" for word in words)
    return wrong(where, f"Invalid value: '{value}'. Supported values are: {supported}.", "invalid_value")


def _expect(fits: bool, expected: str | type, where: str) -> None:
    if not fits:
        called = _CALLED.get(expected, expected.__name__) if isinstance(expected, type) else expected
        raise wrong(where, f"Invalid type for '{where}': expected {called}.", "invalid_type")


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
