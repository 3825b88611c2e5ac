"""Faces (once: replicas): the stock ones, which is all a sales representative needs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.tavus.answers import Refusal, listed, object_body
from dev.tavus.clock import Clock, iso
from dev.tavus.config import Names
from dev.tavus.names import spoken

STOCK_FACES = {"r90bbd427f71": "Anna", "r4067604db72": "Lucy - Home"}
DEFAULT_FACE = "r90bbd427f71"
_BORN = 1_767_225_600.0  # the first of January 2026


class Faces:
    def __init__(self, names: Names, clock: Clock) -> None:
        self.names, self.clock = names, clock
        self.records = {face_id: _face(face_id, name) for face_id, name in STOCK_FACES.items()}

    def routes(self) -> list[Route]:
        return [
            route
            for base in ("/v2/faces", "/v2/replicas")
            for route in (
                Route(base, self.list, methods=["GET"]),
                Route(base, self.create, methods=["POST"]),
                Route(base + "/{id}", self.get, methods=["GET"]),
                Route(base + "/{id}", self.delete, methods=["DELETE"]),
                Route(base + "/{id}/name", self.rename, methods=["PATCH"]),
            )
        ]

    def resolve(self, face_id: Any) -> dict[str, Any]:
        record = self.records.get(face_id) if isinstance(face_id, str) else None
        if record is None:
            raise Refusal.error(400, "Invalid replica_id")
        return record

    async def list(self, request: Request) -> Response:
        query = request.query_params
        kind = query.get("face_type") or query.get("replica_type")
        wanted = query.get("face_ids") or query.get("replica_ids")
        faces = [
            self._said(record, request)
            for record in self.records.values()
            if kind in (None, record["face_type"])
            and (not wanted or record["face_id"] in wanted.split(","))
            and query.get("model_name") in (None, record["model_name"])
        ]
        return listed(request, faces, first_page=1)

    async def create(self, request: Request) -> Response:
        body = await object_body(request)
        if not body.get("train_video_url") and not body.get("train_image_url"):
            raise Refusal.error(400, "Either train_video_url or train_image_url must be provided.")
        # Training takes the vendor hours and us a camera crew: the look-alike has no second face to give.
        raise Refusal.error(400, "The look-alike trains no faces; use a stock face such as " + DEFAULT_FACE)

    async def get(self, request: Request) -> Response:
        return JSONResponse(self._said(self.resolve(request.path_params["id"]), request))

    async def delete(self, request: Request) -> Response:
        self.resolve(request.path_params["id"])
        raise Refusal.error(400, "Invalid replica_id")  # stock faces belong to the vendor

    async def rename(self, request: Request) -> Response:
        record = self.resolve(request.path_params["id"])
        name = (await object_body(request)).get("face_name")
        if not isinstance(name, str):
            raise Refusal.error(400, "Invalid request: replica_name must be a string")
        record["face_name"], record["updated_at"] = name, iso(self.clock.now())
        return Response(status_code=204)

    def _said(self, record: dict[str, Any], request: Request) -> dict[str, Any]:
        quiet = {"face_type"} if request.query_params.get("verbose") != "true" else set()
        return spoken({key: value for key, value in record.items() if key not in quiet}, self.names)


def _face(face_id: str, name: str) -> dict[str, Any]:
    return {
        "face_id": face_id,
        "face_name": name,
        "thumbnail_video_url": "",
        "thumbnail_image_url": "",
        "training_progress": "100/100",
        "status": "completed",
        "created_at": iso(_BORN),
        "updated_at": iso(_BORN),
        "error_message": None,
        "face_type": "system",
        "model_name": "phoenix-4.5",
        "available_for_plan": True,
    }
