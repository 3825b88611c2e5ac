"""`python -m scripts.contract`: writes docs/openapi.json and widget/src/contract.ts from the Python models.

With `--check` nothing is written and the exit code says whether both are true.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from aisdr import relay
from functions import FUNCTIONS

ROOT = Path(__file__).parent.parent
OPENAPI = ROOT / "docs" / "openapi.json"
TYPES = ROOT / "widget" / "src" / "contract.ts"
GENERATOR = ROOT / "widget" / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
FRAMES = (
    relay.Hello,
    relay.Ping,
    relay.Ask,
    relay.RawEvent,
    relay.ReadyFrame,
    relay.PongFrame,
    relay.DeltaFrame,
    relay.ShowFrame,
    relay.DoneFrame,
    relay.ErrorFrame,
    relay.SendFrame,
    relay.EndFrame,
)


def openapi() -> dict[str, Any]:
    """One document for all HTTP functions; the relay's frames stand among its schemas."""
    routes: list[BaseRoute] = []
    for function in FUNCTIONS:
        module = import_module(f"functions.{function.name}.handler")
        routes += module.app.routes if hasattr(module, "app") else []
    document = get_openapi(
        title="AI SDR",
        version="1",
        description="The HTTP doors. Errors have one shape everywhere. The relay's WebSocket frames are listed under schemas.",
        routes=routes,
    )
    _, frames = models_json_schema(
        [(frame, "serialization") for frame in FRAMES], ref_template="#/components/schemas/{model}", by_alias=True
    )
    document["components"]["schemas"] = dict(sorted((frames["$defs"] | document["components"]["schemas"]).items()))
    return document


def main() -> int:
    text = json.dumps(openapi(), indent=2, ensure_ascii=False) + "\n"
    if "--check" in sys.argv[1:]:
        if OPENAPI.read_text(encoding="utf-8") != text:
            print("docs/openapi.json is not what the code says; run: make contract", file=sys.stderr)
            return 1
        return 0
    OPENAPI.write_text(text, encoding="utf-8")
    print(f"wrote {OPENAPI.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
