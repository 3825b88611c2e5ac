"""API Gateway's `@connections` address with a letter box behind it: what an unmodified SDK posts is kept."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.serve import serving


class Postbox:
    """Every connection is open unless it is `gone`."""

    def __init__(self) -> None:
        self.url = ""
        self.gone: set[str] = set()
        self._received: dict[str, list[dict[str, Any]]] = {}

    def frames(self, connection_id: str = "c1") -> list[dict[str, Any]]:
        """What was posted to a connection since the last look, oldest first."""
        return self._received.pop(connection_id, [])

    def empty(self) -> None:
        """Nobody is gone and nothing has come yet."""
        self.gone.clear()
        self._received.clear()

    async def post(self, request: Request) -> Response:
        connection_id = request.path_params["connection_id"]
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return JSONResponse({"message": "Forbidden"}, 403, {"x-amzn-errortype": "ForbiddenException"})
        if connection_id in self.gone:
            return JSONResponse({"message": "410"}, 410, {"x-amzn-errortype": "GoneException"})
        self._received.setdefault(connection_id, []).append(json.loads(await request.body()))
        return Response()


@contextmanager
def open_postbox() -> Iterator[Postbox]:
    box = Postbox()
    app = Starlette(routes=[Route("/@connections/{connection_id}", box.post, methods=["POST"])])
    with serving(app) as url:
        box.url = url
        yield box
