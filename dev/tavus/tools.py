"""The tool registry of an account, and which tools a PAL carries."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import Refusal, listed, new_id, object_body
from dev.tavus.clock import Clock, iso
from dev.tavus.pals import Pals

MOST_TOOLS_OF_A_PAL = 50
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_CHOICES = {
    "origin": ("llm", "vision", "audio"),
    "trigger_type": ("in_call", "post_call"),
    "on_call": ("generate_filler", "static_filler", "silent", "passthrough"),
    "on_resolve": ("fire_and_forget", "generate_response", "response_in_result", "add_to_context"),
}


class Tools:
    def __init__(self, clock: Clock, pals: Pals) -> None:
        self.clock, self.pals = clock, pals
        self.records: dict[str, dict[str, Any]] = {}
        self.attached: dict[str, list[str]] = {}

    def routes(self) -> list[Route]:
        own = [
            Route("/v2/tools", self.list, methods=["GET"]),
            Route("/v2/tools", self.create, methods=["POST"]),
            Route("/v2/tools/{id}", self.get, methods=["GET"]),
            Route("/v2/tools/{id}", self.patch, methods=["PATCH"]),
            Route("/v2/tools/{id}", self.delete, methods=["DELETE"]),
        ]
        return own + [
            route
            for base in ("/v2/pals/{id}/tools", "/v2/personas/{id}/tools")
            for route in (
                Route(base, self.of_pal, methods=["GET"]),
                Route(base, self.attach, methods=["POST"]),
                Route(base + "/{tool_id}", self.detach, methods=["DELETE"]),
            )
        ]

    def carried_by(self, pal_id: str) -> list[dict[str, Any]]:
        return [self.records[tool_id] for tool_id in self.attached.get(pal_id, []) if tool_id in self.records]

    def resolve(self, tool_id: Any) -> dict[str, Any]:
        record = self.records.get(tool_id) if isinstance(tool_id, str) else None
        if record is None:
            raise Refusal.error(400, "Invalid tool_id")
        return record

    async def list(self, request: Request) -> Response:
        wanted = request.query_params.get("name_or_uuid", "").lower()
        tools = [
            shown(tool) for tool in self.records.values() if wanted in tool["name"].lower() or wanted == tool["tool_id"]
        ]
        return listed(request, tools, first_page=1)

    async def create(self, request: Request) -> Response:
        body = await object_body(request)
        tool = _checked({"origin": "llm", "trigger_type": "in_call"} | body)
        self._require_free_name(tool["name"])
        now = iso(self.clock.now())
        tool |= {"tool_id": new_id("t"), "created_at": now, "updated_at": now}
        self.records[tool["tool_id"]] = tool
        return JSONResponse(shown(tool))

    async def get(self, request: Request) -> Response:
        return JSONResponse(shown(self.resolve(request.path_params["id"])))

    async def patch(self, request: Request) -> Response:
        tool = self.resolve(request.path_params["id"])
        changed = _checked(tool | await object_body(request))
        self._require_free_name(changed["name"], but=tool["tool_id"])
        changed |= {"tool_id": tool["tool_id"], "updated_at": iso(self.clock.now())}
        self.records[tool["tool_id"]] = changed
        return JSONResponse(shown(changed))

    async def delete(self, request: Request) -> Response:
        del self.records[self.resolve(request.path_params["id"])["tool_id"]]
        return Response(status_code=204)

    async def of_pal(self, request: Request) -> Response:
        tools = self.carried_by(self.pals.resolve(request.path_params["id"])["pal_id"])
        if request.query_params.get("verbose") == "true":  # a bare array, as the vendor's own app reads it
            return JSONResponse(
                [{name: tool[name] for name in ("name", "description", "parameters")} for tool in tools]
            )
        return listed(request, [shown(tool) for tool in tools], first_page=1)

    async def attach(self, request: Request) -> Response:
        pal_id = self.pals.resolve(request.path_params["id"])["pal_id"]
        tool_ids = (await object_body(request)).get("tool_ids")
        if not isinstance(tool_ids, list) or not tool_ids:
            raise Refusal.error(400, "Invalid request: tool_ids is required")
        for tool_id in tool_ids:
            self.resolve(tool_id)
        carried = list(dict.fromkeys([*self.attached.get(pal_id, []), *tool_ids]))
        if len(carried) > MOST_TOOLS_OF_A_PAL:
            raise Refusal.error(400, f"A PAL carries at most {MOST_TOOLS_OF_A_PAL} tools")
        self.attached[pal_id] = carried
        return JSONResponse({"tool_ids": carried})

    async def detach(self, request: Request) -> Response:
        carried = self.attached.get(self.pals.resolve(request.path_params["id"])["pal_id"], [])
        if request.path_params["tool_id"] not in carried:
            raise Refusal.error(400, "Invalid tool_id")
        carried.remove(request.path_params["tool_id"])
        return Response(status_code=204)

    def _require_free_name(self, name: str, but: str = "") -> None:
        if any(tool["name"] == name and tool["tool_id"] != but for tool in self.records.values()):
            raise Refusal.error(409, f"A tool named {name} already exists")


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    """The vendor's rules; it publishes them without the words of its refusals, so these are ours."""
    defaults = {"description": "", "parameters": {"type": "object", "properties": {}}, "tags": []}
    tool = defaults | {"on_call": "generate_filler", "on_resolve": "fire_and_forget"} | body
    tool.setdefault("delivery", {"app_message": True})
    if not isinstance(tool.get("name"), str) or not _NAME.fullmatch(tool["name"]):
        raise Refusal.error(400, "Invalid request: name must match ^[a-zA-Z_][a-zA-Z0-9_]{0,63}$")
    for field, allowed in _CHOICES.items():
        if tool[field] not in allowed:
            raise Refusal.error(400, f"Invalid request: {field} must be one of {', '.join(allowed)}")
    parameters = tool["parameters"]
    if not isinstance(parameters, dict) or parameters.get("type") != "object":
        raise Refusal.error(400, "Invalid request: parameters must be a JSON Schema object")
    if any(name.startswith("tavus_") for name in parameters.get("properties", {})):
        raise Refusal.error(400, "Invalid request: parameter names starting with tavus_ are reserved")
    if tool["on_call"] == "static_filler" and not tool.get("static_filler"):
        raise Refusal.error(400, "Invalid request: static_filler is required")
    delivery = tool["delivery"]
    if not isinstance(delivery, dict) or bool(delivery.get("app_message")) == ("api" in delivery):
        raise Refusal.error(400, "Invalid request: delivery must be either app_message or api")
    return tool


def shown(tool: dict[str, Any]) -> dict[str, Any]:
    api = tool["delivery"].get("api")
    if not api or "auth" not in api:
        return tool
    auth = {name: value if name == "type" else "********" for name, value in api["auth"].items()}
    return tool | {"delivery": tool["delivery"] | {"api": api | {"auth": auth}}}
