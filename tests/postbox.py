"""API Gateway's `@connections` address with a letter box behind it: what an unmodified SDK posts is kept."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.gateway.connections import MESSAGE_BYTES
from dev.serve import serving


class Postbox:
    """Every connection is open unless it is `gone`, and takes what it is given unless it is `full` or `broken`."""

    def __init__(self) -> None:
        self.url = ""
        self.gone: set[str] = set()
        self.full: set[str] = set()
        self.broken: set[str] = set()
        self.crowded: dict[str, int] = {}
        """How many of the next posts to a connection are refused for the rate they come at."""
        self.attempts: Counter[str] = Counter()
        self._received: dict[str, list[dict[str, Any]]] = {}
        self._came = threading.Condition()

    def frames(self, connection_id: str = "c1") -> list[dict[str, Any]]:
        """What was posted to a connection since the last look, oldest first."""
        return self._received.pop(connection_id, [])

    def wait_for(self, connection_id: str, seconds: float) -> None:
        """Until something has come to a connection; it stays there."""
        with self._came:
            assert self._came.wait_for(lambda: self._received.get(connection_id), seconds), (
                f"nothing for {connection_id}"
            )

    def empty(self) -> None:
        """Nobody is gone and nothing has come yet."""
        self.gone.clear()
        self.full.clear()
        self.broken.clear()
        self.crowded.clear()
        self.attempts.clear()
        self._received.clear()

    async def post(self, request: Request) -> Response:
        connection_id = request.path_params["connection_id"]
        if not request.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return JSONResponse({"message": "Forbidden"}, 403, {"x-amzn-errortype": "ForbiddenException"})
        self.attempts[connection_id] += request.method == "POST"
        if connection_id in self.broken:
            return JSONResponse({"message": "500"}, 500, {"x-amzn-errortype": "InternalServerException"})
        if connection_id in self.gone:
            return JSONResponse({"message": "410"}, 410, {"x-amzn-errortype": "GoneException"})
        if request.method == "DELETE":
            self.gone.add(connection_id)
            return Response(status_code=204)
        if self.crowded.get(connection_id, 0) > 0:
            self.crowded[connection_id] -= 1
            return JSONResponse({"message": "429"}, 429, {"x-amzn-errortype": "LimitExceededException"})
        if connection_id in self.full:
            return JSONResponse({"message": "429"}, 429, {"x-amzn-errortype": "LimitExceededException"})
        body = await request.body()
        if len(body) > MESSAGE_BYTES:
            return JSONResponse({"message": "413"}, 413, {"x-amzn-errortype": "PayloadTooLargeException"})
        frame = json.loads(body)
        with self._came:
            self._received.setdefault(connection_id, []).append(frame)
            self._came.notify_all()
        return Response()


@contextmanager
def open_postbox() -> Iterator[Postbox]:
    box = Postbox()
    app = Starlette(routes=[Route("/@connections/{connection_id}", box.post, methods=["POST", "DELETE"])])
    with serving(app) as url:
        box.url = url
        yield box
