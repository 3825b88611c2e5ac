"""Guardrails: single rules in the form of May 2026, which PALs carry by their ids. Nothing here watches over them."""

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import Refusal, json_body, listed, object_body
from dev.tavus.clock import Clock, iso
from dev.tavus.pals import patched

_DEFAULTS = {"modality": "verbal", "callback_url": "", "tags": [], "app_message": True}


class Guardrails:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.records: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/v2/guardrails", self.list, methods=["GET"]),
            Route("/v2/guardrails", self.create, methods=["POST"]),
            Route("/v2/guardrails/tags", self.tags, methods=["GET"]),
            Route("/v2/guardrails/{id}", self.get, methods=["GET"]),
            Route("/v2/guardrails/{id}", self.patch, methods=["PATCH"]),
            Route("/v2/guardrails/{id}", self.delete, methods=["DELETE"]),
        ]

    async def list(self, request: Request) -> Response:
        tags = {tag for tag in request.query_params.get("tags", "").split(",") if tag}
        found = [each for each in self.records.values() if not tags or tags & set(each["tags"])]
        return listed(request, found, first_page=0)

    async def create(self, request: Request) -> Response:
        body = await object_body(request)
        for field in ("guardrail_name", "guardrail_prompt"):
            if not body.get(field):
                raise Refusal.message(400, f"{field} is required")
        now = iso(self.clock.now())
        known = {name: body[name] for name in ("guardrail_name", "guardrail_prompt", *_DEFAULTS) if name in body}
        record = {"uuid": str(uuid.uuid4()), **_DEFAULTS, **known, "created_at": now, "updated_at": now}
        self.records[record["uuid"]] = record
        return JSONResponse(record)

    async def tags(self, _request: Request) -> Response:
        return JSONResponse({"data": sorted({tag for each in self.records.values() for tag in each["tags"]})})

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._resolve(request))

    async def patch(self, request: Request) -> Response:
        record = self._resolve(request)
        changed = patched(record, await json_body(request))
        if changed == record:
            return Response(status_code=304)
        self.records[record["uuid"]] = changed | {"uuid": record["uuid"], "updated_at": iso(self.clock.now())}
        return JSONResponse({"message": "Guardrails updated successfully"})

    async def delete(self, request: Request) -> Response:
        del self.records[self._resolve(request)["uuid"]]
        return Response(status_code=204)

    def _resolve(self, request: Request) -> dict[str, Any]:
        record = self.records.get(request.path_params["id"])
        if record is None:
            raise Refusal.error(404, "Guardrails not found")
        return record
