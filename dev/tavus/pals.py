"""PALs (once: personas): prompt, layers and tools of a representative; one stock PAL is there from the start."""

import copy
from typing import Any

import jsonpatch
from jsonpointer import JsonPointerException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import Refusal, json_body, listed, new_id, object_body
from dev.tavus.clock import Clock, iso
from dev.tavus.config import Names
from dev.tavus.faces import DEFAULT_FACE, Faces
from dev.tavus.names import spoken, understood, understood_word
from dev.tavus.requests import judge

DEFAULT_PAL = "pcb7a34da5fe"
ECHO_PALS = ("pb87e71797da", "pipecat0", "pipecat-stream")  # the stock PALs that foreign clients fall back to
_FIELDS = """
pal_name system_prompt context pipeline_mode default_face_id document_ids document_tags objectives_id guardrails_id
guardrail_ids guardrail_tags languages greeting disclosure_type verbal_disclosure visual_disclosure layers
"""


class Pals:
    def __init__(self, names: Names, clock: Clock, faces: Faces) -> None:
        self.names, self.clock, self.faces = names, clock, faces
        now = clock.now()
        self.records = {
            DEFAULT_PAL: _stock(DEFAULT_PAL, "Sales representative (local stand-in)", now, _stock_tools()),
            **{name: _stock(name, "Echo (local stand-in)", now, []) | {"pipeline_mode": "echo"} for name in ECHO_PALS},
        }

    def routes(self) -> list[Route]:
        return [
            route
            for base in ("/v2/pals", "/v2/personas")
            for route in (
                Route(base, self.list, methods=["GET"]),
                Route(base, self.create, methods=["POST"]),
                Route(base + "/{id}", self.get, methods=["GET"]),
                Route(base + "/{id}", self.patch, methods=["PATCH"]),
                Route(base + "/{id}", self.delete, methods=["DELETE"]),
            )
        ]

    def resolve(self, pal_id: Any) -> dict[str, Any]:
        record = self.records.get(pal_id) if isinstance(pal_id, str) else None
        if record is None:
            raise Refusal.error(400, "Invalid persona_id")
        return record

    def forget(self) -> None:
        """All but the vendor's own."""
        self.records = {pal_id: pal for pal_id, pal in self.records.items() if pal["pal_type"] == "system"}

    def inline_tools(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        """The tools written into the LLM layer in the model vendors' function shape."""
        tools = ((record.get("layers") or {}).get("llm") or {}).get("tools") or []
        return [tool["function"] for tool in tools if isinstance(tool, dict) and isinstance(tool.get("function"), dict)]

    async def list(self, request: Request) -> Response:
        kind = request.query_params.get("pal_type") or request.query_params.get("persona_type")
        pals = [spoken(_shown(pal), self.names) for pal in self.records.values() if kind in (None, pal["pal_type"])]
        return listed(request, pals, first_page=1)

    async def create(self, request: Request) -> Response:
        body = await object_body(request)
        if "default_face_id" not in body and request.url.path.startswith("/v2/pals"):
            raise Refusal.error(400, "Invalid request: default_face_id is required")
        if body.get("default_face_id") is not None and body["default_face_id"] not in self.faces.records:
            raise Refusal.error(400, "Invalid replica_uuid")
        if body.get("pipeline_mode", "full") != "echo" and not body.get("system_prompt"):
            raise Refusal.error(400, "Invalid request: system_prompt is required")
        pal_id, now = new_id("p"), iso(self.clock.now())
        known = {key: body[key] for key in _FIELDS.split() if key in body}
        self.records[pal_id] = {
            "pal_id": pal_id,
            "pal_name": f"New PAL {pal_id}",
            "pipeline_mode": "full",
            "layers": {},
            **known,
            "pal_type": "user",
            "created_at": now,
            "updated_at": now,
        }
        record = self.records[pal_id]
        return JSONResponse(spoken({key: record[key] for key in ("pal_id", "pal_name", "created_at")}, self.names))

    async def get(self, request: Request) -> Response:
        return JSONResponse(spoken(_shown(self.resolve(request.path_params["id"])), self.names))

    async def patch(self, request: Request) -> Response:
        pal_id = request.path_params["id"]
        record = self.resolve(pal_id)
        changed = understood(patched(record, await json_body(request)))
        verdict = judge("POST", "/v2/pals", {name: changed[name] for name in _FIELDS.split() if name in changed})
        if verdict is not None and verdict.wrong:
            raise Refusal.error(400, "Invalid patch operation")
        if changed == record:
            return Response(status_code=304)
        self.records[pal_id] = changed | {"pal_id": pal_id, "updated_at": iso(self.clock.now())}
        return JSONResponse({"message": "Persona updated successfully"})

    async def delete(self, request: Request) -> Response:
        record = self.resolve(request.path_params["id"])
        if record["pal_type"] == "system":
            raise Refusal.error(400, "Invalid persona_id")  # stock PALs belong to the vendor
        del self.records[record["pal_id"]]
        return Response(status_code=204)


def patched(record: dict[str, Any], operations: Any) -> Any:
    """RFC 6902; the first word of a path may be in the old or the new vocabulary."""
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise Refusal.message(422, "Invalid JSON patch format")
    for operation in operations:
        for name in ("path", "from"):
            if isinstance(operation.get(name), str):
                operation[name] = "/".join(understood_word(word) for word in operation[name].split("/"))
    try:
        return jsonpatch.apply_patch(record, operations)
    except jsonpatch.InvalidJsonPatch as malformed:
        raise Refusal.message(422, "Invalid JSON patch format") from malformed
    except (jsonpatch.JsonPatchException, JsonPointerException) as inapplicable:
        raise Refusal.error(400, "Invalid patch operation") from inapplicable


def _shown(record: dict[str, Any]) -> dict[str, Any]:
    """A copy without the keys of other vendors that a PAL may carry."""
    shown = copy.deepcopy(record)
    for layer in (shown.get("layers") or {}).values():
        if isinstance(layer, dict) and layer.get("api_key"):
            layer["api_key"] = "********"
    return shown


def _stock(pal_id: str, name: str, now: float, tools: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "pal_id": pal_id,
        "pal_name": name,
        "pal_type": "system",
        "pipeline_mode": "full",
        "system_prompt": "You are a friendly sales representative. Look facts up before you state them.",
        "default_face_id": DEFAULT_FACE,
        "layers": {"llm": {"model": "tavus-gemma-4", "tools": tools}, "perception": {"perception_model": "off"}},
        "created_at": iso(now),
        "updated_at": iso(now),
    }


def _stock_tools() -> list[dict[str, Any]]:
    text = {"type": "string"}
    return [
        _function("search_knowledge", "Look up facts before stating them.", {"query": text}, ["query"]),
        _function("show_visual", "Show a picture or a slide.", {"query": text}, ["query"]),
        _function("get_demo_clip", "Find a demo clip.", {"query": text}, ["query"]),
        _function("create_meeting_link", "Offer a booking link.", {"name": text, "email": text}, []),
        _function("log_lead", "Note a visitor who wants to be contacted.", {"email": text, "name": text}, ["email"]),
    ]


def _function(name: str, description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}
