"""A small server that writes down what is posted to it, for tests that wait for webhooks and tool calls."""

import json
import queue
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATIENCE_SECONDS = 20


class Receiver:
    """Serve `app`, then take what came, in order."""

    def __init__(self, *answers: int) -> None:
        self.app = Starlette(routes=[Route("/{path:path}", self._post, methods=["POST"])])
        self._answers = list(answers)  # statuses of the first answers; 200 after that
        self._received: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()

    def take(self) -> tuple[dict[str, str], bytes]:
        return self._received.get(timeout=PATIENCE_SECONDS)

    def take_json(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.take()[1])
        return body

    def take_event(self, event_type: str) -> dict[str, Any]:
        """The next webhook of this type; others before it are put aside."""
        while (body := self.take_json())["event_type"] != event_type:
            pass
        return body

    @property
    def empty(self) -> bool:
        return self._received.empty()

    async def _post(self, request: Request) -> Response:
        self._received.put((dict(request.headers), await request.body()))
        status = self._answers.pop(0) if self._answers else 200
        return JSONResponse({"say": "done"}, status_code=status)
